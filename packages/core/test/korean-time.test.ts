import { describe, expect, it } from "vitest";
import { formatKoreanTime, parseKoreanTime } from "../src/index.js";

describe("Korean time", () => {
  it.each([
    ["2026-11-21T00:30:00Z", "20261121093000"],
    ["2026-12-31T15:00:00Z", "20270101000000"],
    ["2024-02-28T15:00:00.999Z", "20240229000000"],
  ])("%s is %s", (iso, korean) => {
    expect(formatKoreanTime(new Date(iso))).toBe(korean);
    expect(parseKoreanTime(korean.slice(0, 8), korean.slice(8))?.getTime()).toBe(
      Math.floor(Date.parse(iso) / 1000) * 1000,
    );
  });

  it.each([
    ["20260231", "000000"],
    ["20261121", "240000"],
    ["20261121", "9300"],
    ["2026-11-21", "093000"],
    [20261121, "093000"],
    [undefined, undefined],
  ])("%j %j is rejected", (date, time) => expect(parseKoreanTime(date, time)).toBeUndefined());
});
