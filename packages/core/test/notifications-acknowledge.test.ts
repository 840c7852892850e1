import { describe, expect, it } from "vitest";
import { acknowledge } from "../src/notifications/index.js";

const text = (answer: { body: Uint8Array }) => Buffer.from(answer.body).toString("latin1");

describe("acknowledge", () => {
  it.each(["mobile", "deposit"] as const)("answers a stored %s notification with exactly OK", (kind) => {
    const answer = acknowledge(kind, "stored");
    expect([...answer.body]).toEqual([0x4f, 0x4b]);
    expect(answer).toMatchObject({ status: 200, contentType: "text/plain; charset=utf-8" });
  });

  it("answers a stored escrow notification with its code, or with OK if so configured", () => {
    expect(text(acknowledge("escrow", "stored"))).toBe("cd_rslt=0000&msg_rslt=");
    expect(text(acknowledge("escrow", "stored", { escrow: "cd_rslt" }))).toBe("cd_rslt=0000&msg_rslt=");
    expect([...acknowledge("escrow", "stored", { escrow: "ok" }).body]).toEqual([0x4f, 0x4b]);
  });

  it.each(["mobile", "deposit"] as const)(
    "never answers OK to a %s notification that was not stored",
    (kind) => {
      const answer = acknowledge(kind, { failed: "OK" });
      expect(answer.status).toBe(503);
      expect(text(answer)).not.toContain("OK");
    },
  );

  it("never answers OK to an escrow notification that was not stored", () => {
    expect(acknowledge("escrow", { failed: "x" }, { escrow: "ok" }).status).toBe(503);
    expect(text(acknowledge("escrow", { failed: "x" }, { escrow: "ok" }))).not.toContain("OK");
  });

  it.each([
    ["database down", "database%20down"],
    ["저장 실패", encodeURIComponent("저장 실패")],
    ["a&cd_rslt=0000", "a%26cd_rslt%3D0000"],
    ["line\r\nbreak", "line%20break"],
    ["", ""],
    ["\ud800", "%EF%BF%BD"],
    ["4111111111111111", "%5Bredacted%5D"],
    ["가".repeat(200), encodeURIComponent("가".repeat(100))],
  ])("answers an escrow notification with the reason %j", (failed, encoded) => {
    const answer = acknowledge("escrow", { failed });
    expect([answer.status, text(answer)]).toEqual([200, `cd_rslt=9999&msg_rslt=${encoded}`]);
  });
});
