import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler({ whole: ["in Express 5"], carrying: ["in next start"] });
