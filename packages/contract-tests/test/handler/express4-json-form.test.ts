import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler("in Express 4 behind express.json() and express.urlencoded()");
