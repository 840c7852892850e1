import { describe } from "vitest";
import { isRefused, paysSafely } from "./support/runtime-suite.js";

describe.each(["Node.js 22", "Node.js 24", "Bun 1.4.5", "Deno 2.9.6"] as const)("in %s", (runtime) =>
  paysSafely(runtime),
);

describe.each([
  ["Bun 1.3.14", /another connection.*다른 연결/],
  ["Deno 2.1.4", /another connection.*다른 연결/],
  ["Deno 2.3.3", /before it has verified.*확인하기 전에/],
] as const)("in %s", (runtime, reason) => isRefused(runtime, reason));
