import type { HandlerLine } from "@payapi/core/internal";
import { expect } from "vitest";
import { goodCard } from "../../src/handler/client.js";
import type { SceneShop } from "../../src/scenes/scene-shop.js";
import { away, callCases, issueKey, type LogCase } from "./call-cases.js";

const orderId = "order-1";
const delivery = {
  ...{ soid: "1", report: "register", invoice: "1234567890", registName: "담당자", exCode: "cjgls" },
  ...{ exName: "CJ대한통운", charge: "seller", invoiceDay: "2026-11-21" },
  ...{ sendName: "가게", sendPost: "06236", sendAddr1: "서울", sendAddr2: "1층", sendTel: "02-000-0000" },
  ...{ recvName: "홍길동", recvPost: "03187", recvAddr: "서울", recvTel: "010-0000-0000" },
};
const deposit = {
  ...{ no_oid: "order-9-1", no_tid: "T900", no_vacct: "79565391231", amt_input: "15000", type_msg: "0200" },
  ...{ dt_trans: "20261124", tm_trans: "120000" },
};
const retried = { "idempotency-key": "key-1" };

async function paid(shop: SceneShop): Promise<string> {
  const id = shop.order();
  await shop.pay(id);
  return id;
}

/** An order that was paid with escrow at the payment window. */
async function paidWithEscrow(shop: SceneShop): Promise<string> {
  const id = shop.order({ escrow: true });
  const { store } = shop.ledger;
  const reservation = await store.reserveApproval({ orderId: id, price: 15_000, payType: "card" });
  if (reservation.status === "refused") throw new Error(reservation.reason);
  await store.markSending(reservation.call);
  const { tid } = shop.sandbox.outside.payWithEscrow({ oid: reservation.call.oid, price: 15_000 });
  await store.settle(reservation.call, { outcome: "succeeded", tid, price: 15_000 });
  return id;
}

/** A buyer who comes back from the gateway's page with changed values. */
const back =
  (changed: Readonly<Record<string, string>> = {}, choice: Readonly<Record<string, string>> = {}) =>
  async (shop: SceneShop) =>
    shop.back(await shop.atPage(shop.order(), choice), changed);

/** A buyer whose approval is lost, before what comes then. */
const lostApproval = (also?: "reset-before-commit") => async (shop: SceneShop) => {
  const brought = await shop.atPage(shop.order());
  shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "page.approve" });
  if (also !== undefined) shop.sandbox.faults.next({ fault: also, operation: "payments.cancel" });
  return shop.back(brought);
};

const pageCases: Record<
  Extract<HandlerLine, `page-${string}` | `net-cancel${string}` | `account-${string}`>,
  LogCase
> = {
  "page-failed": {
    fields: { orderId, statusCode: expect.any(String) },
    happens: back({}, { action: "abandon" }),
  },
  "page-return-malformed": {
    fields: { orderId, problems: [expect.any(Object)] },
    happens: back({ P_STATUS: "" }),
  },
  "page-return-differs": { fields: { orderId }, happens: back({ P_NOTI: "x".repeat(22) }) },
  "page-return-rejected": {
    fields: { orderId, problems: [expect.objectContaining({ field: "P_REQ_URL" })] },
    happens: back({ P_REQ_URL: "https://evil.example/smart/approve" }),
  },
  "page-return-refused": {
    fields: { orderId, reason: "already-paid" },
    async happens(shop) {
      const id = shop.order();
      const brought = await shop.atPage(id);
      await shop.pay(id);
      await shop.back(brought);
    },
  },
  "page-return-limited": {
    options: { handler: { rateLimits: { perOrder: 1 } } },
    logs: [...Array(3).fill("page-return-refused"), "page-return-limited"],
    fields: { orderId },
    async happens(shop) {
      const brought = await shop.atPage(shop.order());
      for (let times = 0; times < 5; times++) await shop.back(brought);
    },
  },
  "net-cancelled": {
    logs: ["call-unknown", "net-cancelled"],
    fields: { orderId, callId: expect.any(String) },
    happens: lostApproval(),
  },
  "net-cancel-failed": {
    logs: ["call-unknown", "net-cancel-failed"],
    fields: { orderId, callId: expect.any(String), reason: "connection-lost" },
    happens: lostApproval("reset-before-commit"),
  },
  "net-cancel-not-reserved": {
    options: { store: () => ({ reserveCancel: away }) },
    logs: ["call-unknown", "net-cancel-not-reserved"],
    fields: { orderId, error: "Error" },
    happens: lostApproval(),
  },
  "account-differs": {
    fields: { orderId, differs: ["P_AMT"] },
    happens: back({ P_AMT: "1" }, { method: "vbank" }),
  },
  "account-not-stored": {
    fields: { orderId: "order-2", reason: "tid-used" },
    async happens(shop) {
      const first = await shop.atPage(shop.order(), { method: "vbank" });
      await shop.back(first);
      const { P_TID = "" } = first.fields;
      await shop.back(await shop.atPage(shop.order(), { method: "vbank" }), { P_TID });
    },
  },
};

const notificationCases: Record<Extract<HandlerLine, `notification-${string}`>, LogCase> = {
  "notification-source-refused": {
    options: { handler: { sources: ["203.0.113.9"] } },
    fields: { address: "127.0.0.1" },
    happens: (shop) => shop.notify("deposit", deposit),
  },
  "notification-from-browser": {
    fields: { origin: "https://evil.example" },
    happens: (shop) => shop.notify("deposit", deposit, { origin: "https://evil.example" }),
  },
  "notification-limited": {
    options: { handler: { sources: "unlisted", notificationLimits: { inAll: 1 } } },
    logs: ["notification-needs-review", "notification-limited"],
    fields: { kind: "deposit", address: "127.0.0.1" },
    async happens(shop) {
      await shop.notify("deposit", deposit);
      await shop.notify("deposit", { ...deposit, no_tid: "T901" });
    },
  },
  "notification-not-stored": {
    options: { store: () => ({ receiveNotification: away }) },
    fields: { kind: "deposit", error: "Error" },
    happens: (shop) => shop.notify("deposit", deposit),
  },
  "notification-needs-review": {
    fields: { kind: "deposit", effect: "quarantined", dedupeKey: expect.any(String) },
    happens: (shop) => shop.notify("deposit", { ...deposit, amt_input: "fifteen" }),
  },
};

/** A case of every code that the handler logs. */
export const handlerCases: Record<HandlerLine, LogCase> = {
  ...callCases,
  ...pageCases,
  ...notificationCases,
  "request-refused": {
    fields: { orderId, problem: "already-paid", route: "POST /orders/:orderId/card-approval" },
    happens: async (shop) => shop.pay(await paid(shop)),
  },
  "internal-error": {
    options: {
      handler: {
        authorize: () => {
          throw new TypeError(`no session for card ${goodCard.cardNumber}`);
        },
      },
    },
    fields: { orderId, error: "TypeError", detail: "no session for card [redacted]" },
    happens: (shop) => shop.pay(shop.order()),
  },
  "body-consumed": {
    options: { before: (request, _response, next) => void request.resume().once("end", next) },
    fields: { orderId, route: "POST /orders/:orderId/card-approval" },
    happens: (shop) => shop.pay(shop.order()),
  },
  "merchant-order-invalid": {
    fields: { orderId, problems: [expect.objectContaining({ field: "buyerName" })] },
    happens: (shop) => shop.pay(shop.order({ buyerName: "가".repeat(31) })),
  },
  "ledger-failed": {
    options: { store: () => ({ reserveApproval: away }) },
    fields: { orderId, error: "Error" },
    happens: (shop) => shop.pay(shop.order()),
  },
  "origin-refused": {
    fields: { orderId, origin: "https://evil.example" },
    happens: (shop) => shop.pay(shop.order(), goodCard, { origin: "https://evil.example" }),
  },
  "request-not-remembered": {
    options: { store: () => ({ beginRequest: away }) },
    fields: { orderId, error: "Error" },
    happens: async (shop) => shop.ask("POST", `/orders/${await paid(shop)}/cancel`, {}, retried),
  },
  "answer-not-remembered": {
    options: { store: () => ({ endRequest: away }) },
    fields: { orderId, error: "Error" },
    happens: (shop) => shop.pay(shop.order(), goodCard, retried),
  },
  "attempt-not-released": {
    options: { store: () => ({ releaseRateLimit: away }) },
    fields: { error: "Error" },
    happens: (shop) => issueKey(shop),
  },
  "escrow-unknown": {
    fields: { orderId, operation: "escrow.registerDelivery", reason: "connection-lost" },
    async happens(shop) {
      const id = await paidWithEscrow(shop);
      shop.sandbox.faults.next("reset-after-commit");
      return shop.ask("POST", `/orders/${id}/escrow/delivery`, delivery);
    },
  },
  "key-refused": {
    fields: { keyId: expect.any(String), outcome: "refused" },
    happens: (shop) => {
      shop.sandbox.faults.next({ fault: "result-code", resultCode: "2001", commit: false });
      return issueKey(shop);
    },
  },
  "key-unknown": {
    fields: { keyId: expect.any(String), reason: "connection-lost" },
    happens: (shop) => {
      shop.sandbox.faults.next("reset-after-commit");
      return issueKey(shop);
    },
  },
  "key-not-recorded": {
    options: { store: () => ({ settleKey: away }) },
    fields: { keyId: expect.any(String), outcome: "succeeded", error: "Error" },
    happens: (shop) => issueKey(shop),
  },
  "order-changed": {
    fields: { orderId, price: 16_000, linkPrice: 15_000 },
    async happens(shop) {
      const id = shop.order();
      const brought = await shop.atPage(id);
      shop.order({ id, price: 16_000 });
      return shop.back(brought);
    },
  },
};
