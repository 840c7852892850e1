import { describe, expect, it } from "vitest";
import { isPayApiError } from "../src/index.js";
import { type Operation, operationList } from "../src/operations/index.js";
import { decodeReply } from "../src/wire/decode-reply.js";

const asked = new Map([
  ["mid", "welcometst"],
  ["oid", "42-1"],
  ["tid", "T1"],
]);

/** Every value that any service needs to succeed. */
const complete = {
  tid: "T1",
  Tid: "T1",
  Billkey: "B1",
  url: "https://pay.example/1",
  Url: "https://pay.example/1",
};

function outcomeOf(operation: Operation, stated: Readonly<Record<string, string>>): string {
  const reply = { ResultCode: operation.success.code, ResultMsg: "정상", ...complete, ...stated };
  const sent = new Map([...asked].filter(([name]) => operation.request[name] !== undefined));
  try {
    decodeReply(operation, sent, { status: 200, headers: {}, body: Buffer.from(JSON.stringify(reply)) });
    return "succeeded";
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    return `${error.outcome} ${error.code}`;
  }
}

const named = operationList.map((operation) => [operation.name, operation] as const);

describe.each(named)("a success of %s", (_, operation) => {
  it.each(["Mid", "mid", "idMerchant"])("that names another merchant as %s is a mismatch", (field) => {
    expect(outcomeOf(operation, { [field]: "othershop1" })).toBe("moved success-mismatch");
    expect(outcomeOf(operation, { [field]: " welcometst " })).not.toContain("mismatch");
  });

  it.each(["Moid", "oid", "noOid"])("that names another order as %s is a mismatch", (field) => {
    const takesOid = operation.request.oid !== undefined;
    const outcome = outcomeOf(operation, { [field]: "41-1" });
    expect(outcome === "moved success-mismatch").toBe(takesOid);
    expect(outcomeOf(operation, { [field]: "42-1" })).not.toContain("mismatch");
  });
});
