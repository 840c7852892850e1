import { describe, expect, test } from "vitest";
import type { Sandbox, SandboxOptions } from "../src/index.js";
import { approvalForm, cancelForm, type Form, formRequest, paths, post } from "./support/merchant.js";
import { readFields } from "./support/merchant-server.js";
import { exchange, type Seen } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";
import { bankOptions, cardOptions, createLink, linkForm, servicePaths } from "./support/services.js";

const HOUR_MS = 60 * 60 * 1000;
const open = (link: string): Promise<Seen> => exchange(link, { method: "GET", path: new URL(link).pathname });
const click = (link: string, form: Form): Promise<Seen> =>
  exchange(link, formRequest(new URL(link).pathname, { buyer: "홍길동", ...form }));

/** The hidden fields of the page's form, as a browser would send them. */
function formOf({ body }: Seen): { action: string; fields: Record<string, string>; charset: string } {
  const decode = (text: string) =>
    text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) =>
      String({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" }[name]),
    );
  const inputs = [...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return {
    action: decode(/<form method="post" action="([^"]*)"/.exec(body)?.[1] ?? ""),
    charset: /accept-charset="([^"]*)"/.exec(body)?.[1] ?? "",
    fields: Object.fromEntries(inputs.map(([, name = "", value = ""]) => [name, decode(value)])),
  };
}

/** Asks for the approval as a merchant's server does, and reads name=value pairs. */
async function ask(requestUrl: string, form: Form) {
  const response = await fetch(requestUrl, { method: "POST", body: new URLSearchParams(form) });
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get("content-type") ?? "";
  const text = new TextDecoder(type.split("charset=")[1]).decode(bytes);
  const pairs = text.split("&").map((pair) => {
    const equals = pair.indexOf("=");
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return {
    status: response.status,
    type,
    bytes,
    fields: Object.fromEntries(pairs) as Record<string, string>,
  };
}

/** A buyer who pays; what the merchant's P_NEXT_URL gets. */
async function authenticate(link: string, form: Form = {}) {
  const { fields } = formOf(await click(link, { method: "card", action: "approve", ...form }));
  return {
    fields,
    tid: fields.P_TID ?? "",
    approval: (mid = "sandbox001") => ask(fields.P_REQ_URL ?? "", { P_TID: fields.P_TID ?? "", P_MID: mid }),
  };
}

const reserved = (more: string) => ({ P_RESERVED: `${cardOptions}&${more}` });

describe("a payment link", () => {
  test("is on the sandbox's own origin, short, and answered with the table's fields", async () => {
    const { url, book } = await sandboxFor({ host: "127.255.255.254" });
    const { json } = await post(url, servicePaths.createLink, linkForm("order-1"));
    expect(Object.keys(json)).toEqual(["ResultCode", "ResultMsg", "MsgSend"]);
    expect(json.MsgSend).toMatch(new RegExp(`^${url}/p/`));
    // The longest origin a sandbox can have, and one more letter for https.
    expect(json.MsgSend?.length).toBeLessThanOrEqual(49);
    expect(book.links).toMatchObject([{ oid: "order-1", price: 15000, state: "open", charset: "euc-kr" }]);
    expect((await open(String(json.MsgSend))).status).toBe(200);
  });

  test("has the host name of the merchant's call if it is this machine", async () => {
    const { url } = await sandboxFor();
    const { port } = new URL(url);
    for (const [Host, origin] of [
      [`localhost:${port}`, `http://localhost:${port}`],
      ["gateway.example", url],
    ] as const) {
      const request = formRequest(servicePaths.createLink, linkForm(`to-${new URL(origin).hostname}`));
      const { body } = await exchange(url, { ...request, headers: { ...request.headers, Host } });
      expect(new URL(JSON.parse(body).MsgSend).origin).toBe(origin);
    }
  });

  test("shows goods, amount and order, escaped, in Korean", async () => {
    const { url } = await sandboxFor();
    const link = await createLink(url, "order-1", { P_GOODS: "<b>머그컵</b>" });
    const seen = await open(link);
    expect(seen.headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(seen.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(seen.body).toContain('<html lang="ko">');
    expect(seen.body).toContain("width=device-width");
    expect(seen.body).toContain("&lt;b&gt;머그컵&lt;/b&gt;");
    expect(seen.body).toContain("15,000원");
    expect(seen.body).not.toContain("<b>머그컵");
  });

  test("offers the requested method, or all methods if it is unknown", async () => {
    const { url } = await sandboxFor({ pageOptions: "ignore" });
    const offered = async (payType: string) => {
      const { body } = await open(await createLink(url, `by-${payType}`, { payType }));
      return [...body.matchAll(/name="method" value="(\w+)"/g)].map(([, name]) => name);
    };
    for (const payType of ["card", "vbank", "hpp", "bank"]) expect(await offered(payType)).toEqual([payType]);
    expect(await offered("all")).toEqual(["card", "vbank", "hpp", "bank"]);
  });

  test.each([
    ["card", "15000", "useescrow=Y", "twotrs_isp=Y&amp;block_isp=Y&amp;twotrs_isp_noti=N"],
    ["card", "999", cardOptions, "below1000=Y"],
    ["bank", "15000", cardOptions, "twotrs_bank=Y&amp;apprun_check=Y"],
  ])(
    "by %s for %s won says what P_RESERVED lacks, unless told to ignore it",
    async (payType, P_AMT, P_RESERVED, lack) => {
      const more = { payType, P_AMT, P_RESERVED };
      const strict = await sandboxFor();
      const link = await createLink(strict.url, "order-1", more);
      expect((await open(link)).body).toContain(lack);
      expect((await click(link, { method: payType, action: "approve" })).status).toBe(400);
      expect(strict.book.links[0]?.state).toBe("open");
      const lenient = await sandboxFor({ pageOptions: "ignore" });
      const other = await createLink(lenient.url, "order-1", more);
      expect((await open(other)).body).not.toContain(lack);
      expect((await click(other, { method: payType, action: "approve" })).status).toBe(200);
    },
  );

  test("offers installments from 50,000 won, as the merchant allows", async () => {
    const { url } = await sandboxFor();
    const months = async (oid: string, more: Form) => {
      const { body } = await open(await createLink(url, oid, more));
      const select = /<select name="quota">(.*?)<\/select>/.exec(body)?.[1] ?? "";
      return [...select.matchAll(/value="(\d\d)"/g)].map(([, month]) => month);
    };
    expect(await months("a", { P_AMT: "49999", P_QUOTABASE: "01:03" })).toEqual(["00"]);
    expect(await months("b", { P_AMT: "50000", P_QUOTABASE: "01:06:03" })).toEqual(["00", "03", "06"]);
    expect(await months("c", { P_AMT: "50000", P_QUOTABASE: "99:02" })).toEqual(["02"]);
  });

  test("expires after 72 hours with a message", async () => {
    const { url, clock } = await sandboxFor({ clock: { frozen: true } });
    const link = await createLink(url, "order-1");
    await clock.advance(72 * HOUR_MS - 1);
    expect((await open(link)).status).toBe(200);
    await clock.advance(1);
    for (const seen of [await open(link), await click(link, { method: "card", action: "approve" })]) {
      expect(seen.status).toBe(410);
      expect(seen.body).toContain("유효기간이 지난 결제 링크");
      expect(seen.body).toContain("72시간");
    }
  });

  test("that was used shows a message and leads back to P_RETURN_URL", async () => {
    const { url, book } = await sandboxFor();
    const link = await createLink(url, "order-1", { P_RETURN_URL: "http://127.0.0.1:1/back?a=1&b=2" });
    const { approval } = await authenticate(link);
    await approval();
    for (const seen of [await open(link), await click(link, { method: "card", action: "approve" })]) {
      expect(seen.body).toContain("이미 사용된 결제 링크");
      expect(seen.body).toContain('href="http://127.0.0.1:1/back?a=1&amp;b=2"');
    }
    expect(book.transactions).toHaveLength(1);
  });

  test("that is unknown shows a message", async () => {
    const { url } = await sandboxFor();
    const seen = await exchange(url, { method: "GET", path: "/p/nobody" });
    expect([seen.status, seen.body.includes("존재하지 않는 결제 링크")]).toEqual([404, true]);
    expect((await exchange(url, { method: "PUT", path: "/p/nobody" })).status).toBe(405);
  });

  test.each([
    ["a foreign http address", { P_NEXT_URL: "http://shop.example/next" }, "P_NEXT_URL"],
    ["a Hangul domain", { P_NEXT_URL: "https://가게.example/next" }, "P_NEXT_URL"],
    ["a URL of 101 characters", { P_RETURN_URL: `https://shop.example/${"a".repeat(80)}` }, "P_RETURN_URL"],
    ["an order number of 31 characters", { P_OID: "o".repeat(31) }, "P_OID"],
    ["Hangul in the order number", { P_OID: "주문1" }, "P_OID"],
    ["a colon in the order number", { P_OID: "a:b" }, "P_OID"],
    ["a question mark in the goods", { P_GOODS: "컵?" }, "P_GOODS"],
    ["an amount of ten digits", { P_AMT: "1000000000" }, "P_AMT"],
    ["options that are no pairs", { P_RESERVED: "useescrow" }, "P_RESERVED"],
    ["37 months", { P_QUOTABASE: "01:37" }, "P_QUOTABASE"],
    ["another character set", { P_CHARSET: "utf-8" }, "P_CHARSET"],
    ["P_NOTI as a field of its own", { P_NOTI: "x" }, ""],
  ])("with %s is rejected as malformed", async (_, more, field) => {
    const { url } = await sandboxFor();
    const form = linkForm("order-1", more);
    const { status, json } = await post(url, servicePaths.createLink, form);
    expect([status, json.ResultCode]).toEqual([400, field === "" ? "9006" : "9008"]);
    if (field) expect(json.ResultMsg).toContain(`(${field})`);
  });

  test("with an https address, or http on this machine, is accepted", async () => {
    const { url } = await sandboxFor();
    await createLink(url, "a", {
      P_NEXT_URL: "https://shop.example/next?x=1",
      P_NOTI_URL: "https://a.example/",
    });
    await createLink(url, "b", { P_NEXT_URL: "http://localhost:4000/next" });
  });

  test("is refused for a paid order, unless configured to accept it", async () => {
    const codes = async (options: SandboxOptions) => {
      const { url } = await sandboxFor(options);
      await post(url, paths.approve, approvalForm({ oid: "order-1" }));
      return (await post(url, servicePaths.createLink, linkForm("order-1"))).json.ResultCode;
    };
    expect(await codes({})).toBe("1001");
    expect(await codes({ duplicateOid: "accept" })).toBe("00");
  });
});

describe("the return to P_NEXT_URL", () => {
  test("is a form that submits itself, with a button for browsers without scripts", async () => {
    const { url, book } = await sandboxFor();
    const link = await createLink(url, "order-1", reserved("P_NOTI=token-1"));
    const seen = await click(link, { method: "card", action: "approve" });
    const { action, fields, charset } = formOf(seen);
    expect([action, charset]).toEqual(["http://127.0.0.1:1/next", "euc-kr"]);
    expect(fields).toEqual({
      P_STATUS: "00",
      P_RMESG1: "인증이 완료되었습니다",
      P_TID: expect.stringMatching(/^\w{20,40}$/),
      P_REQ_URL: expect.stringMatching(new RegExp(`^${url}/smart/a/\\w+$`)),
      P_AMT: "15000",
      P_NOTI: "token-1",
    });
    expect(seen.body).toContain("<button>계속하기</button>");
    expect(seen.body).toContain(".submit()");
    expect(seen.headers["content-security-policy"]).toMatch(/script-src 'sha256-/);
    // The buyer agreed, and nothing moved yet.
    expect(book.transactions).toEqual([]);
  });

  test("is a redirect by GET if configured, in the requested charset", async () => {
    const { url } = await sandboxFor({ returnBy: "get" });
    for (const [oid, charset, more] of [
      ["a", "euc-kr", {}],
      ["b", "utf-8", { P_CHARSET: "utf8" }],
    ] as const) {
      const link = await createLink(url, oid, { P_NEXT_URL: "http://127.0.0.1:1/next?own=1", ...more });
      const seen = await click(link, { method: "card", action: "approve" });
      expect(seen.status).toBe(303);
      const [base, query = ""] = String(seen.headers.location).split("?");
      expect(base).toBe("http://127.0.0.1:1/next");
      const fields = readFields(Buffer.from(query), charset);
      expect(fields).toMatchObject({
        own: "1",
        P_STATUS: "00",
        P_RMESG1: "인증이 완료되었습니다",
        P_NOTI: "",
      });
    }
  });

  test("has P_RMESG1 encoded twice if configured", async () => {
    const { url } = await sandboxFor({ returnMessage: "url-encoded" });
    const link = await createLink(url, "order-1", { P_CHARSET: "utf8" });
    const { fields } = formOf(await click(link, { action: "abandon" }));
    expect(fields.P_RMESG1).toMatch(/^[A-Za-z0-9%+]+$/);
    expect(decodeURIComponent(String(fields.P_RMESG1).replaceAll("+", " "))).toBe(
      "사용자가 결제를 취소하였습니다",
    );
  });

  test.each(["decline", "abandon"])(
    "after %s has no P_TID, and the link can be used again",
    async (action) => {
      const { url, book } = await sandboxFor();
      const link = await createLink(url, "order-1", reserved("P_NOTI=token-1"));
      const { fields } = formOf(await click(link, { method: "card", action }));
      expect(fields).toEqual({ P_STATUS: "01", P_RMESG1: expect.any(String), P_NOTI: "token-1" });
      expect(book.links[0]?.state).toBe("open");
      expect((await authenticate(link)).fields.P_STATUS).toBe("00");
    },
  );

  test("has P_AMT for some methods only, and a new P_REQ_URL for every payment", async () => {
    const { url } = await sandboxFor();
    const card = await authenticate(await createLink(url, "a"));
    const phone = await authenticate(await createLink(url, "b", { payType: "hpp" }), { method: "hpp" });
    expect(card.fields).toHaveProperty("P_AMT");
    expect(phone.fields).not.toHaveProperty("P_AMT");
    expect(card.fields.P_REQ_URL).not.toBe(phone.fields.P_REQ_URL);
  });

  test("is one payment for two clicks on the button", async () => {
    const { url, book } = await sandboxFor();
    const link = await createLink(url, "order-1");
    const clicks = await Promise.all(
      Array.from({ length: 10 }, () => click(link, { method: "card", action: "approve" })),
    );
    expect(clicks.filter(({ body }) => body.includes("P_REQ_URL"))).toHaveLength(1);
    expect(book.toJSON().authentications).toHaveLength(1);
  });

  test.each([
    ["a method that was not asked for", { method: "bank", action: "approve" }],
    ["no method", { action: "approve" }],
    ["an action that is none", { method: "card", action: "steal" }],
  ])("is refused with %s", async (_, form) => {
    const { url, book } = await sandboxFor();
    const seen = await click(await createLink(url, "order-1"), form);
    expect([seen.status, seen.body.includes("P_STATUS")]).toEqual([400, false]);
    expect(book.links[0]?.state).toBe("open");
  });
});

describe("the approval at P_REQ_URL", () => {
  test("moves the money once and answers name=value pairs in EUC-KR", async () => {
    const { url, book } = await sandboxFor();
    const link = await createLink(url, "order-1", { P_AMT: "50000", ...reserved("P_NOTI=token-1") });
    const { approval, tid } = await authenticate(link, { company: "04", quota: "03", buyer: "남궁똠방" });
    const { status, type, fields, bytes } = await approval();
    expect([status, type]).toEqual([200, "text/plain; charset=euc-kr"]);
    // The third syllable is in CP949 alone, which is what Korean systems mean by EUC-KR.
    expect(bytes.toString("hex")).toContain("b3b2b1c38c63b9e6");
    expect(fields).toMatchObject({
      P_STATUS: "00",
      P_TID: tid,
      P_TYPE: "CARD",
      P_AUTH_DT: expect.stringMatching(/^\d{14}$/),
      P_MID: "sandbox001",
      P_OID: "order-1",
      P_AMT: "50000",
      P_RMESG1: "정상 처리되었습니다",
      P_NOTI: "token-1",
      P_RMESG2: "03",
      P_CARD_NUM: "411111******1111",
      P_FN_CD1: "04",
      P_FN_NM: "현대",
      P_AUTH_NO: expect.stringMatching(/^\d{8}$/),
    });
    expect(book.transactions).toMatchObject([
      { tid, oid: "order-1", price: 50000, payType: "card", applNum: fields.P_AUTH_NO },
    ]);
    expect(book.requests.at(-1)).toMatchObject({
      operation: "page.approve",
      oid: "order-1",
      tid,
      outcome: "committed",
      resultCode: "00",
      replied: true,
    });
  });

  test("answers in UTF-8 on request", async () => {
    const { url } = await sandboxFor();
    const { approval } = await authenticate(await createLink(url, "order-1", { P_CHARSET: "utf8" }));
    const { type, fields } = await approval();
    expect([type, fields.P_UNAME]).toEqual(["text/plain; charset=utf-8", "홍길동"]);
  });

  test.each([
    ["hpp", "MOBILE", {}],
    ["bank", "BANK", { P_RESERVED: bankOptions }],
    ["card", "ISP", {}],
  ])("of %s is of type %s", async (payType, type, more) => {
    const { url, book } = await sandboxFor();
    const link = await createLink(url, "order-1", { payType, ...more });
    const { approval, tid } = await authenticate(link, { method: payType, company: "11" });
    expect((await approval()).fields).toMatchObject({ P_STATUS: "00", P_TYPE: type });
    expect(book.find(tid)?.payType).toBe(payType);
  });

  test("repeats its answer, or refuses, and never moves the money again", async () => {
    for (const [repeatedApproval, status] of [
      ["same", "00"],
      ["refuse", "01"],
    ] as const) {
      const { url, book } = await sandboxFor({ repeatedApproval });
      const { approval } = await authenticate(await createLink(url, "order-1"));
      const first = await approval();
      const again = await Promise.all([approval(), approval(), approval()]);
      for (const { fields } of again) expect(fields.P_STATUS).toBe(status);
      if (status === "00") expect(again[0]?.fields).toEqual(first.fields);
      expect(book.transactions).toHaveLength(1);
    }
  });

  test("moves the money once for ten concurrent requests", async () => {
    const { url, book } = await sandboxFor({ repeatedApproval: "refuse" });
    const { approval } = await authenticate(await createLink(url, "order-1"));
    const replies = await Promise.all(Array.from({ length: 10 }, () => approval()));
    expect(replies.filter(({ fields }) => fields.P_STATUS === "00")).toHaveLength(1);
    expect(book.transactions).toHaveLength(1);
  });

  test("is refused for another merchant, another P_TID and an unknown address", async () => {
    const { url, book } = await sandboxFor();
    const { approval, fields, tid } = await authenticate(await createLink(url, "order-1"));
    const other = await authenticate(await createLink(url, "order-2"));
    expect(await approval("sandbox002")).toMatchObject({ status: 400, fields: { P_STATUS: "01" } });
    const swapped = await ask(String(fields.P_REQ_URL), { P_TID: other.tid, P_MID: "sandbox001" });
    expect(swapped).toMatchObject({ status: 400, fields: { P_STATUS: "01" } });
    const nowhere = await ask(`${url}/smart/a/nobody`, { P_TID: tid, P_MID: "sandbox001" });
    expect(nowhere).toMatchObject({ status: 404, fields: { P_STATUS: "01" } });
    expect(
      (await exchange(url, { method: "GET", path: new URL(String(fields.P_REQ_URL)).pathname })).status,
    ).toBe(405);
    expect(book.transactions).toEqual([]);
  });

  test("accepts a form in EUC-KR too", async () => {
    const { url } = await sandboxFor();
    const { fields, tid } = await authenticate(await createLink(url, "order-1"));
    const headers = { "Content-Type": "application/x-www-form-urlencoded; charset=euc-kr" };
    const body = `P_TID=${tid}&P_MID=sandbox001`;
    const seen = await exchange(url, { path: new URL(String(fields.P_REQ_URL)).pathname, headers, body });
    expect(seen.body).toMatch(/^P_STATUS=00&/);
  });

  test("is declined permanently when the buyer chose a decline", async () => {
    const { url, book } = await sandboxFor();
    const { approval, fields } = await authenticate(await createLink(url, "order-1"), {
      action: "decline-later",
    });
    expect(fields.P_STATUS).toBe("00");
    for (const _ of [1, 2]) {
      const reply = await approval();
      expect([reply.status, reply.fields.P_STATUS]).toEqual([200, "01"]);
    }
    expect(book.transactions).toEqual([]);
  });

  test("is declined when the order was paid meanwhile", async () => {
    const { url, book } = await sandboxFor();
    const [one, two] = [
      await authenticate(await createLink(url, "order-1")),
      await authenticate(await createLink(url, "order-1")),
    ];
    expect((await one.approval()).fields.P_STATUS).toBe("00");
    expect((await two.approval()).fields.P_STATUS).toBe("01");
    expect(book.transactions).toHaveLength(1);
  });

  test("opens an escrow purchase with useescrow=Y, except by mobile phone", async () => {
    const { url, book } = await sandboxFor();
    const escrow = await authenticate(await createLink(url, "a", reserved("useescrow=Y")));
    await escrow.approval();
    const phone = await authenticate(
      await createLink(url, "b", { payType: "hpp", P_RESERVED: "useescrow=Y" }),
      {
        method: "hpp",
      },
    );
    await phone.approval();
    expect(book.escrow).toMatchObject([{ tid: escrow.tid, state: "paid" }]);
  });
});

describe("faults at P_REQ_URL", () => {
  const struck = async (rule: Parameters<Sandbox["faults"]["next"]>[0], options: SandboxOptions = {}) => {
    const sandbox = await sandboxFor(options);
    const { fields, tid, approval } = await authenticate(await createLink(sandbox.url, "order-1"));
    sandbox.faults.next(rule);
    const path = new URL(String(fields.P_REQ_URL)).pathname;
    const seen = await exchange(sandbox.url, formRequest(path, { P_TID: tid, P_MID: "sandbox001" }));
    return { ...sandbox, book: sandbox.book, seen, tid, again: approval };
  };
  const netCancel = (url: string, tid: string, more: Form = {}) =>
    post(url, paths.cancel, cancelForm(tid, { price: "15000", cancelType: "C", ...more }));

  test("a reply lost after the commit can be undone by a net cancel", async () => {
    const { url, book, seen, tid } = await struck({ fault: "reset-after-commit", operation: "page.approve" });
    expect([seen.raw, seen.end]).toEqual(["", "ECONNRESET"]);
    expect(book.find(tid)?.remaining).toBe(15000);
    expect((await netCancel(url, tid)).json).toMatchObject({
      ResultCode: "00",
      Tid: tid,
      Moid: "order-1",
    });
    expect(book.find(tid)?.remaining).toBe(0);
    expect((await netCancel(url, tid)).json.ResultCode).toBe("01");
  });

  test.each(["wrong-price", "no-tid", "wrong-charset", "oversized"] as const)("%s", async (fault) => {
    const { seen, book, tid } = await struck(fault);
    expect(book.find(tid)?.price).toBe(15000);
    expect(seen.body.includes("P_AMT=15001")).toBe(fault === "wrong-price");
    expect(seen.body.includes(`P_TID=${tid}`)).toBe(fault !== "no-tid");
    if (fault === "wrong-charset") {
      expect(seen.headers["content-type"]).toBe("text/plain; charset=euc-kr");
      expect(seen.body).toContain("P_RMESG1=정상 처리되었습니다");
    }
  });

  test("a net cancel before a late approval finds no payment, and the money still moves", async () => {
    const { url, book, clock, tid } = await struck(
      { fault: "late-commit", delayMs: 1000 },
      { clock: { frozen: true } },
    );
    expect((await netCancel(url, tid)).json.ResultCode).toBe("1002");
    await clock.advance(1000);
    expect(book.find(tid)?.remaining).toBe(15000);
  });

  test("a net cancel before a late approval can be configured to succeed and forbid it", async () => {
    const { url, book, clock, tid } = await struck(
      { fault: "late-commit", delayMs: 1000 },
      { clock: { frozen: true }, earlyNetCancel: "accept" },
    );
    expect((await netCancel(url, tid, { price: "1" })).json.ResultCode).toBe("1004");
    expect((await netCancel(url, tid)).json).toMatchObject({ ResultCode: "00", Price: "15000" });
    expect((await netCancel(url, tid)).json.ResultCode).toBe("01");
    await clock.advance(1000);
    expect(book.transactions).toEqual([]);
    expect(book.requests.find(({ fault }) => fault === "late-commit")).toMatchObject({ outcome: "declined" });
  });

  test("a net cancel keeps the approval from being repeated", async () => {
    const { url, tid, again, book } = await struck("truncate");
    expect((await again()).fields).toMatchObject({ P_STATUS: "00", P_TID: tid });
    await netCancel(url, tid);
    expect((await again()).fields.P_STATUS).toBe("01");
    expect(book.find(tid)?.remaining).toBe(0);
  });
});

describe("a virtual account", () => {
  const taken = async (options: SandboxOptions = {}, more: Form = {}) => {
    const sandbox = await sandboxFor({
      clock: { at: new Date("2026-11-21T00:30:00Z"), frozen: true },
      ...options,
    });
    const link = await createLink(sandbox.url, "order-1", {
      payType: "vbank",
      P_RESERVED: "P_NOTI=token-1",
      ...more,
    });
    const { fields } = await authenticate(link, { method: "vbank", vbankBank: "88" });
    return { ...sandbox, book: sandbox.book, link, fields, tid: fields.P_TID ?? "" };
  };

  test("is issued without an approval and without money, until the tenth day's end in Korea", async () => {
    const { book, fields, link } = await taken();
    expect(fields).toEqual({
      P_STATUS: "00",
      P_RMESG1: expect.any(String),
      P_TID: expect.stringMatching(/^\w{20,40}$/),
      P_TYPE: "VBANK",
      P_MID: "sandbox001",
      P_OID: "order-1",
      P_AMT: "15000",
      P_NOTI: "token-1",
      P_VACT_NUM: expect.stringMatching(/^\d{12}$/),
      P_VACT_DATE: "20261201",
      P_VACT_TIME: "235959",
      P_VACT_NAME: "샌드박스",
      P_VACT_BANK_CODE: "88",
    });
    expect(book.transactions).toEqual([]);
    expect(book.accounts).toMatchObject([{ state: "issued", price: 15000, number: fields.P_VACT_NUM }]);
    const page = await open(link);
    expect(page.body).toContain(String(fields.P_VACT_NUM));
    expect(page.body).toContain("2026-12-01 23:59:59");
  });

  test("accepts its deposit once, which can be cancelled like any payment", async () => {
    const { url, outside, book, tid } = await taken();
    outside.deposit(tid);
    expect(book.find(tid)).toMatchObject({ payType: "vbank", price: 15000, remaining: 15000 });
    expect(book.accounts[0]?.state).toBe("deposited");
    expect(() => outside.deposit(tid)).toThrow("paid before");
    const form = cancelForm(tid, { price: "15000", payType: "vbank" });
    expect((await post(url, paths.cancel, form)).json.ResultCode).toBe("00");
    expect(() => outside.reverseDeposit(tid)).toThrow(TypeError);
  });

  test("rejects a deposit after its deadline", async () => {
    const { outside, clock, tid, book } = await taken();
    await clock.set(new Date("2026-12-01T15:00:00Z"));
    expect(() => outside.deposit(tid)).toThrow("deadline");
    expect(book.transactions).toEqual([]);
  });

  test("is empty after the bank reverses the deposit", async () => {
    const { outside, tid, book } = await taken();
    expect(() => outside.reverseDeposit(tid)).toThrow(TypeError);
    outside.deposit(tid);
    outside.reverseDeposit(tid);
    expect(book.find(tid)).toMatchObject({ remaining: 0, cancels: [{ kind: "reversal", price: 15000 }] });
    expect(book.accounts[0]?.state).toBe("reversed");
    expect(() => outside.reverseDeposit(tid)).toThrow(TypeError);
  });

  test("with escrow becomes a purchase when the deposit arrives", async () => {
    const { outside, tid, book } = await taken({}, { P_RESERVED: "useescrow=Y" });
    expect(book.escrow).toEqual([]);
    outside.deposit(tid);
    expect(book.escrow).toMatchObject([{ tid, state: "paid" }]);
  });
});
