import { beforeEach, describe, expect, it } from "vitest";
import {
  createPayments,
  type FullPaymentStore,
  type OrderPayment,
  type PageReturn,
  PayApiError,
  Secret,
  type Transport,
  TransportError,
} from "../src/index.js";
import { approval, approved, sandboxClient } from "./support/merchant.js";

const price = 15_000;
const tid = "T0123456789";
const card = {
  cardNumber: approval.cardNumber,
  cardExpireYY: approval.cardExpireYY,
  cardExpireMM: approval.cardExpireMM,
};
const order = { id: "42", price, buyerName: "홍길동" };
const cancelled = { ResultCode: "00", ResultMsg: "정상", Tid: tid, Price: String(price) };
const away = new Error("connect ECONNREFUSED");

/** The calls of the ledger and the gateway, in order. */
let seen: string[];
/** The forms that were sent. */
let forms: string[];
beforeEach(() => {
  seen = [];
  forms = [];
});

/** A gateway that answers each path with JSON, with the page's text, or not at all. */
function gateway(replies: Readonly<Record<string, object | string | undefined>>): Transport {
  return async ({ url, body: form, beforeSend }) => {
    try {
      await beforeSend?.();
    } catch (error) {
      throw new TransportError("before-send-failed", false, "beforeSend failed", error);
    }
    const { pathname } = url;
    seen.push(`sent ${pathname}`);
    forms.push(Buffer.from(form).toString());
    const reply = replies[pathname];
    if (reply === undefined) throw new TransportError("connection-lost", true, "The connection broke");
    const body = Buffer.from(typeof reply === "string" ? reply : JSON.stringify(reply));
    return { status: 200, headers: {}, body };
  };
}

const states = {
  approval: {
    succeeded: "paid",
    refused: "declined",
    "not-sent": "not-sent",
    unknown: "unknown",
    moved: "needs-review",
  },
  cancel: {
    succeeded: "net-cancelled",
    refused: "unknown",
    "not-sent": "unknown",
    unknown: "unknown",
    moved: "needs-review",
  },
} as const;

/** A ledger that reserves every call and accepts every outcome, unless configured otherwise. */
function storeWith(changes: Partial<FullPaymentStore> = {}): FullPaymentStore {
  const orderId = order.id;
  const known = (status: OrderPayment["status"]) => ({ orderId, status, price, remainingPrice: 0 });
  const store: Partial<FullPaymentStore> = {
    async reserveApproval() {
      seen.push("reserved approval");
      return { status: "reserved", call: { kind: "approval", id: "a", orderId, oid: "o1", price } };
    },
    async reserveCancel({ netCancel }) {
      seen.push("reserved cancel");
      const call = {
        kind: "cancel",
        id: "c",
        orderId,
        operation: "payments.cancel",
        oid: "o1",
        payType: "card",
        tid,
        cancelPrice: price,
        confirmPrice: 0,
        ...(netCancel && { netCancel }),
      } as const;
      return { status: "reserved", call };
    },
    async markSending({ kind }) {
      seen.push(`marked ${kind}`);
    },
    async settle({ kind }, { outcome }) {
      seen.push(`settled ${kind} ${outcome}`);
      return known(states[kind][outcome]);
    },
    findOrder: async () => known("in-progress"),
    ...changes,
  };
  return store as FullPaymentStore;
}

const paymentsWith = (
  replies: Parameters<typeof gateway>[0],
  changes: Partial<FullPaymentStore> = {},
  store = storeWith(changes),
) => createPayments({ payapi: sandboxClient({ transport: gateway(replies) }), ledger: { store } });

const cardPath = "/noauth/pay/card";
const cancelPath = "/cancel/cancel";

describe("a card payment", () => {
  it("is reserved, marked as sending, sent and settled, in this order", async () => {
    const payments = paymentsWith({ [cardPath]: approved });
    const result = await payments.authorizeCard({ order, card });
    expect(result).toMatchObject({ status: "settled", outcome: { tid, price }, order: { status: "paid" } });
    expect(seen).toEqual([
      "reserved approval",
      "marked approval",
      `sent ${cardPath}`,
      "settled approval succeeded",
    ]);
  });

  it("rejects input that can't be sent before it reserves", async () => {
    const request = { order, card: { ...card, cardNumber: "4111" } };
    await expect(paymentsWith({}).authorizeCard(request)).rejects.toMatchObject({
      code: "invalid-input",
      problems: [{ field: "cardNumber" }],
    });
    expect(seen).toEqual([]);
  });

  it("rejects with the ledger's error where it can't be reserved, and sends nothing", async () => {
    const payments = paymentsWith({}, { reserveApproval: () => Promise.reject(away) });
    await expect(payments.authorizeCard({ order, card })).rejects.toBe(away);
    expect(seen).toEqual([]);
  });

  it("returns why it was not reserved", async () => {
    const refused = { status: "refused", reason: "already-paid", order: undefined } as const;
    const payments = paymentsWith({}, { reserveApproval: async () => refused });
    expect(await payments.authorizeCard({ order, card })).toEqual({ ...refused, status: "not-reserved" });
    expect(seen).toEqual([]);
  });

  it("is not sent where it can't be marked as sending", async () => {
    const payments = paymentsWith({ [cardPath]: approved }, { markSending: () => Promise.reject(away) });
    const result = await payments.authorizeCard({ order, card });
    expect(result).toMatchObject({ status: "settled", outcome: { outcome: "not-sent" } });
    expect(seen).toEqual(["reserved approval", "settled approval not-sent"]);
  });

  it("is neither sent nor settled if another process holds it", async () => {
    const notYours = Object.assign(new Error("taken"), { code: "not-yours" });
    const payments = paymentsWith({ [cardPath]: approved }, { markSending: () => Promise.reject(notYours) });
    const result = await payments.authorizeCard({ order, card });
    expect(result).toMatchObject({ status: "settled", order: { status: "in-progress" } });
    expect(seen).toEqual(["reserved approval"]);
  });

  it("returns the gateway's answer if it can't be settled", async () => {
    const payments = paymentsWith({ [cardPath]: approved }, { settle: () => Promise.reject(away) });
    expect(await payments.authorizeCard({ order, card })).toMatchObject({
      status: "not-recorded",
      outcome: { outcome: "succeeded", tid },
      error: away,
    });
  });

  it("is unknown once a broken client may have sent it", async () => {
    const payapi = sandboxClient();
    const cards = {
      ...payapi.cards,
      approve: async (_: unknown, { beforeSend }: { beforeSend?: () => unknown } = {}) => {
        await beforeSend?.();
        throw new RangeError("a bug");
      },
    };
    const payments = createPayments({
      payapi: { ...payapi, cards } as never,
      ledger: { store: storeWith() },
    });
    const result = await payments.authorizeCard({ order, card });
    expect(result).toMatchObject({ outcome: { outcome: "unknown" }, order: { status: "unknown" } });
  });
});

describe("a cancel", () => {
  it.each([
    ["o1", "succeeded"],
    ["o2", "moved"],
  ])("whose reply names the order number %s settles as %s", async (Moid, outcome) => {
    const payments = paymentsWith({ [cancelPath]: { ...cancelled, Moid } });
    expect(await payments.cancel({ orderId: order.id })).toMatchObject({ outcome: { outcome, tid, price } });
    expect(seen.at(-1)).toBe(`settled cancel ${outcome}`);
  });

  it.each([
    ["names no order", {}, "moved"],
    ["names the order", { Moid: "o1" }, "succeeded"],
  ])(
    "of a transaction id that an operator entered, whose reply %s, settles as %s",
    async (_, said, outcome) => {
      const { reserveCancel } = storeWith();
      const stated: FullPaymentStore["reserveCancel"] = async (request) => {
        const reservation = await reserveCancel(request);
        if (reservation.status !== "reserved") return reservation;
        return { ...reservation, call: { ...reservation.call, tidIsStated: true } };
      };
      const payments = paymentsWith({ [cancelPath]: { ...cancelled, ...said } }, { reserveCancel: stated });
      expect(await payments.cancel({ orderId: order.id })).toMatchObject({
        outcome: { outcome, tid, price },
      });
    },
  );
});

describe("a charge to a billing key", () => {
  const key = { id: "k1", customerId: "alice", kind: "card", state: "active" } as const;

  it("finds the key by its id and reveals it only to send it", async () => {
    const payments = paymentsWith(
      { "/billing/billpay": { ...approved, Tid: tid } },
      {
        findKey: async () => key,
        async revealKey() {
          seen.push("revealed");
          return new Secret("b1llk3y");
        },
      },
    );
    const result = await payments.charge({ order, billingKey: "k1" });
    expect(seen.slice(0, 3)).toEqual(["reserved approval", "revealed", "marked approval"]);
    expect(JSON.stringify(result)).not.toContain("b1llk3y");
  });

  it.each([
    ["does not exist", undefined, "no-such-key"],
    ["was stopped", { ...key, state: "deleting" } as const, "key-not-active"],
  ])("is not reserved if the key %s", async (_, found, reason) => {
    const payments = paymentsWith({}, { findKey: async () => found });
    const result = await payments.charge({ order, billingKey: "k1" });
    expect(result).toEqual({ status: "not-reserved", reason, order: undefined });
    expect(seen).toEqual([]);
  });

  it("is not sent if the key was stopped meanwhile", async () => {
    const payments = paymentsWith({}, { revealKey: async () => undefined });
    const result = await payments.charge({ order, billingKey: key });
    expect(result).toMatchObject({ status: "settled", order: { status: "not-sent" } });
    expect(seen).toEqual(["reserved approval", "settled approval not-sent"]);
  });
});

describe("a hosted payment", () => {
  const link = { orderId: order.id, oid: "o1", price, payType: "card" };
  const origin = "https://tpayapi.paywelcome.co.kr";
  const page = "/smart/approve";
  let pageReturn: PageReturn;
  beforeEach(async () => {
    const reqUrl = `${sandboxClient().origin}${page}`;
    pageReturn = await sandboxClient().page.readReturn(
      new URLSearchParams({ P_STATUS: "00", P_TID: tid, P_REQ_URL: reqUrl }),
    );
  });

  it("is approved without a net cancel if the page approves", async () => {
    const reply = `P_STATUS=00\nP_OID=o1\nP_AMT=${price}\nP_MID=sandbox001\nP_TID=${tid}\nP_RMESG1=ok`;
    const result = await paymentsWith({ [page]: reply.replaceAll("\n", "&") }).approveHosted({
      link,
      pageReturn,
    });
    expect(result).toMatchObject({ status: "settled", order: { status: "paid" } });
    expect(result.netCancel).toBeUndefined();
  });

  it("is undone by a net cancel if its outcome is unknown", async () => {
    const result = await paymentsWith({ [cancelPath]: cancelled }).approveHosted({ link, pageReturn });
    expect(result).toMatchObject({
      outcome: { outcome: "unknown" },
      netCancel: { status: "settled", order: { status: "net-cancelled" } },
    });
    expect(seen).toEqual([
      "reserved approval",
      "marked approval",
      `sent ${page}`,
      "settled approval unknown",
      "reserved cancel",
      "marked cancel",
      `sent ${cancelPath}`,
      "settled cancel succeeded",
    ]);
    expect(Object.fromEntries(new URLSearchParams(forms[1]))).toMatchObject({
      tid,
      price: "15000",
      cancelType: "C",
    });
  });

  it.each([
    ["is refused", { ResultCode: "01", ResultMsg: "x" }, "refused"],
    ["is lost", undefined, "connection-lost"],
    ["cancels another amount", { ...cancelled, Price: "1" }, "success-mismatch"],
    ["cancels another transaction", { ...cancelled, Tid: "other" }, "success-mismatch"],
    ["lacks the transaction", { ResultCode: "00" }, "success-incomplete"],
    ["is answered with another success code", { ...cancelled, ResultCode: "0000" }, "result-unproven"],
  ])("stays locked if the net cancel %s, and sends neither again", async (_, reply, code) => {
    const result = await paymentsWith({ [cancelPath]: reply }).approveHosted({ link, pageReturn });
    expect(result.netCancel).toMatchObject({ status: "settled", outcome: { code } });
    expect(seen.filter((step) => step.startsWith("sent"))).toEqual([`sent ${page}`, `sent ${cancelPath}`]);
  });

  it("stays locked if the ledger can't reserve the net cancel", async () => {
    const payments = paymentsWith({}, { reserveCancel: () => Promise.reject(away) });
    const result = await payments.approveHosted({ link, pageReturn });
    expect(result.netCancel).toEqual({ status: "ledger-failed", error: away });
  });

  it("neither asks about nor cancels a P_TID that another payment had", async () => {
    const reserveApproval: FullPaymentStore["reserveApproval"] = async ({ page: claimed }) => {
      seen.push(`claimed ${claimed?.tid}`);
      return { status: "refused", reason: "tid-used", order: undefined };
    };
    const result = await paymentsWith({}, { reserveApproval }).approveHosted({ link, pageReturn });
    expect(result).toEqual({ status: "not-reserved", reason: "tid-used", order: undefined });
    expect(seen).toEqual([`claimed ${tid}`]);
  });

  it("rejects a return to an address that is not the gateway's, and reserves nothing", async () => {
    const forged = await sandboxClient().page.readReturn(
      new URLSearchParams({ P_STATUS: "00", P_TID: tid, P_REQ_URL: `${origin}.evil.example/` }),
    );
    const request = { link, pageReturn: forged };
    await expect(paymentsWith({}).approveHosted(request)).rejects.toBeInstanceOf(PayApiError);
    expect(seen).toEqual([]);
  });
});

describe("a billing key", () => {
  const request = { customerId: "alice", card: { ...card, buyerName: "홍길동" } };
  const issuePath = "/noauth/billkey/card";
  const deletePath = "/billing/billkey/delete";
  const key = { id: "k1", customerId: "alice", kind: "card", state: "active" } as const;
  const call = { id: "k1", callId: "i1", customerId: "alice" };
  const retired = { id: "k1", callId: "i0", billkey: new Secret("0ldk3y") };
  const keyLedger = (changes: Partial<FullPaymentStore> = {}) => ({
    async reserveKey() {
      seen.push("reserved key");
      return { status: "reserved", call } as const;
    },
    async markKeySending() {
      seen.push("marked key");
    },
    settleKey: async (_: unknown, { outcome }: { outcome: string }) => {
      seen.push(`settled key ${outcome}`);
      return { key };
    },
    settleKeyDeletion: async (_: unknown, { outcome }: { outcome: string }) => {
      seen.push(`settled deletion ${outcome}`);
      return { ...key, state: "deleted" as const };
    },
    ...changes,
  });
  const issued = { ResultCode: "00", ResultMsg: "정상", Billkey: "n3wk3y" };

  it("is kept once it is issued, and stays in the ledger", async () => {
    const result = await paymentsWith({ [issuePath]: issued }, keyLedger()).issueKey(request);
    expect(result).toMatchObject({ status: "settled", kept: true, key: { id: "k1" } });
    expect(JSON.stringify(result)).not.toContain("n3wk3y");
    expect(seen).toEqual(["reserved key", "marked key", `sent ${issuePath}`, "settled key succeeded"]);
  });

  it("is deleted at the gateway once another card has replaced it", async () => {
    const ledger = keyLedger({ settleKey: async () => ({ key, retired }) });
    const payments = paymentsWith({ [issuePath]: issued, [deletePath]: issued }, ledger);
    const result = await payments.changeKey({ ...request, id: "k1" });
    expect(result).toMatchObject({ kept: true, retired: { status: "settled", key: { state: "deleted" } } });
    expect(seen.at(-1)).toBe("settled deletion succeeded");
  });

  it("is not kept if its success came too late", async () => {
    const late = { ...retired, callId: call.callId };
    const ledger = keyLedger({ settleKey: async () => ({ key, retired: late }) });
    const payments = paymentsWith({ [issuePath]: issued, [deletePath]: issued }, ledger);
    expect(await payments.issueKey(request)).toMatchObject({ kept: false });
  });

  it("rejects half an authentication before it reserves", async () => {
    const half = { ...request, card: { ...request.card, registNo: "900101" } };
    await expect(paymentsWith({}, keyLedger()).issueKey(half)).rejects.toMatchObject({
      code: "invalid-input",
    });
    expect(seen).toEqual([]);
  });

  it("returns the deletion's outcome where it can't be recorded", async () => {
    const ledger = keyLedger({
      reserveKeyDeletion: async () => ({ status: "reserved", call: retired }),
      settleKeyDeletion: () => Promise.reject(away),
    });
    const result = await paymentsWith({}, ledger).deleteKey("k1");
    expect(result).toMatchObject({ status: "not-recorded", outcome: { outcome: "unknown" }, error: away });
    expect(JSON.stringify(result)).not.toContain("0ldk3y");
  });
});
