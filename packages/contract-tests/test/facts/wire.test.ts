import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPayApi, isPayApiError } from "@payapi/core";
import { decryptField } from "@payapi/core/crypto";
import { operationList } from "@payapi/core/operations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownAnswers, services } from "../../src/facts/index.js";
import { operationInputs } from "../../src/operation-inputs.js";

const { merchant, mkey, fields, signatures } = knownAnswers;
const timestamp = "20261121093000";

let received: { path: string; contentType: string | undefined; body: string } | undefined;
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("latin1");
  received = { path: request.url ?? "", contentType: request.headers["content-type"], body };
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.end(JSON.stringify({ ResultCode: "99", ResultMsg: "captured" }));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe.each(operationList.map(({ name }) => name))("the request of %s", (name) => {
  const facts = services.get(name);

  it("is a form with exactly the guide's fields, at the guide's path", async () => {
    const { path, contentType, form } = await capture(name);
    expect(path).toBe(facts?.path);
    expect(contentType).toBe("application/x-www-form-urlencoded; charset=utf-8");
    const known = facts?.request.map((field) => field.name) ?? [];
    expect([...form.keys()].filter((field) => !known.includes(field))).toEqual([]);
    const required = facts?.request.filter((field) => field.required).map((field) => field.name) ?? [];
    expect(required.filter((field) => !form.has(field))).toEqual([]);
    expect(form.get("timestamp")).toBe(timestamp);
    expect(form.get("mid")).toBe(merchant.mid);
  });

  it("is signed over the plain values in the guide's order", async () => {
    const { form } = await capture(name);
    const encrypted = facts?.request.filter((field) => field.encrypted).map((field) => field.name) ?? [];
    const text = facts?.signed
      .map((field) => {
        if (field === "mkey") return `mkey=${mkey}`;
        const value = form.get(field) ?? "";
        return `${field}=${encrypted.includes(field) ? decrypt(value) : value}`;
      })
      .join("&");
    expect(form.get("signature")).toBe(
      createHash("sha256")
        .update(text ?? "")
        .digest("hex"),
    );
  });
});

describe.each(signatures.filter(({ operation }) => operationList.some(({ name }) => name === operation)))(
  "the signature of $operation on the wire",
  ({ operation, signature }) => {
    it("equals the known answer", async () => {
      expect((await capture(operation)).form.get("signature")).toBe(signature);
    });
  },
);

describe("the ciphers on the wire", () => {
  const sent = [
    { field: "cardNumber", plain: "4111111111111111" },
    { field: "registNo", plain: "880101" },
    { field: "registNo", plain: "1234567890" },
    { field: "passwd", plain: "12" },
  ];

  it.each(sent)("$field $plain equals the known answer, encoded once", async ({ field, plain }) => {
    const known = fields.find((answer) => answer.plain === plain)?.encrypted;
    const { form, body } = await capture("cards.approve", { [field]: plain });
    expect(known).toBeDefined();
    expect(form.get(field)).toBe(known);
    expect(body).toContain(`${field}=${encodeURIComponent(known ?? "")}`);
    expect(body).not.toContain(`${field}=${plain}`);
  });
});

describe("text on the wire", () => {
  it("is UTF-8, with + & = encoded", async () => {
    const { form, body } = await capture("cards.approve");
    expect(form.get("goodsName")).toBe("머그컵 + 받침 & 뚜껑=2");
    expect(body).toContain("%2B");
    expect(form.get("buyerName")).toBe("홍길동 😀");
  });
});

async function capture(name: string, extra: object = {}) {
  const [group = "", method = ""] = name.split(".");
  const input = operationInputs[name];
  if (input === undefined) throw new Error(`${name} needs an input in this test`);
  const payapi = createPayApi({
    ...merchant,
    environment: "sandbox",
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    now: () => new Date("2026-11-21T00:30:00Z"),
  });
  const methods = payapi as unknown as Record<string, Record<string, (input: object) => Promise<unknown>>>;
  received = undefined;
  await expect(methods[group]?.[method]?.({ ...input, ...extra })).rejects.toSatisfy(
    (error) => isPayApiError(error) && error.outcome === "refused" && error.resultCode === "99",
  );
  const { path, contentType, body } = received ?? { path: "", contentType: "", body: "" };
  return { path, contentType, body, form: new URLSearchParams(body) };
}

function decrypt(value: string): string {
  return decryptField(value, { key: merchant.fieldKey, iv: merchant.fieldIv });
}
