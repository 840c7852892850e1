import { startPlain } from "../../src/handler/plain-mount.js";
import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler("as a plain function", startPlain, {
  unknownPath: "problem",
  trailingSlash: "problem",
  malformedPath: "problem",
});
