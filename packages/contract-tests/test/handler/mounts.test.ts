import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler("in Express 5", "in next start");
