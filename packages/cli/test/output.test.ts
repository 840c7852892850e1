import { describe, expect, it } from "vitest";
import { fields, printable, render, scrub, table, toJson } from "../src/output.js";

describe("output", () => {
  it("contains no control characters that could change the terminal", () => {
    const hostile = "ok\u001b[2J\r\n\u0007\u009b31m\u202egnp.exe\u2028\ud800";
    const clean = printable(hostile);
    for (const character of clean) expect(character.codePointAt(0)).toBeGreaterThanOrEqual(0x20);
    for (const steering of ["\u001b", "\u009b", "\u202e", "\u2028", "\ud800"])
      expect(clean).not.toContain(steering);
    expect(render([table([[hostile, "b"]])], "en")).toHaveLength(1);
  });

  it("keeps columns below each other, Hangul being twice as wide", () => {
    const order = { en: "order", ko: "주문" };
    const rows = table([
      ["주문", "won"],
      [order, "15,000"],
    ]);
    expect(render([rows], "en")).toEqual(["주문   won", "order  15,000"]);
    expect(render([rows], "ko")).toEqual(["주문  won", "주문  15,000"]);
    const pairs = fields([
      ["a", "1"],
      ["none", undefined],
      ["long", "2"],
    ]);
    expect(render([pairs, false, "end"], "en")).toEqual(["  a     1", "  long  2", "end"]);
  });

  it("holds no secret, if one ever came so far", () => {
    const secrets = ["canary-key", 'p"w'];
    expect(scrub("before canary-key, after canary-key", secrets)).toBe("before [redacted], after [redacted]");
    const json = toJson({ a: ["canary-key"], b: { c: 'x p"w y' }, d: new Date(0) }, secrets);
    expect(JSON.parse(json)).toEqual({
      a: ["[redacted]"],
      b: { c: "x [redacted] y" },
      d: "1970-01-01T00:00:00.000Z",
    });
  });
});
