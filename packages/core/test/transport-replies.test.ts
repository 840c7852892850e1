import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { answer, FaultCalls } from "./support/fault-calls.js";
import { jsonReply } from "./support/fault-server.js";
import { approval, approved, sandboxClient } from "./support/merchant.js";

const calls = new FaultCalls();

describe("complete replies", () => {
  it.each([
    ["a decline", jsonReply({ ResultCode: "5100", ResultMsg: "한도초과" }), "refused", "refused"],
    [
      "a 4xx with a ResultCode about the payment's state",
      jsonReply({ ResultCode: "01", ResultMsg: "처리 불가" }, "400 Bad Request"),
      "refused",
      "refused",
    ],
    [
      "a 4xx with a ResultCode about the request",
      jsonReply({ ResultCode: "9008", ResultMsg: "파라미터 오류" }, "400 Bad Request"),
      "request-rejected",
      "refused",
    ],
    [
      "a 4xx with a ResultCode about the set-up",
      jsonReply({ ResultCode: "9011", ResultMsg: "서명 오류" }, "400 Bad Request"),
      "setup-fault",
      "refused",
    ],
    ["success with another amount", jsonReply({ ...approved, Price: "150000" }), "success-mismatch", "moved"],
    [
      "success with a malformed amount",
      jsonReply({ ...approved, Price: "15.000" }),
      "success-mismatch",
      "moved",
    ],
    ["success without tid", jsonReply({ ...approved, tid: undefined }), "success-incomplete", "moved"],
    ["success with an empty tid", jsonReply({ ...approved, tid: "" }), "success-incomplete", "moved"],
    [
      "success with a tid that can't be sent back",
      jsonReply({ ...approved, tid: "x".repeat(41) }),
      "success-incomplete",
      "moved",
    ],
  ] as const)("%s", async (_, text, code, outcome) => {
    calls.server.behaviour = answer(text);
    const { error } = await calls.approve();
    expect(error).toMatchObject({ code, outcome });
  });

  it("keeps the gateway's code and message of a decline", async () => {
    calls.server.behaviour = answer(jsonReply({ ResultCode: "5100", ResultMsg: "한도초과" }));
    const { error } = await calls.approve();
    expect(error).toMatchObject({ resultCode: "5100", resultMessage: "한도초과", httpStatus: 200 });
  });

  it("keeps the facts of a mismatched success for settling", async () => {
    calls.server.behaviour = answer(jsonReply({ ...approved, Price: "150000" }));
    expect((await calls.approve()).error).toMatchObject({
      tid: "T0123456789",
      price: 150_000,
      applNum: "12345678",
      at: new Date("2026-11-21T00:30:01Z"),
    });
  });

  it("redacts card numbers in unlisted fields of the reply", async () => {
    const card = "4111111111111111";
    const body = {
      ...approved,
      ResultMsg: `${"가".repeat(485)}${card}`,
      Echo: card,
      N: Number(card),
      In: { a: [card] },
    };
    calls.server.behaviour = answer(jsonReply(body));
    const payapi = sandboxClient({ baseUrl: calls.server.origin, ca: calls.certificate.cert });
    const result = await payapi.cards.approve(approval);
    expect(inspect(result, { depth: 9, showHidden: true })).not.toMatch(/4111111111/);
    expect(JSON.stringify(result)).not.toMatch(/4111111111/);
    expect(result.raw).toMatchObject({ tid: approved.tid, PayDate: approved.PayDate });
  });

  it("keeps the bytes of a malformed reply out of its error", async () => {
    calls.server.behaviour = answer("HTTP/1.1 200 OK\r\nbad header 4111111111111111\r\n\r\n");
    const { error } = await calls.approve();
    expect(error).toMatchObject({ code: "connection-lost", outcome: "unknown" });
    expect(JSON.stringify(error?.cause)).not.toMatch(/rawPacket/);
  });

  it("accepts a success without the amount, with unknown fields, or with a numeric amount", async () => {
    for (const body of [
      { ...approved, Price: undefined },
      { ...approved, New: { a: [1] } },
      { ...approved, Price: 15000 },
    ]) {
      calls.server.behaviour = answer(jsonReply(body));
      expect((await calls.approve()).error).toBeUndefined();
    }
  });

  it("reads a chunked reply, and one after informational ones", async () => {
    const body = JSON.stringify(approved);
    const chunked = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${Buffer.byteLength(body).toString(16)}\r\n${Buffer.from(body).toString("latin1")}\r\n0\r\n\r\n`;
    calls.server.behaviour = answer(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${chunked}`,
    );
    expect((await calls.approve()).error).toBeUndefined();
  });

  it("opens a new connection for each call and resumes the TLS session", async () => {
    calls.server.behaviour = answer(jsonReply(approved));
    const payapi = sandboxClient({ baseUrl: calls.server.origin, ca: calls.certificate.cert });
    for (let call = 0; call < 3; call += 1) await payapi.cards.approve(approval);
    expect(calls.server.connections).toBe(3);
    expect(calls.server.resumed).toEqual([false, true, true]);
  });

  it("awaits beforeSend once, after the handshake and before the first byte", async () => {
    calls.server.behaviour = answer(jsonReply(approved));
    const seen: unknown[] = [];
    const { error, beforeSends } = await calls.approve({
      beforeSend: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(calls.server.connections, calls.server.bytesSeen);
      },
    });
    expect([error, beforeSends, seen]).toEqual([undefined, 1, [1, 0]]);
  });
});
