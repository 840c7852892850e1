import { describe, expect, it } from "vitest";
import { at, goodCard } from "../client.js";
import { expectAnswer, expectExactProblem, expectOrder, expectProblem } from "../expect.js";
import type { WireAnswer } from "../mount.js";
import { chooseAtPage } from "../page-buyer.js";
import { notificationKey } from "../shop.js";
import { shopOrigin } from "../shop-orders.js";
import type { World } from "../world.js";

type Fields = Readonly<Record<string, string>>;

export function describeNotifications(world: World): void {
  const mobile = (fields: Fields, ask = {}) =>
    world.form("/payments/notifications/mobile", fields, { unrecorded: true, ...ask });
  const registered =
    (kind: string) =>
    (fields: Fields, ask = {}) =>
      world.form(`/payments/notifications/${kind}/${notificationKey}`, fields, { unrecorded: true, ...ask });
  const [deposit, escrow] = [registered("deposit"), registered("escrow")];
  const expectAcknowledged = (answer: WireAnswer, body: string) => {
    const headers = {
      "cache-control": "no-store",
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
    };
    expectAnswer(answer, { status: 200, headers, body });
  };
  const expectOk = (answer: WireAnswer) => expectAcknowledged(answer, "OK");

  /** An order that waits for money at a virtual account, with the gateway's facts about it. */
  const awaiting = async (orderId: string) => {
    const answer = await world.post(at(orderId, "payment-link"), { payType: "vbank" }, { unrecorded: true });
    const { path, fields } = await chooseAtPage(JSON.parse(answer.text).url, { method: "vbank" });
    await world.navigate("POST", path, fields, { unrecorded: true });
    const account = world.sandbox.book.accounts.find(({ tid }) => tid === fields.P_TID);
    if (account === undefined) throw new Error("the gateway issued no account");
    const { tid, mid, oid, price, number } = account;
    const arrived = { P_STATUS: "02", P_TID: tid, P_TYPE: "VBANK", P_MID: mid, P_OID: oid };
    return {
      mobile: {
        ...arrived,
        P_AMT: String(price),
        P_VACT_NUM: number,
        P_AUTH_DT: "20261124120000",
        // The gateway may put one in; it is to be found nowhere afterwards.
        P_CARD_NUM: goodCard.cardNumber,
      },
      deposit: {
        no_tid: tid,
        no_oid: oid,
        no_vacct: number,
        amt_input: String(price),
        type_msg: "0200",
        dt_trans: "20261124",
        tm_trans: "120000",
        nm_input: "홍길동",
      },
    };
  };
  /** The same, with the money in the account; the gateway's own notification is not delivered here. */
  const deposited = async (orderId: string) => {
    const facts = await awaiting(orderId);
    world.sandbox.outside.deposit(facts.deposit.no_tid);
    return facts;
  };
  const statusOf = async (orderId: string) =>
    JSON.parse((await world.status(orderId, { unrecorded: true })).text).status;

  describe("a notification", () => {
    it.each([
      ["another site's page", { origin: "https://evil.example" }],
      ["a page that hides its origin", { origin: "null", "sec-fetch-site": "cross-site" }],
      ["the shop's own page", { origin: shopOrigin, "sec-fetch-site": "same-origin" }],
      ["an address bar", { "sec-fetch-site": "none" }],
    ])("that a browser sends from %s is refused", async (_what, headers) => {
      const orderId = world.order(15_000);
      const facts = await deposited(orderId);
      expectProblem(await mobile(facts.mobile, { headers }), 403, "origin-refused");
      expectProblem(await deposit(facts.deposit, { headers }), 403, "origin-refused");
      expect(await statusOf(orderId)).toBe("awaiting-deposit");
      expectOk(await deposit(facts.deposit));
      expect(await statusOf(orderId)).toBe("paid");
    });

    it.each([
      ["at the link's address", "mobile"],
      ["at the registered address", "deposit"],
    ] as const)("of a deposit %s pays the order once", async (_where, kind) => {
      const orderId = world.order(15_000);
      const facts = await deposited(orderId);
      const send = () => (kind === "mobile" ? mobile(facts.mobile) : deposit(facts.deposit));
      expectOk(await send());
      const paid = { status: "paid", remainingPrice: 15_000, payType: "vbank" };
      expectOrder(await world.status(orderId, { unrecorded: true }), paid);
      for (let repeat = 0; repeat < 3; repeat += 1) expectOk(await send());
      expect(await world.ledger.payments.balance(orderId)).toMatchObject({ gateway: 15_000, paid: 15_000 });
    });

    it("sent by eight connections at once has one effect", async () => {
      const orderId = world.order(15_000);
      const facts = await deposited(orderId);
      for (const answer of await Promise.all(Array.from({ length: 8 }, () => mobile(facts.mobile)))) {
        expectOk(answer);
      }
      expect(await world.ledger.payments.balance(orderId)).toMatchObject({ gateway: 15_000, paid: 15_000 });
    });

    it("of the account's issue does not pay the order", async () => {
      const orderId = world.order(15_000);
      const facts = await awaiting(orderId);
      expectOk(await mobile({ ...facts.mobile, P_STATUS: "00" }));
      expect(await statusOf(orderId)).toBe("awaiting-deposit");
    });

    it.each<[what: string, change: Fields]>([
      ["another amount", { P_AMT: "14999" }],
      ["another merchant", { P_MID: "someoneels" }],
      ["another account", { P_VACT_NUM: "99999999999999" }],
      ["another transaction", { P_TID: "anothertransaction" }],
    ])("of %s is acknowledged and does not pay the order", async (_what, change) => {
      const orderId = world.order(15_000);
      const facts = await awaiting(orderId);
      expectOk(await mobile({ ...facts.mobile, ...change }));
      expect(await statusOf(orderId)).not.toBe("paid");
    });

    it.each<[what: string, change: Fields]>([
      ["without an amount", { P_AMT: "" }],
      ["with an amount in words", { P_AMT: "1e3" }],
      ["without an order", { P_OID: "" }],
      ["without a transaction", { P_TID: "" }],
    ])("of money %s is stored for review, and does not displace a readable one", async (_what, change) => {
      const orderId = world.order(15_000);
      const facts = await deposited(orderId);
      expectOk(await mobile({ ...facts.mobile, ...change }));
      expect(await statusOf(orderId)).toBe("awaiting-deposit");
      const kept = await world.ledger.notifications.list({ effect: "quarantined" });
      const { P_TID: tid } = { ...facts.mobile, ...change };
      expect(kept[0]).toMatchObject({ tid, reason: "unrecognised", event: "unrecognised" });
      expectOk(await mobile(facts.mobile));
      expect(await statusOf(orderId)).toBe("paid");
    });

    it("of an unknown order is acknowledged and quarantined", async () => {
      const fields = {
        P_STATUS: "02",
        P_TID: `t${world.order()}`.slice(0, 40),
        P_TYPE: "VBANK",
        P_MID: "sandbox001",
        P_OID: "nobody-1",
        P_AMT: "1000",
      };
      expectOk(await mobile(fields));
      expect(await world.log()).toContainEqual(
        expect.objectContaining({ level: "warn", kind: "mobile", effect: "quarantined" }),
      );
    });

    it("of an escrow order is acknowledged in the escrow format", async () => {
      const fields = {
        id_merchant: "sandbox001",
        no_oid: "nobody-2",
        no_tid: "escrow-tid-1",
        cl_status: "3",
        dt_req: "20261124120000",
        cl_paymethod: "0",
        price: "1000",
      };
      expectAcknowledged(await escrow(fields), "cd_rslt=0000&msg_rslt=");
    });

    it.each(["203.0.113.9", "118.130.130.26", "::2", "127.0.0.1, 203.0.113.9", "none"])(
      "from %s is refused and not stored",
      async (from) => {
        const orderId = world.order(15_000);
        const facts = await deposited(orderId);
        const answer = await mobile(facts.mobile, { from, unrecorded: false, as: "staff" });
        expectExactProblem(answer, 403, "source-refused", {
          title: "허용되지 않은 주소입니다",
          detail: "결제사의 주소에서 온 알림만 받습니다.",
        });
        expect(await statusOf(orderId)).toBe("awaiting-deposit");
        expectOk(await mobile(facts.mobile));
        expect(await statusOf(orderId)).toBe("paid");
      },
    );

    it("cannot claim its own source address", async () => {
      const orderId = world.order(15_000);
      const facts = await awaiting(orderId);
      const headers = {
        "x-forwarded-for": "127.0.0.1",
        "x-real-ip": "127.0.0.1",
        forwarded: "for=127.0.0.1",
      };
      expectProblem(await mobile(facts.mobile, { from: "203.0.113.9", headers }), 403, "source-refused");
      expect(await statusOf(orderId)).toBe("awaiting-deposit");
    });

    it.each(["deposit", "escrow"])("at %s without its key gets not-found", async (kind) => {
      for (const key of ["", `/${notificationKey.slice(1)}`, `/${notificationKey}x`, "/x"]) {
        const path = `/payments/notifications/${kind}${key}`;
        const answer = await world.form(path, { no_tid: "1", type_msg: "0200" }, { unrecorded: true });
        expect(answer.status).toBe(404);
      }
    });

    it.each<[what: string, raw: (sign: string) => string, type: string]>([
      ["nothing in it", (sign) => `x=${sign}`, "application/x-www-form-urlencoded"],
      [
        "another kind",
        (sign) => `no_tid=${sign}&type_msg=0200&amt_input=1`,
        "application/x-www-form-urlencoded",
      ],
      ["JSON in it", (sign) => `{"P_STATUS":"02","P_NOTI":"${sign}"}`, "application/json"],
      ["a file in it", (sign) => `--x--${sign}`, "multipart/form-data; boundary=x"],
      ["XML in it", (sign) => `<a>${sign}</a>`, "text/xml"],
    ])("with %s is acknowledged and stored for review", async (_what, raw, type) => {
      const sign = world.order();
      const send = () => mobile({}, { raw: raw(sign), headers: { "content-type": type }, unrecorded: false });
      expectOk(await send());
      const [kept] = await world.ledger.notifications.list({ effect: "quarantined" });
      expect(kept).toMatchObject({ kind: "mobile", tid: "", reason: "unrecognised", repeats: 0 });
      expect(Object.values(kept?.fields ?? {}).join("")).toContain(sign);
      expectOk(await send());
      const [again] = await world.ledger.notifications.list({ effect: "quarantined" });
      expect(again).toMatchObject({ id: kept?.id, repeats: 1 });
    });

    it.each<[what: string, type: string]>([
      ["no Content-Type", ""],
      ["the Content-Type text/plain", "text/plain"],
      ["a Content-Type that does not exist", "form"],
      ["a charset in its Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"],
    ])("with %s is read", async (_what, type) => {
      const orderId = world.order(15_000);
      const facts = await deposited(orderId);
      expectOk(await deposit(facts.deposit, { headers: { "content-type": type } }));
      expect(await statusOf(orderId)).toBe("paid");
    });

    it("with padded amounts and codes pays the order", async () => {
      const orderId = world.order(15_000);
      const facts = await deposited(orderId);
      const no_oid = `${facts.deposit.no_oid}  `;
      const padded = { ...facts.deposit, amt_input: "0000000015000", type_msg: "0200 ", no_oid };
      expectOk(await deposit(padded));
      expect(await statusOf(orderId)).toBe("paid");
    });

    it("is compared with the issued account where P_RMESG1 names it", async () => {
      const orderId = world.order(15_000);
      const { mobile: facts } = await awaiting(orderId);
      const { P_VACT_NUM: number, ...rest } = facts;
      const other = `${number.slice(0, -1)}${(Number(number.at(-1)) + 1) % 10}`;
      expectOk(await mobile({ ...rest, P_RMESG1: `P_VACCT_NO=${other}|P_EXP_DT=20991211` }));
      expect(await statusOf(orderId)).toBe("awaiting-deposit");
      const [kept] = await world.ledger.notifications.list({ effect: "mismatch" });
      expect(kept).toMatchObject({ reason: "account-differs", account: other });
    });

    it("with the longest fields of the guide is stored", async () => {
      const orderId = world.order(15_000);
      const facts = await deposited(orderId);
      const long = { P_MERCHANT_RESERVED: "x".repeat(5_000), P_NOTI: "가".repeat(4_000) };
      expectOk(await mobile({ ...facts.mobile, ...long, P_AMT: " 15,000 " }));
      expect(await statusOf(orderId)).toBe("paid");
    });

    it("is refused from a web page", async () => {
      const answer = await world.get("/payments/notifications/mobile");
      expectProblem(answer, 405, "method-not-allowed");
      expect(answer.headers.allow).toBe("POST, OPTIONS");
    });

    it("in EUC-KR is decoded", async () => {
      const orderId = world.order(15_000);
      const { deposit: fields } = await deposited(orderId);
      const { nm_input: _, ...rest } = fields;
      const raw = `${new URLSearchParams(rest)}&nm_input=%C8%AB%B1%E6%B5%BF`;
      const isRead = await world.unless("form-no-utf-8", (ask) => deposit({}, { raw, ...ask }), expectOk);
      expect(await statusOf(orderId)).toBe(isRead ? "paid" : "awaiting-deposit");
      // Where a parser has lost the bytes nothing was acknowledged, so the gateway sends it again and nothing is lost.
      expectOk(await deposit(fields));
      expect(await statusOf(orderId)).toBe("paid");
    });

    it("over 128 KiB is rejected", async () => {
      const large = `P_STATUS=02&x=${"y".repeat(128 * 1024)}`;
      await world.unless(
        "form-over-128-kib",
        (ask) => mobile({}, { raw: large, unrecorded: false, ...ask }),
        (answer) => expectProblem(answer, 413, "body-too-large"),
      );
    });
  });
}
