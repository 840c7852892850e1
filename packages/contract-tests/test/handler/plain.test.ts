import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler("as a plain function");
