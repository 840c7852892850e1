import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { type Sandbox, type SandboxOptions, sandboxMerchant } from "../src/index.js";
import { makeCertificate } from "./support/certificate.js";
import { cancelForm, type Form, formRequest, paths, post } from "./support/merchant.js";
import { type MerchantServer, merchantServer, readFields } from "./support/merchant-server.js";
import { exchange } from "./support/raw-client.js";
import { sandboxFor } from "./support/sandbox.js";
import { acceptRejection, bankOptions, confirm, createLink, deliver, reject } from "./support/services.js";

const MINUTE_MS = 60_000;
const at = new Date("2026-11-21T00:30:00Z");
const frozen: SandboxOptions = { clock: { at, frozen: true } };

/** A buyer on the payment page; gives the P_TID. */
async function buy(
  sandbox: Sandbox,
  merchant: MerchantServer,
  method: string,
  form: Form = {},
  path = "/noti",
) {
  const link = await createLink(sandbox.url, `order-${method}`, {
    payType: method,
    P_RESERVED: `P_NOTI=token-1&${method === "bank" ? bankOptions : "twotrs_isp=Y&block_isp=Y"}`,
    P_NOTI_URL: `${merchant.url}${path}`,
    ...form,
  });
  const choice = { method, action: "approve", buyer: "홍길동" };
  const { body } = await exchange(link, formRequest(new URL(link).pathname, choice));
  const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? "";
  const [tid, requestUrl] = [value("P_TID"), value("P_REQ_URL")];
  if (requestUrl) {
    const approval = { P_TID: tid, P_MID: "sandbox001" };
    await exchange(sandbox.url, formRequest(new URL(requestUrl).pathname, approval));
  }
  await sandbox.notifications.idle();
  return tid;
}

const fieldsOf = ({ received }: MerchantServer, charset: "euc-kr" | "utf-8" = "euc-kr") =>
  received.map(({ body }) => readFields(body, charset));

describe("the mobile result", () => {
  test("of a bank transfer is a form in EUC-KR, acknowledged by OK", async () => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor({ ...frozen, pageOptions: "ignore" });
    const tid = await buy(sandbox, merchant, "bank");
    expect(merchant.received).toMatchObject([
      { method: "POST", url: "/noti", contentType: "application/x-www-form-urlencoded; charset=euc-kr" },
    ]);
    expect(fieldsOf(merchant)).toMatchObject([
      {
        P_STATUS: "00",
        P_TID: tid,
        P_TYPE: "BANK",
        P_MID: "sandbox001",
        P_OID: "order-bank",
        P_AMT: "15000",
        P_UNAME: "홍길동",
        P_NOTI: "token-1",
        P_FN_CD1: "04",
        P_AUTH_DT: "20261121093000",
      },
    ]);
    expect(sandbox.notifications.list).toMatchObject([
      { id: 1, kind: "mobile", tid, status: "00", state: "acknowledged", attempts: [{ httpStatus: 200 }] },
    ]);
  });

  test("is in UTF-8 when the link asked for it", async () => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor({ pageOptions: "ignore" });
    await buy(sandbox, merchant, "hpp", { P_CHARSET: "utf8" });
    expect(fieldsOf(merchant, "utf-8")).toMatchObject([{ P_TYPE: "MOBILE", P_UNAME: "홍길동" }]);
    expect(merchant.received[0]?.contentType).toMatch(/charset=utf-8$/);
  });

  test("of a virtual account is sent twice with one P_TID: issued, then paid", async () => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor(frozen);
    const tid = await buy(sandbox, merchant, "vbank");
    expect(sandbox.book.transactions).toEqual([]);
    await sandbox.clock.advance(MINUTE_MS);
    sandbox.outside.deposit(tid);
    await sandbox.notifications.idle();
    expect(fieldsOf(merchant)).toMatchObject([
      { P_STATUS: "00", P_TYPE: "VBANK", P_TID: tid, P_AUTH_DT: "20261121093000" },
      { P_STATUS: "02", P_TYPE: "VBANK", P_TID: tid, P_AMT: "15000", P_AUTH_DT: "20261121093100" },
    ]);
  });

  test("can have another amount than the order", async () => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor();
    const tid = await buy(sandbox, merchant, "vbank");
    sandbox.outside.deposit(tid, { price: 14999 });
    await sandbox.notifications.idle();
    expect(fieldsOf(merchant)[1]).toMatchObject({ P_STATUS: "02", P_AMT: "14999" });
  });

  test("reports a declined approval too", async () => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor({ pageOptions: "ignore" });
    await buy(sandbox, merchant, "hpp");
    const link = await createLink(sandbox.url, "order-9", { payType: "hpp", P_NOTI_URL: merchant.url });
    const form = { method: "hpp", action: "decline-later" };
    const { body } = await exchange(link, formRequest(new URL(link).pathname, form));
    const [, path = ""] = /name="P_REQ_URL" value="http:..[^/]*([^"]*)"/.exec(body) ?? [];
    const [, P_TID = ""] = /name="P_TID" value="([^"]*)"/.exec(body) ?? [];
    await exchange(sandbox.url, formRequest(path, { P_TID, P_MID: "sandbox001" }));
    await sandbox.notifications.idle();
    expect(fieldsOf(merchant)[1]).toMatchObject({ P_STATUS: "01", P_TID, P_OID: "order-9" });
  });

  test.each([
    ["stays away with twotrs_isp_noti=N", "twotrs_isp=Y&block_isp=Y&twotrs_isp_noti=N", 0],
    ["comes without it", "twotrs_isp=Y&block_isp=Y", 1],
  ])("of a card %s", async (_, P_RESERVED, count) => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor({ pageOptions: "ignore" });
    await buy(sandbox, merchant, "card", { P_RESERVED });
    expect(merchant.received).toHaveLength(count);
    expect(sandbox.book.transactions).toHaveLength(1);
  });
});

describe("repeats", () => {
  test.each(["ok", "OK\n", "<html>OK</html>", "", "cd_rslt=0000&msg_rslt="])(
    "follow the answer %j, which is not OK",
    async (answer) => {
      const merchant = await merchantServer(answer, "OK");
      const sandbox = await sandboxFor(frozen);
      await buy(sandbox, merchant, "vbank");
      await sandbox.clock.advance(10 * MINUTE_MS - 1);
      expect(merchant.received).toHaveLength(1);
      await sandbox.clock.advance(1);
      expect(merchant.received).toHaveLength(2);
      await sandbox.clock.advance(24 * 60 * MINUTE_MS);
      expect(merchant.received).toHaveLength(2);
      expect(merchant.received[1]?.body).toEqual(merchant.received[0]?.body);
      expect(sandbox.notifications.list).toMatchObject([
        {
          state: "acknowledged",
          attempts: [
            { at: "2026-11-21T00:30:00.000Z", httpStatus: 200, problem: expect.any(String) },
            { at: "2026-11-21T00:40:00.000Z", httpStatus: 200 },
          ],
        },
      ]);
    },
  );

  test("follow OK with another status than 200", async () => {
    const merchant = await merchantServer();
    merchant.answers = [
      { status: 500, body: "OK" },
      { status: 302, body: "OK", headers: { Location: "/" } },
      { body: "OK" },
    ];
    const sandbox = await sandboxFor(frozen);
    await buy(sandbox, merchant, "vbank");
    await sandbox.clock.advance(60 * MINUTE_MS);
    expect(merchant.received.map(({ url }) => url)).toEqual(["/noti", "/noti", "/noti"]);
    expect(sandbox.notifications.list[0]?.attempts.map(({ httpStatus }) => httpStatus)).toEqual([
      500, 302, 200,
    ]);
  });

  test("of a mobile result continue for 24 hours", async () => {
    const merchant = await merchantServer("no");
    const sandbox = await sandboxFor(frozen);
    await buy(sandbox, merchant, "vbank");
    await sandbox.clock.advance(24 * 60 * MINUTE_MS);
    expect(merchant.received).toHaveLength(145);
    expect(sandbox.notifications.list[0]?.state).toBe("given-up");
    await sandbox.clock.advance(24 * 60 * MINUTE_MS);
    expect(merchant.received).toHaveLength(145);
  });

  test("of a deposit are sent ten times", async () => {
    const merchant = await merchantServer("no");
    const sandbox = await sandboxFor(frozen);
    sandbox.notifications.register({ depositUrl: merchant.url });
    sandbox.outside.deposit(sandbox.outside.issueAccount({ oid: "order-1", price: 5000 }).tid);
    await sandbox.clock.advance(24 * 60 * MINUTE_MS);
    expect(merchant.received).toHaveLength(11);
  });

  test("reach a merchant that was down", async () => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor(frozen);
    const down = { ...merchant, url: "http://127.0.0.1:1" };
    await buy(sandbox, down, "vbank");
    expect(sandbox.notifications.list).toMatchObject([
      { state: "waiting", attempts: [{ problem: "ECONNREFUSED" }] },
    ]);
  });

  test("do not block serving or closing when the merchant stalls", async () => {
    const { createServer } = await import("node:net");
    const sockets: Socket[] = [];
    const stalled = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await new Promise((resolve) => stalled.once("listening", resolve));
    const { port } = stalled.address() as AddressInfo;
    const sandbox = await sandboxFor();
    sandbox.notifications.register({ depositUrl: `http://127.0.0.1:${port}` });
    sandbox.outside.deposit(sandbox.outside.issueAccount({ oid: "order-1", price: 5000 }).tid);
    expect((await exchange(sandbox.url, { method: "GET", path: "/_sandbox" })).status).toBe(200);
    await sandbox.close();
    expect(sandbox.notifications.list[0]?.attempts).toMatchObject([{ problem: expect.any(String) }]);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => stalled.close(resolve));
  });
});

describe("the deposit of the PC window", () => {
  test("reports the deposit and its reversal", async () => {
    const merchant = await merchantServer("OK");
    const sandbox = await sandboxFor({
      ...frozen,
      merchants: [{ ...sandboxMerchant, depositUrl: `${merchant.url}/deposit` }],
    });
    const account = sandbox.outside.issueAccount({ oid: "order-1", price: 5000, bankCode: "88" });
    sandbox.outside.deposit(account.tid, { payer: "김철수" });
    await sandbox.notifications.idle();
    await sandbox.clock.advance(MINUTE_MS);
    sandbox.outside.reverseDeposit(account.tid);
    await sandbox.notifications.idle();
    const common = {
      no_tid: account.tid,
      no_oid: "order-1",
      cd_bank: "88",
      no_vacct: account.number,
      amt_input: "5000",
    };
    expect(fieldsOf(merchant)).toMatchObject([
      { ...common, type_msg: "0200", dt_trans: "20261121", tm_trans: "093000", nm_input: "김철수" },
      { ...common, type_msg: "0400", tm_trans: "093100", nm_input: "김철수" },
    ]);
  });
});

describe("escrow", () => {
  const opened = async (options: SandboxOptions = {}, ...answers: string[]) => {
    const merchant = await merchantServer(...(answers.length > 0 ? answers : ["cd_rslt=0000&msg_rslt="]));
    const merchants = [{ ...sandboxMerchant, escrowUrl: `${merchant.url}/escrow` }];
    const sandbox = await sandboxFor({ ...frozen, merchants, ...options });
    const { tid } = sandbox.outside.payWithEscrow({ oid: "order-1", price: 15000, payType: "bank" });
    const statuses = async () => {
      await sandbox.notifications.idle();
      return fieldsOf(merchant).map(({ cl_status }) => cl_status);
    };
    return { ...sandbox, merchant, tid, statuses };
  };

  test("is notified from delivery to the accepted rejection", async () => {
    const { url, tid, statuses, merchant, notifications } = await opened();
    await deliver(url, tid, "order-1");
    await reject(url, tid);
    await acceptRejection(url, tid);
    expect(await statuses()).toEqual(["2", "4", "10"]);
    expect(fieldsOf(merchant)[1]).toEqual({
      id_merchant: "sandbox001",
      no_oid: "order-1",
      no_tid: tid,
      cl_status: "4",
      dt_req: "20261121093000",
      cl_paymethod: "16",
      price: "15000",
      msg_deny: "단순 변심",
    });
    expect(notifications.list.every(({ state }) => state === "acknowledged")).toBe(true);
  });

  test("is confirmed by the buyer, automatically or forced", async () => {
    const buyers = await opened();
    await deliver(buyers.url, buyers.tid, "order-1");
    await confirm(buyers.url, buyers.tid);
    expect(await buyers.statuses()).toEqual(["2", "3"]);
    for (const [how, status] of [
      ["automatic", "31"],
      ["forced", "32"],
    ] as const) {
      const gateways = await opened();
      expect(() => gateways.outside.confirmPurchase(gateways.tid, how)).toThrow(TypeError);
      await deliver(gateways.url, gateways.tid, "order-1");
      gateways.outside.confirmPurchase(gateways.tid, how);
      expect(await gateways.statuses()).toEqual(["2", status]);
    }
  });

  test("reports a cancel's amount, and both ids of a partial one", async () => {
    const { url, tid, statuses, merchant } = await opened();
    const amounts = { cancelPrice: "5000", confirmPrice: "10000", payType: "bank" };
    const { json } = await post(url, paths.cancelPartially, cancelForm(tid, amounts));
    expect(await statuses()).toEqual(["8"]);
    expect(fieldsOf(merchant)[0]).toMatchObject({ no_tid: json.C_Tid, tid_org: tid, price: "5000" });
    const whole = await opened();
    await post(whole.url, paths.cancel, cancelForm(whole.tid, { price: "15000", payType: "bank" }));
    await whole.statuses();
    expect(fieldsOf(whole.merchant)[0]).toMatchObject({ cl_status: "8", no_tid: whole.tid, price: "15000" });
    expect(fieldsOf(whole.merchant)[0]).not.toHaveProperty("tid_org");
  });

  test.each([
    ["cd_rslt", "cd_rslt=0000&msg_rslt=", "acknowledged"],
    ["cd_rslt", "cd_rslt=9999&msg_rslt=later", "waiting"],
    ["cd_rslt", "OK", "waiting"],
    ["ok", "OK", "acknowledged"],
    ["ok", "cd_rslt=0000&msg_rslt=", "waiting"],
  ] as const)("with the rule %s and the answer %j is %s", async (escrowAcknowledgement, answer, state) => {
    const { url, tid, statuses, notifications } = await opened({ escrowAcknowledgement }, answer);
    await deliver(url, tid, "order-1");
    await statuses();
    expect(notifications.list[0]?.state).toBe(state);
  });
});

describe("on demand", () => {
  const started = async (...answers: string[]) => {
    const merchant = await merchantServer(...(answers.length > 0 ? answers : ["OK"]));
    const sandbox = await sandboxFor(frozen);
    sandbox.notifications.register({ depositUrl: merchant.url, charset: "utf-8" });
    const { tid } = sandbox.outside.issueAccount({ oid: "order-1", price: 5000 });
    const types = async () => {
      await sandbox.notifications.idle();
      return fieldsOf(merchant, "utf-8").map(({ type_msg }) => type_msg);
    };
    return { ...sandbox, merchant, tid, types };
  };

  test("duplicate: sent twice, acknowledged or not", async () => {
    const { notifications, outside, tid, types } = await started();
    notifications.next("duplicate");
    outside.deposit(tid);
    expect(await types()).toEqual(["0200", "0200"]);
    outside.reverseDeposit(tid);
    expect(await types()).toEqual(["0200", "0200", "0400"]);
  });

  test("late: sent when its time has come", async () => {
    const { notifications, outside, tid, types, clock } = await started();
    notifications.next({ mode: "late", delayMs: 5000 });
    outside.deposit(tid);
    await clock.advance(4999);
    expect(await types()).toEqual([]);
    await clock.advance(1);
    expect(await types()).toEqual(["0200"]);
  });

  test("reorder: the reversal is sent before the deposit", async () => {
    const { notifications, outside, tid, types } = await started();
    notifications.next("reorder");
    outside.deposit(tid);
    expect(await types()).toEqual([]);
    outside.reverseDeposit(tid);
    expect(await types()).toEqual(["0400", "0200"]);
  });

  test("held notifications are sent when the rules are cleared", async () => {
    const { notifications, outside, tid, types } = await started();
    notifications.next("reorder");
    outside.deposit(tid);
    notifications.clear();
    expect(await types()).toEqual(["0200"]);
  });

  test("raw: bytes that are not percent-encoded; rearranged: other order, one field more", async () => {
    const { notifications, outside, tid, merchant } = await started();
    notifications.next("raw");
    notifications.next("rearranged");
    outside.deposit(tid, { payer: "김 철수&" });
    await notifications.idle();
    const text = merchant.received[0]?.body.toString("utf8") ?? "";
    expect(text).toContain("nm_input=김 철수%26");
    expect(text.indexOf("no_tid")).toBeGreaterThan(text.indexOf("type_msg"));
    expect(text).toContain("P_SBX_ADDED=1");
  });

  test("padded, untyped and mistyped: amounts of 13 digits, blanks behind other values, no or a wrong Content-Type", async () => {
    const contentTypes: (string | undefined)[] = [];
    for (const mode of ["padded", "untyped", "mistyped"] as const) {
      const { notifications, outside, tid, merchant } = await started();
      notifications.next(mode);
      outside.deposit(tid);
      await notifications.idle();
      const [received] = merchant.received;
      const fields = new URLSearchParams(received?.body.toString("latin1"));
      const isPadded = mode === "padded";
      expect(fields.get("amt_input")).toBe(isPadded ? "0000000005000" : "5000");
      expect(fields.get("type_msg")).toBe(isPadded ? "0200  " : "0200");
      expect(fields.get("no_tid")).toBe(isPadded ? `${tid}  ` : tid);
      contentTypes.push(received?.contentType);
    }
    expect(contentTypes).toEqual(["application/x-www-form-urlencoded; charset=utf-8", "", "text/plain"]);
  });

  test("a rule applies a limited number of times, to its kind and order", async () => {
    const { notifications, outside, tid, types } = await started();
    notifications.next({ mode: "duplicate", kind: "escrow" });
    notifications.next({ mode: "duplicate", oid: "order-9", times: 2 });
    outside.deposit(tid);
    expect(await types()).toEqual(["0200"]);
    expect(notifications.rules).toEqual([
      { mode: "duplicate", kind: "escrow", times: 1 },
      { mode: "duplicate", oid: "order-9", times: 2 },
    ]);
    expect(() => notifications.next("explode" as "raw")).toThrow(/^mode/);
    expect(() => notifications.next({ mode: "raw", delayMs: 5 })).toThrow(/^delayMs/);
  });

  test("any notification can be sent again", async () => {
    const { notifications, outside, tid, types } = await started();
    outside.deposit(tid);
    await types();
    await notifications.resend(1);
    expect(await types()).toEqual(["0200", "0200"]);
    await expect(notifications.resend(2)).rejects.toThrow(TypeError);
  });
});

describe("addresses", () => {
  test.each([
    "http://shop.example/noti",
    "http://127.0.0.1.example/",
    "http://10.0.0.1/",
    "ftp://127.0.0.1/",
    "http://user@evil.example:80#@127.0.0.1/",
    "127.0.0.1",
  ])("reject %s", async (url) => {
    const { notifications } = await sandboxFor();
    expect(() => notifications.register({ depositUrl: url })).toThrow(/^depositUrl: .*this machine alone/);
    expect(() => notifications.register({ escrowUrl: url })).toThrow(/^escrowUrl/);
  });

  test("accept a foreign P_NOTI_URL of a link, but never call it", async () => {
    const merchant = await merchantServer();
    const lines: string[] = [];
    const sandbox = await sandboxFor({ log: (line) => lines.push(line) });
    await buy(sandbox, { ...merchant, url: "https://shop.example" }, "vbank");
    expect(sandbox.notifications.list).toMatchObject([
      { state: "refused", attempts: [{ problem: expect.stringContaining("this machine alone") }] },
    ]);
    expect(lines.join()).toContain("not on this machine");
    await expect(sandbox.notifications.resend(1)).rejects.toThrow(TypeError);
  });

  test("of an unknown merchant are rejected", async () => {
    const { notifications } = await sandboxFor();
    expect(() => notifications.register({ mid: "nobody", depositUrl: "http://127.0.0.1/" })).toThrow(/^mid/);
  });

  test("can be https with a trusted certificate", async () => {
    const tls = await makeCertificate();
    const server = createTlsServer(tls, (request, response) => {
      request.resume().on("end", () => response.end("OK"));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const depositUrl = `https://localhost:${(server.address() as AddressInfo).port}/`;
    try {
      for (const [options, state] of [
        [{ notificationCa: tls.cert }, "acknowledged"],
        [{}, "waiting"],
      ] as const) {
        const sandbox = await sandboxFor({ ...frozen, ...options });
        sandbox.notifications.register({ depositUrl });
        sandbox.outside.deposit(sandbox.outside.issueAccount({ oid: "order-1", price: 5000 }).tid);
        await sandbox.notifications.idle();
        expect(sandbox.notifications.list[0]?.state).toBe(state);
      }
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
