import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { isPayApiError, type PayApiError } from "../src/index.js";
import { type Operation, operationList } from "../src/operations/index.js";
import { decodeReply } from "../src/wire/decode-reply.js";
import { sandboxClient } from "./support/merchant.js";

/** What means success in one of the gateway's products or another, written down here and not derived. */
const successCodes = ["00", "0000", "310000"];

/** What the whole reply of an operation proves; `undefined` for success. */
function failureOf(operation: Operation, status: number, code: string): PayApiError | undefined {
  const body = Buffer.from(JSON.stringify({ ResultCode: code, ResultMsg: "정상", Tid: "T1", tid: "T1" }));
  try {
    decodeReply(operation, new Map([["tid", "T1"]]), { status, headers: {}, body });
    return undefined;
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    return error;
  }
}

describe.each(operationList.map((operation) => [operation.name, operation.success.code, operation] as const))(
  "%s, which succeeds with %s",
  (name, own, operation) => {
    const foreign = successCodes.filter((code) => code !== own);

    it.each(foreign.flatMap((code) => [200, 400, 404].map((status) => [code, status] as const)))(
      "has an unknown outcome after the foreign success code %s with HTTP %i",
      (code, status) => {
        expect(failureOf(operation, status, code)).toMatchObject({
          code: "result-unproven",
          outcome: "unknown",
          operation: name,
          httpStatus: status,
          resultCode: code,
          resultMessage: "정상",
        });
      },
    );

    it("succeeds with its own code, or is moved if the reply lacks a required value", () => {
      expect(["moved", undefined]).toContain(failureOf(operation, 200, own)?.outcome);
    });

    it.each(["01", "0", "000", "00000", "310001", "31000", "9999", "ERR206"])(
      "is refused by %s, which is no service's success code",
      (code) => {
        for (const status of [200, 400]) {
          expect(failureOf(operation, status, code)).toMatchObject({ code: "refused", outcome: "refused" });
        }
      },
    );
  },
);

it("a merchant's further unproven codes make an outcome unknown, and leave other codes refused", async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ResultCode: "E77 ", ResultMsg: "" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const cancel = (unprovenCodes?: readonly string[]) =>
      sandboxClient({ baseUrl, ...(unprovenCodes && { unprovenCodes }) })
        .payments.cancel({ tid: "T1", payType: "card", price: 1_000 })
        .catch((error: unknown) => error);
    expect(await cancel()).toMatchObject({ outcome: "refused", resultCode: "E77" });
    expect(await cancel(["E78"])).toMatchObject({ outcome: "refused", resultCode: "E77" });
    expect(await cancel(["E78", "E77"])).toMatchObject({
      outcome: "unknown",
      code: "result-unproven",
      resultCode: "E77",
    });
  } finally {
    server.close();
  }
});
