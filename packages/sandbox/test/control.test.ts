import { describe, expect, test } from "vitest";
import type { Sandbox } from "../src/index.js";
import vectors from "./fixtures/vectors.json" with { type: "json" };
import { approvalForm, approve, cancelForm, encrypt, formRequest, paths, post } from "./support/merchant.js";
import { merchantServer } from "./support/merchant-server.js";
import { exchange, type RawRequest, type Seen } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";
import { deliver } from "./support/services.js";

const get = (url: string, path: string, headers: Record<string, string> = {}): Promise<Seen> =>
  exchange(url, { method: "GET", path, headers });
const postFault = (url: string, rule: unknown, more: Partial<RawRequest> = {}): Promise<Seen> =>
  exchange(url, {
    path: "/_sandbox/faults",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(rule),
    ...more,
  });
const statusOf = async (url: string, oid: string) =>
  (await exchange(url, formRequest(paths.approve, approvalForm({ oid })))).status;

describe("the book over HTTP", () => {
  test("is the live book, with the requests also on their own path", async () => {
    const { url, book } = await sandboxFor();
    const tid = await approve(url, "order-1");
    await post(url, paths.cancelPartially, cancelForm(tid, { cancelPrice: "5000", confirmPrice: "10000" }));
    const seen = await get(url, "/_sandbox/book");
    expect(seen.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(JSON.parse(seen.body)).toEqual(JSON.parse(JSON.stringify(book)));
    expect(JSON.parse(seen.body)).toMatchObject({
      transactions: [{ tid, oid: "order-1", price: 15000, remaining: 10000, cancels: [{ price: 5000 }] }],
    });
    const requests = JSON.parse((await get(url, "/_sandbox/requests")).body) as unknown;
    expect(requests).toEqual({ requests: JSON.parse(JSON.stringify(book.requests)) as unknown });
  });

  test("is not changed by reading it, and a copy does not change later", async () => {
    const copies: ReturnType<Sandbox["book"]["toJSON"]>[] = [];
    const { url, book } = await sandboxFor({ log: () => copies.push(book.toJSON()) });
    await get(url, "/_sandbox/book");
    expect(book.requests).toHaveLength(0);
    const tid = await approve(url, "order-1");
    await post(url, paths.cancel, cancelForm(tid, { price: "15000" }));
    expect(book).toMatchObject({
      transactions: [{ remaining: 0, cancels: [{ price: 15000 }] }],
      requests: [{ replied: true }, { replied: true }],
    });
    expect(copies[0]).toMatchObject({
      transactions: [{ remaining: 15000, cancels: [] }],
      requests: [{ replied: false }],
    });
  });

  test("does not contain an invalid order number", async () => {
    const { url, book } = await sandboxFor();
    await post(url, paths.approve, approvalForm({ oid: encrypt("4111111111111111") }));
    expect(book.requests).toMatchObject([{ outcome: "rejected" }]);
    expect(book.requests[0]).not.toHaveProperty("oid");
  });

  test("contains no card number, birth date, PIN, key, signature or ciphertext, like the log and the page", async () => {
    const lines: string[] = [];
    const { url, book, faults } = await sandboxFor({ log: (line) => lines.push(line) });
    const secrets = ["4111111111111111", "880101", "77"];
    const sent = new Set([...secrets.slice(0, 2), vectors.signKey, vectors.mkey, vectors.key]);
    const send = async (oid: string, more: Record<string, string>) => {
      const form = approvalForm({
        oid,
        more: { registNo: encrypt("880101"), passwd: encrypt("77"), ...more },
      });
      for (const name of ["cardNumber", "registNo", "passwd", "signature"]) sent.add(String(form[name]));
      return post(url, paths.approve, form);
    };
    const { json } = await send("order-1", {});
    await send("order-2", { cardNumber: encrypt("4000000000000002") });
    await send("order-3", { cardNumber: "4111111111111111" });
    await send("order-4", { passwd: encrypt("7777") });
    await send("order-5", { "4111111111111111": "x" });
    faults.next("html");
    await exchange(url, { path: "/4111111111111111", body: "4111111111111111" });
    const cancel = cancelForm(String(json.tid), { price: "15000" });
    sent.add(String(cancel.signature));
    await exchange(url, formRequest(paths.cancel, cancel));
    const page = (await get(url, "/_sandbox")).body.replace(/<h2>테스트 카드 .*/s, "");
    const audit = (await get(url, "/_sandbox/book")).body;
    expect(book.requests.map(({ outcome }) => outcome)).toEqual([
      "committed",
      "declined",
      "rejected",
      "rejected",
      "rejected",
      "rejected",
      "committed",
    ]);
    for (const text of [page, audit, lines.join("\n")]) {
      for (const secret of sent) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/\b\d{13,16}\b|[0-9a-f]{32}/);
    }
  });
});

describe("faults over HTTP", () => {
  test("can be added and cleared", async () => {
    const { url } = await sandboxFor();
    const added = await postFault(url, { fault: "status-500", operation: "cards.approve", times: 1 });
    expect([added.status, JSON.parse(added.body)]).toEqual([
      201,
      { added: { fault: "status-500", operation: "cards.approve", times: 1 } },
    ]);
    expect([await statusOf(url, "a"), await statusOf(url, "b")]).toEqual([500, 200]);
    await postFault(url, { fault: "status-500", times: "always" });
    expect(await statusOf(url, "c")).toBe(500);
    expect((await exchange(url, { method: "DELETE", path: "/_sandbox/faults" })).status).toBe(200);
    expect(await statusOf(url, "d")).toBe(200);
  });

  test.each([
    ["an unknown fault", { fault: "explode" }],
    ["an unknown operation", { fault: "html", operation: "cards.approved" }],
    ["an unknown name", { fault: "html", time: 2 }],
    ["a rule that is a list", ["html"]],
    ["nothing", null],
    ["times as a text", { fault: "html", times: "2" }],
    ["commit as a text", { fault: "html", commit: "false" }],
    ["an oid that is a number", { fault: "html", oid: 7 }],
    ["a refusal that nothing over HTTP could end", { fault: "refuse" }],
    ["a reset that nothing over HTTP could end", { fault: "reset-in-handshake", times: "always" }],
  ])("%s is rejected", async (_, rule) => {
    const { url } = await sandboxFor();
    const seen = await postFault(url, rule);
    expect(seen.status).toBe(400);
    expect(JSON.parse(seen.body)).toEqual({ error: expect.any(String) });
    expect(await statusOf(url, "a")).toBe(200);
  });

  test("reject broken JSON", async () => {
    const { url } = await sandboxFor();
    expect((await postFault(url, null, { body: "{" })).status).toBe(400);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])(
    "reject the content type %s, which other sites can send without a preflight",
    async (type) => {
      const { url } = await sandboxFor();
      const seen = await postFault(url, { fault: "html" }, { headers: { "Content-Type": type } });
      expect(seen.status).toBe(415);
      expect(await statusOf(url, "a")).toBe(200);
    },
  );

  test.each(["evil.example", "evil.example:4010", "127.0.0.1.evil.example", "localhost.evil.example", ""])(
    "reject the host %j on every path",
    async (Host) => {
      const { url } = await sandboxFor();
      await approve(url, "order-1");
      for (const path of ["/_sandbox", "/_sandbox/book", "/_sandbox/requests"]) {
        const seen = await get(url, path, { Host });
        expect(seen.status).toBe(403);
        expect(seen.body).not.toContain("order-1");
      }
      const headers = { Host, "Content-Type": "application/json" };
      expect((await postFault(url, { fault: "html" }, { headers })).status).toBe(403);
      expect((await exchange(url, { method: "DELETE", path: "/_sandbox/faults", headers })).status).toBe(403);
      expect(await statusOf(url, "a")).toBe(200);
    },
  );

  test.each(["localhost", "localhost:4010", "127.0.0.1:1", "127.8.8.8", "[::1]:4010"])(
    "accept the host %s",
    async (Host) => {
      const { url } = await sandboxFor();
      expect((await get(url, "/_sandbox/book", { Host })).status).toBe(200);
    },
  );

  test("list the known paths for an unknown one", async () => {
    const { url } = await sandboxFor();
    const seen = await get(url, "/_sandbox/books");
    expect(seen.status).toBe(404);
    expect(seen.body).toContain("/_sandbox/book,");
  });
});

test("are on a page with the book, which escapes client data", async () => {
  const { url } = await sandboxFor();
  await approve(url, `<img src="x">`.replace("=", ""));
  const seen = await get(url, "/_sandbox");
  expect(seen.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(seen.headers["content-security-policy"]).toContain("default-src 'none'");
  expect(seen.body).toContain("&lt;img src&quot;x&quot;&gt;");
  expect(seen.body).not.toContain("<img");
  expect(seen.body).toContain("15,000원");
  expect(seen.body).toContain("4000000000009995");
  expect((await get(url, "/")).headers.location).toBe("/_sandbox");
});

const postJson = async (url: string, path: string, input: unknown) => {
  const headers = { "Content-Type": "application/json" };
  const seen = await exchange(url, { path: `/_sandbox/${path}`, headers, body: JSON.stringify(input) });
  return { status: seen.status, json: JSON.parse(seen.body) as Record<string, unknown> };
};
const getJson = async (url: string, path: string) =>
  JSON.parse((await get(url, `/_sandbox/${path}`)).body) as Record<string, unknown>;

describe("the control API over HTTP", () => {
  test("moves the clock", async () => {
    const { url, clock } = await sandboxFor({
      clock: { at: new Date("2026-11-21T00:30:00Z"), frozen: true },
    });
    expect(await getJson(url, "clock")).toEqual({ now: "2026-11-21T00:30:00.000Z", frozen: true });
    const advanced = await postJson(url, "clock", { advanceMs: 60_000 });
    expect(advanced.json).toEqual({ now: "2026-11-21T00:31:00.000Z", frozen: true });
    await postJson(url, "clock", { set: "2026-12-01T00:00:00Z" });
    expect(clock.now()).toEqual(new Date("2026-12-01T00:00:00Z"));
    expect((await postJson(url, "clock", { frozen: false })).json.frozen).toBe(false);
  });

  test("issues mobile keys and accounts, makes deposits and reversals, and drives escrow", async () => {
    const merchant = await merchantServer("OK");
    const { url, book, notifications } = await sandboxFor();
    const addresses = { depositUrl: merchant.url, escrowUrl: merchant.url, charset: "utf-8" };
    expect((await postJson(url, "notifications/addresses", addresses)).status).toBe(201);
    const key = await postJson(url, "mobile-keys", { price: 9900, issuedAt: "2026-11-01T00:00:00Z" });
    expect(key.json).toMatchObject({ kind: "mobile", price: 9900, billkey: expect.any(String) });
    expect(JSON.stringify(book)).not.toContain(String(key.json.billkey));
    const { json: account } = await postJson(url, "accounts", { oid: "order-1", price: 5000 });
    const deposited = await postJson(url, "deposits", { tid: account.tid, payer: "김철수" });
    expect(deposited.json).toMatchObject({ tid: account.tid, payType: "vbank", price: 5000 });
    expect((await postJson(url, "reversals", { tid: account.tid })).json).toMatchObject({ remaining: 0 });
    const { json: paid } = await postJson(url, "escrow-payments", { oid: "order-2", price: 100 });
    const confirmation = { tid: paid.tid, how: "forced" };
    expect((await postJson(url, "escrow-confirmations", confirmation)).status).toBe(400);
    await deliver(url, String(paid.tid), "order-2");
    expect((await postJson(url, "escrow-confirmations", confirmation)).status).toBe(201);
    await notifications.idle();
    const sent = (await getJson(url, "notifications")).notifications as { status: string }[];
    expect(sent.map(({ status }) => status)).toEqual(["0200", "0400", "2", "32"]);
    expect((await postJson(url, "notifications/resend", { id: 1 })).status).toBe(201);
    expect(merchant.received).toHaveLength(5);
  });

  test("adds and clears delivery rules", async () => {
    const { url, notifications } = await sandboxFor();
    await postJson(url, "notifications/rules", { mode: "late", delayMs: 5 });
    expect((await getJson(url, "notifications")).rules).toEqual([{ mode: "late", delayMs: 5, times: 1 }]);
    await exchange(url, { method: "DELETE", path: "/_sandbox/notifications/rules" });
    expect(notifications.rules).toEqual([]);
  });

  test("lists the active faults", async () => {
    const { url } = await sandboxFor();
    await postJson(url, "faults", { fault: "late-commit", delayMs: 5, operation: "page.approve" });
    const rule = { fault: "late-commit", delayMs: 5, operation: "page.approve", times: 1 };
    expect(await getJson(url, "faults")).toEqual({ rules: [rule] });
  });

  test.each([
    ["clock", { advanceMs: -1 }],
    ["clock", { advanceMs: "soon" }],
    ["clock", { set: "soon" }],
    ["clock", { set: 5 }],
    ["clock", { frozen: "yes" }],
    ["clock", { forward: 1 }],
    ["mobile-keys", {}],
    ["mobile-keys", { price: "9900" }],
    ["mobile-keys", { price: 9900, mid: "nobody" }],
    ["mobile-keys", { price: 9900, issuedAt: "soon" }],
    ["mobile-keys", { price: 9900, issuedAt: "2099-01-01T00:00:00Z" }],
    ["accounts", { oid: "주문", price: 1 }],
    ["accounts", { oid: 7, price: 1 }],
    ["accounts", { oid: "o", price: 1.5 }],
    ["deposits", { tid: "nobody" }],
    ["deposits", {}],
    ["deposits", { tid: "nobody", price: 0 }],
    ["reversals", { tid: "nobody" }],
    ["escrow-payments", { oid: "o", price: 1, payType: "hpp" }],
    ["escrow-payments", { oid: "o", price: 1, payType: 7 }],
    ["escrow-confirmations", { tid: "nobody", how: "automatic" }],
    ["notifications/rules", { mode: "explode" }],
    ["notifications/rules", {}],
    ["notifications/resend", { id: 1 }],
    ["notifications/addresses", { depositUrl: "https://shop.example/" }],
    ["notifications/addresses", { depositUrl: 7 }],
    ["notifications/addresses", { charset: "latin1" }],
  ])("rejects POST %s with %j and gives a reason", async (path, input) => {
    const { url } = await sandboxFor();
    expect(await postJson(url, path, input)).toEqual({ status: 400, json: { error: expect.any(String) } });
  });
});

describe("the page's buttons", () => {
  const press = async (url: string, fields: Record<string, string>, page?: string) => {
    const html = page ?? (await get(url, "/_sandbox")).body;
    const token = /name="token" value="([^"]+)"/.exec(html)?.[1] ?? "";
    return exchange(url, formRequest("/_sandbox/do", { token, ...fields }));
  };

  test("work like the API, without scripts", async () => {
    const { url, book, faults, clock } = await sandboxFor({ clock: { frozen: true } });
    const before = clock.now();
    expect((await press(url, { path: "clock", advanceMs: "3600000" })).status).toBe(200);
    expect(clock.now().getTime() - before.getTime()).toBe(3_600_000);
    await press(url, { path: "faults", fault: "html", operation: "", oid: "", times: "2" });
    expect(faults.rules).toEqual([{ fault: "html", times: 2 }]);
    await press(url, { path: "faults", clear: "yes" });
    expect(faults.rules).toEqual([]);
    await press(url, { path: "accounts", oid: "order-1", price: "5000" });
    const account = book.accounts[0];
    const page = (await get(url, "/_sandbox")).body;
    expect(page).toContain(String(account?.number));
    expect(page).toContain('value="deposits"');
    await press(url, { path: "deposits", tid: String(account?.tid) });
    expect(book.transactions).toMatchObject([{ price: 5000, payType: "vbank" }]);
    const key = await press(url, { path: "mobile-keys", price: "9900", issuedAt: "" });
    expect(key.body).toMatch(/BKM\w+/);
  });

  test("name the wrong input", async () => {
    const { url } = await sandboxFor();
    const seen = await press(url, { path: "deposits", tid: "<nobody>" });
    expect(seen.status).toBe(400);
    expect(seen.body).toContain("no virtual account has this tid");
    expect((await press(url, { path: "explode" })).status).toBe(400);
  });

  test.each([
    ["no token", { token: "" }, {}],
    ["another token", { token: "a".repeat(24) }, {}],
    ["another host", {}, { Host: "evil.example" }],
  ])("reject requests from outside the page: %s", async (_, fields, headers) => {
    const { url, faults } = await sandboxFor();
    const html = (await get(url, "/_sandbox")).body;
    const token = /name="token" value="([^"]+)"/.exec(html)?.[1] ?? "";
    const request = formRequest("/_sandbox/do", { token, path: "faults", fault: "html", ...fields });
    const seen = await exchange(url, { ...request, headers: { ...request.headers, ...headers } });
    expect(seen.status).toBe(403);
    expect(faults.rules).toEqual([]);
  });
});
