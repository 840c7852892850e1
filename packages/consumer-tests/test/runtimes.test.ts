import { describe } from "vitest";
import { paysSafely } from "./support/runtime-suite.js";

describe("in this Node.js", () => paysSafely("this Node.js"));
