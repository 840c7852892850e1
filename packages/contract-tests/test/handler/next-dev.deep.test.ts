import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler("in next dev");
