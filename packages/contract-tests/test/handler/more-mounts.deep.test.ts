import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler({
  whole: ["in next start"],
  carrying: [
    "in Express 5 behind express.json() and express.urlencoded()",
    "in Express 5 behind express.raw()",
    "in Express 5 as a serverless function",
    "over HTTP/2",
    "in Express 4",
    "in Express 4 behind express.json() and express.urlencoded()",
    "in next dev",
    "in next start of Next.js 15",
  ],
});
