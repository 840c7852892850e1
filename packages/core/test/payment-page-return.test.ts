import { inspect } from "node:util";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { isSecret, type PageReturnSource, PayApiError, type ReadReturnOptions } from "../src/index.js";
import { sandboxClient } from "./support/merchant.js";

const { page } = sandboxClient();

const authenticated = {
  P_STATUS: "00",
  P_RMESG1: "OK",
  P_TID: "WELCOME1",
  P_REQ_URL: "https://mobile.paywelcome.co.kr/smart/approve?key=s3cret",
  P_NOTI: "t0ken",
  P_AMT: "15000",
};

const issued = {
  P_STATUS: "00",
  P_TID: "WELCOME1",
  P_VACT_NUM: "56211101234567",
  P_VACT_DATE: "20261201",
  P_VACT_TIME: "235900",
  P_VACT_NAME: "Hong",
  P_VACT_BANK_CODE: "88",
};

type Form = Readonly<Record<string, string>>;
const query = (form: Form) => new URLSearchParams(form).toString();
const post = (body: string | URLSearchParams | null) =>
  new Request("https://shop.example/payments/return/abc?P_STATUS=99", { method: "POST", body });
const get = (text: string) => new Request(`https://shop.example/payments/return/abc?${text}#P_STATUS=99`);

async function problems(source: unknown): Promise<string> {
  try {
    await page.readReturn(source as PageReturnSource);
  } catch (error) {
    if (!(error instanceof PayApiError)) throw error;
    expect(error).toMatchObject({ code: "invalid-input", outcome: "not-sent", operation: "page.readReturn" });
    return (error.problems ?? []).map(({ field }) => field).join(" ");
  }
  return "taken";
}

describe("page.readReturn", () => {
  it.each<[string, (form: Form) => PageReturnSource]>([
    ["a POST", (form) => post(query(form))],
    ["a POST of URLSearchParams", (form) => post(new URLSearchParams(form))],
    ["a GET", (form) => get(query(form))],
    ["URLSearchParams", (form) => new URLSearchParams(form)],
    ["raw bytes", (form) => Buffer.from(query(form))],
    ["as much of a request as is needed", (form) => ({ method: "GET", url: `/return?${query(form)}` })],
  ])("reads %s", async (_, source) => {
    const read = await page.readReturn(source(authenticated));
    expect(read).toMatchObject({
      status: "authenticated",
      statusCode: "00",
      tid: "WELCOME1",
      token: "t0ken",
      price: 15_000,
      message: "OK",
      charset: "utf-8",
    });
    if (read.status !== "authenticated") throw new Error("not authenticated");
    expect(read.reqUrl.reveal()).toBe(authenticated.P_REQ_URL);
    expect(isSecret(read.fields.get("P_REQ_URL"))).toBe(true);
    expect(`${inspect(read, { depth: 9, showHidden: true })}${JSON.stringify(read)}`).not.toContain("s3cret");
  });

  it("reads an issued virtual account, which needs no approval", async () => {
    const read = await page.readReturn(post(query(issued)));
    expect(read).toMatchObject({
      status: "account-issued",
      tid: "WELCOME1",
      account: "56211101234567",
      accountHolder: "Hong",
      bankCode: "88",
      dueAt: new Date("2026-12-01T14:59:00Z"),
    });
    expect(read).not.toHaveProperty("reqUrl");
  });

  it.each([
    ["235900", "2026-12-01T14:59:00Z"],
    ["2359", "2026-12-01T14:59:00Z"],
    ["", "2026-12-01T14:59:59Z"],
    ["99", undefined],
  ])("reads the deadline with P_VACT_TIME %j", async (P_VACT_TIME, moment) => {
    const read = await page.readReturn(get(query({ ...issued, P_VACT_TIME })));
    expect(read.status === "account-issued" ? read.dueAt : "no account").toEqual(moment && new Date(moment));
  });

  it("reads padded values, and the order and merchant of an issued account", async () => {
    const padded = {
      ...issued,
      P_AMT: "0000015,000",
      P_STATUS: "00 ",
      P_OID: "order-1 ",
      P_MID: "sandbox001",
    };
    expect(await problems(get(query(padded)))).toBe("P_AMT");
    expect(await page.readReturn(post(query({ ...padded, P_AMT: "0000000015000" })))).toMatchObject({
      status: "account-issued",
      price: 15_000,
      oid: "order-1",
      mid: "sandbox001",
    });
  });

  it.each(["01", "99", "USER_CANCEL", "0"])("reads a failure, P_STATUS %s", async (P_STATUS) => {
    const read = await page.readReturn(get(query({ P_STATUS, P_RMESG1: "사용자 취소", P_NOTI: "t" })));
    expect(read).toMatchObject({
      status: "failed",
      statusCode: P_STATUS,
      message: "사용자 취소",
      token: "t",
    });
  });

  it.each<[string, Form, string]>([
    ["no status", { P_TID: "1" }, "P_STATUS"],
    ["a status that is no code", { P_STATUS: "0 0" }, "P_STATUS"],
    ["no transaction", { ...authenticated, P_TID: "" }, "P_TID"],
    ["a transaction that can't be sent back", { ...authenticated, P_TID: "가" }, "P_TID"],
    ["neither address nor account", { P_STATUS: "00", P_TID: "1" }, "P_REQ_URL"],
    ["both address and account", { ...authenticated, ...issued }, "P_REQ_URL"],
    ["an amount that is none", { ...authenticated, P_AMT: "1e3" }, "P_AMT"],
    ["an account that is none", { ...issued, P_VACT_NUM: "<b>" }, "P_VACT_NUM"],
    ["everything wrong", { P_STATUS: "00", P_AMT: "x" }, "P_AMT P_TID P_REQ_URL"],
  ])("rejects %s, naming the fields", async (_, form, fields) => {
    expect(await problems(get(query(form)))).toBe(fields);
    expect(await problems(post(query(form)))).toBe(fields);
  });

  it.each<[string, () => unknown, string]>([
    ["a name that stands twice", () => get("P_STATUS=00&P_STATUS=01"), "P_STATUS"],
    ["a name that stands twice, parsed", () => new URLSearchParams("P_STATUS=00&P_STATUS=01"), "P_STATUS"],
    ["an empty POST, whatever its query says", () => post(null), "source"],
    ["a body over 128 KiB", () => post("x".repeat(128 * 1024 + 1)), "source"],
    ["an endless body", () => endless(), "source"],
    ["a body that breaks", () => broken(), "source"],
    ["a body that somebody read", () => read(), "source"],
    ["no query", () => new Request("https://shop.example/"), "source"],
    ["nothing", () => undefined, "source"],
    ["null", () => null, "source"],
    ["text", () => "P_STATUS=00", "source"],
    ["an object", () => ({}), "source"],
  ])("rejects %s", async (_, source, fields) => expect(await problems(source())).toBe(fields));

  it("stops reading an endless body", async () => {
    const source = endless();
    await problems(source);
    expect(source.pulled).toBeLessThan(200);
  });
});

describe("texts in a return", () => {
  const word = "정상처리 되었습니다";
  const escaped = (bytes: Uint8Array) => Array.from(bytes, (byte) => `%${byte.toString(16)}`).join("");
  const inCharset = { "euc-kr": iconv.encode(word, "cp949"), "utf-8": Buffer.from(word) } as const;

  for (const charset of ["euc-kr", "utf-8"] as const) {
    const once = escaped(inCharset[charset]);
    const twice = encodeURIComponent(once);
    const options: ReadReturnOptions = { charset };

    it.each([
      ["raw bytes, once", Buffer.from(`P_STATUS=01&P_RMESG1=${once}`)],
      ["raw bytes, unescaped", Buffer.concat([Buffer.from("P_STATUS=01&P_RMESG1="), inCharset[charset]])],
      ["raw bytes, twice", Buffer.from(`P_STATUS=01&P_RMESG1=${twice}`)],
      ["a GET, once", get(`P_STATUS=01&P_RMESG1=${once}`)],
      ["a GET, twice", get(`P_STATUS=01&P_RMESG1=${twice}`)],
      ["a POST, twice", post(`P_STATUS=01&P_RMESG1=${twice}`)],
      ["URLSearchParams, twice", new URLSearchParams(`P_STATUS=01&P_RMESG1=${twice}`)],
    ])(`are decoded in ${charset}: %s`, async (_, source) => {
      expect((await page.readReturn(source, options)).message).toBe(word);
    });
  }

  it("contain no card number and no line break", async () => {
    const read = await page.readReturn(get(query({ P_STATUS: "01", P_RMESG1: "a\r\n4111 1111 1111 1111" })));
    expect(read.message).toBe("a [redacted]");
  });
});

function endless(): {
  method: string;
  url: string;
  body: ReadableStream<Uint8Array>;
  readonly pulled: number;
} {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(1024).fill(0x78));
    },
  });
  return {
    method: "POST",
    url: "/",
    body,
    get pulled() {
      return pulled;
    },
  };
}

function broken() {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("the browser went away")),
  });
  return { method: "POST", url: "/", body };
}

function read() {
  const request = post("P_STATUS=01");
  request.body?.getReader();
  return request;
}
