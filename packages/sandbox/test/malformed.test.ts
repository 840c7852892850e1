import { describe, expect, test } from "vitest";
import {
  approvalForm,
  type Form,
  formRequest,
  koreanNow,
  paths,
  post,
  prefixForm,
  sign,
} from "./support/merchant.js";
import { exchange, type RawRequest } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";

const good = () => formRequest(paths.approve, approvalForm({ oid: "order-1" }));
const approval = (more: Form) => formRequest(paths.approve, approvalForm({ oid: "order-1", more }));

function without(name: string): RawRequest {
  const { [name]: _, ...form } = approvalForm({ oid: "order-1" });
  return formRequest(paths.approve, form);
}

function typed(contentType: string | undefined): RawRequest {
  const { headers: _, ...request } = good();
  return contentType === undefined ? request : { ...request, headers: { "Content-Type": contentType } };
}

function withBody(change: (body: string) => string | Buffer): RawRequest {
  const request = good();
  return { ...request, body: change(String(request.body)) };
}

const cases: [what: string, status: number, code: string, names: string, request: () => RawRequest][] = [
  ["an unknown path", 404, "9001", "", () => ({ ...good(), path: "/noauth/pay/cards" })],
  ["a path with a query", 404, "9001", "", () => ({ ...good(), path: `${paths.approve}?a=1` })],
  ["GET", 405, "9002", "", () => ({ ...good(), method: "GET" })],
  ["PUT", 405, "9002", "", () => ({ ...good(), method: "PUT" })],
  ["no content type", 415, "9003", "", () => typed(undefined)],
  ["JSON", 415, "9003", "", () => typed("application/json")],
  ["EUC-KR", 415, "9003", "", () => typed("application/x-www-form-urlencoded; charset=euc-kr")],
  [
    "a body over 64 KiB",
    413,
    "9004",
    "",
    () => withBody((body) => `${body}&goodsName=${"a".repeat(65_536)}`),
  ],
  ["an empty body", 400, "9005", "", () => withBody(() => "")],
  ["a bad escape", 400, "9005", "", () => withBody((body) => `${body}&goodsName=%G1`)],
  ["half an escape", 400, "9005", "", () => withBody((body) => `${body}&goodsName=100%2`)],
  ["escaped bytes that are not UTF-8", 400, "9005", "", () => withBody((body) => `${body}&goodsName=%B0%A1`)],
  ["raw bytes outside ASCII", 400, "9005", "", () => withBody((body) => Buffer.from(`${body}&goodsName=가`))],
  ["a space", 400, "9005", "", () => withBody((body) => `${body}&goodsName=a b`)],
  ["a name given twice", 400, "9005", "", () => withBody((body) => `${body}&oid=order-2`)],
  ["a doubled &", 400, "9005", "", () => withBody((body) => body.replace("&", "&&"))],
  ["a trailing &", 400, "9005", "", () => withBody((body) => `${body}&`)],
  ["a pair without =", 400, "9005", "", () => withBody((body) => `${body}&goodsName`)],
  ["a pair without a name", 400, "9005", "", () => withBody((body) => `${body}&=a`)],
  ["an unknown field", 400, "9006", "", () => approval({ cvv: "123" })],
  ["another spelling of a field", 400, "9006", "", () => approval({ OID: "x" })],
  ["no mid", 400, "9007", "mid", () => without("mid")],
  ["an unknown mid", 400, "9009", "mid", () => approval({ mid: "nobody" })],
  ["no card number", 400, "9007", "cardNumber", () => without("cardNumber")],
  ["an empty order number", 400, "9007", "oid", () => approval({ oid: "" })],
  ["no buyer", 400, "9007", "buyerName", () => without("buyerName")],
  ["no timestamp", 400, "9007", "timestamp", () => without("timestamp")],
  [
    "a timestamp with milliseconds",
    400,
    "9010",
    "timestamp",
    () => approval({ timestamp: `${koreanNow()}000` }),
  ],
  ["31 February", 400, "9010", "timestamp", () => approval({ timestamp: "20260231090000" })],
  ["hour 24", 400, "9010", "timestamp", () => approval({ timestamp: `${koreanNow().slice(0, 8)}240000` })],
  ["a timestamp of last year", 400, "9010", "timestamp", () => approval({ timestamp: "20251121093000" })],
  ["no signature", 400, "9007", "signature", () => without("signature")],
  [
    "a wrong signature",
    400,
    "9011",
    "signature",
    () => withBody((body) => body.replace(/signature=\w{4}/, "signature=0000")),
  ],
  [
    "a price changed after signing",
    400,
    "9011",
    "signature",
    () => withBody((body) => body.replace("price=15000", "price=1")),
  ],
  [
    "a card number in the clear",
    400,
    "9012",
    "cardNumber",
    () => approval({ cardNumber: "4111111111111111" }),
  ],
  ["an & in the signed order number", 400, "9008", "oid", () => approval({ oid: "a&price=1" })],
  ["a newline in the signed order number", 400, "9008", "oid", () => approval({ oid: "a\nb" })],
  ["an order number of 41 characters", 400, "9008", "oid", () => approval({ oid: "a".repeat(41) })],
  ["a name of 31 Hangul", 400, "9008", "buyerName", () => approval({ buyerName: "가".repeat(31) })],
  ["a price with commas", 400, "9008", "price", () => approval({ price: "15,000" })],
  ["a price of 0", 400, "9008", "price", () => approval({ price: "0" })],
  ["a price with a fraction", 400, "9008", "price", () => approval({ price: "150.0" })],
  ["a negative price", 400, "9008", "price", () => approval({ price: "-15000" })],
  ["a price in Arabic-Indic digits", 400, "9008", "price", () => approval({ price: "١٥٠٠٠" })],
  ["a price of 11 digits", 400, "9008", "price", () => approval({ price: "10000000000" })],
  ["month 13", 400, "9008", "cardExpireMM", () => approval({ cardExpireMM: "13" })],
  ["month 1 of one digit", 400, "9008", "cardExpireMM", () => approval({ cardExpireMM: "1" })],
  ["a year of four digits", 400, "9008", "cardExpireYY", () => approval({ cardExpireYY: "2049" })],
  ["one installment", 400, "9008", "cardQuota", () => approval({ cardQuota: "01" })],
  ["a choice that is none", 400, "9008", "quotaInterest", () => approval({ quotaInterest: "2" })],
  [
    "a card number of letters",
    400,
    "9008",
    "cardNumber",
    () => formRequest(paths.approve, approvalForm({ oid: "o", card: "four-one-one-one" })),
  ],
  [
    "a prefix of 16 digits",
    400,
    "9008",
    "cardNumber",
    () => formRequest(paths.lookupPrefix, prefixForm("4111111111111111")),
  ],
  [
    "mixed case in currency",
    400,
    "9008",
    "currency",
    () => {
      const form = { mid: "sandbox001", timestamp: koreanNow() };
      return formRequest(paths.cancel, {
        ...form,
        payType: "card",
        tid: "t",
        price: "1",
        currency: "won",
        signature: sign(form),
      });
    },
  ],
];

describe("a malformed request", () => {
  test.each(cases)("%s: HTTP %i, code %s", async (_, status, code, field, request) => {
    const lines: string[] = [];
    const sandbox = await sandboxFor({ log: (line) => lines.push(line) });
    const seen = await exchange(sandbox.url, request());
    expect([seen.status, seen.end]).toEqual([status, "fin"]);
    expect(seen.headers["content-type"]).toBe("application/json; charset=utf-8");
    const json = JSON.parse(seen.body) as Record<string, string>;
    expect(Object.keys(json)).toEqual(["ResultCode", "ResultMsg"]);
    expect(json.ResultCode).toBe(code);
    expect(json.ResultMsg).toMatch(field === "" ? /^[^()]+$/ : new RegExp(`^[가-힣].*\\(${field}\\)$`));
    expect(json.ResultMsg?.length).toBeLessThanOrEqual(100);
    expect(seen.body + lines.join()).not.toMatch(/4111|15,000|nobody|123\b|[0-9a-f]{32}/);
    expect(sandbox.book.transactions).toEqual([]);
    expect(sandbox.book.requests).toMatchObject([
      { seq: 1, outcome: "rejected", resultCode: code, httpStatus: status, replied: true },
    ]);
  });

  test("with a wrong method gets 405 with the allowed method", async () => {
    const { url } = await sandboxFor();
    expect((await exchange(url, { ...good(), method: "GET" })).headers.allow).toBe("POST");
  });

  test("is not assumed for lower-case escapes, +, a quoted charset, 30 Hangul and empty optional fields", async () => {
    const { url } = await sandboxFor();
    const request = approval({ buyerName: "가".repeat(30), goodsName: "물 + 불 &=%", tax: "", registNo: "" });
    const body = String(request.body)
      .replace(/%[0-9A-F]{2}/g, (percent) => percent.toLowerCase())
      .replaceAll("%20", "+");
    const headers = { "content-type": 'Application/X-WWW-Form-Urlencoded;Charset="UTF-8"' };
    const seen = await exchange(url, { ...request, headers, body });
    expect(JSON.parse(seen.body)).toMatchObject({ ResultCode: "00" });
  });

  test.each([
    ["both", true, true],
    ["korean-time", true, false],
    ["milliseconds", false, true],
  ] as const)(
    "timestamps in the form %s are accepted: Korean time %s, milliseconds %s",
    async (timestampForm, korean, ms) => {
      const { url } = await sandboxFor({ timestampForm });
      const code = async (oid: string, timestamp: string) =>
        (await post(url, paths.approve, approvalForm({ oid, more: { timestamp } }))).json.ResultCode;
      expect(await code("a", koreanNow())).toBe(korean ? "00" : "9010");
      expect(await code("b", String(Date.now()))).toBe(ms ? "00" : "9010");
      expect(await code("c", String(Date.now() - 10 * 24 * 3_600_000))).toBe("9010");
    },
  );

  test("is judged by the configured timestamp window", async () => {
    const { url } = await sandboxFor({ timestampToleranceMs: Number.POSITIVE_INFINITY });
    const form = approvalForm({ oid: "old", more: { timestamp: "20190906110100" } });
    expect((await post(url, paths.approve, form)).json.ResultCode).toBe("00");
  });
});
