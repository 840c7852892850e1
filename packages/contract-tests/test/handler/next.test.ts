import { startNextMount } from "../../src/handler/next-mount.js";
import { describePayApiHandler } from "../../src/handler-suite.js";

describePayApiHandler("in a Next.js server", startNextMount, {
  unknownPath: "problem",
  trailingSlash: "redirect",
  malformedPath: "framework-error",
});
