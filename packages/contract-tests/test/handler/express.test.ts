import { startExpress } from "../../src/handler/express-mount.js";
import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler("in an Express server", startExpress, {
  unknownPath: "passed-on",
  trailingSlash: "passed-on",
  malformedPath: "passed-on",
});
