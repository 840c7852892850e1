import { type Transport, TransportError } from "@payapi/core";
import type { CallLine } from "@payapi/core/internal";
import { expect } from "vitest";
import { gatewayCertificate } from "../../src/gateway/certificate.js";
import { declinedCard, goodCard } from "../../src/handler/client.js";
import { keyBuyer, type SceneOptions, type SceneShop } from "../../src/scenes/scene-shop.js";

/** What happens to a shop, and the codes that it logs. */
export interface LogCase {
  readonly options?: Omit<SceneOptions, "openLedger">;
  /** The codes in order (default: only the code of the case). */
  readonly logs?: readonly string[];
  /** The fields by which an operator finds the entry. */
  readonly fields?: Readonly<Record<string, unknown>>;
  happens(shop: SceneShop): Promise<unknown>;
}

export const away = () => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:5432"));

/** A gateway that gives this reply to every request. */
export function replying(status: number, body: object): Transport {
  return async ({ beforeSend }) => {
    await beforeSend?.();
    return { status, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  };
}

/** Issues a billing key through the shop's page. */
export const issueKey = (shop: SceneShop, card: object = goodCard) =>
  shop.ask("POST", "/billing-keys", { ...keyBuyer, ...card });

const orderId = "order-1";
const pay = (shop: SceneShop) => shop.pay(shop.order());
const approve = { orderId, operation: "cards.approve" };
const { cert, key } = await gatewayCertificate();

export const callCases: Record<CallLine, LogCase> = {
  "connection-failed": {
    fields: { ...approve, cause: "ECONNREFUSED", gateway: expect.any(String) },
    happens: (shop) => {
      shop.sandbox.faults.next("refuse");
      return pay(shop);
    },
  },
  "tls-failed": {
    options: { sandbox: { tls: { cert, key } } },
    fields: { ...approve, cause: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    happens: pay,
  },
  "unsupported-runtime": {
    options: {
      config: {
        transport: () => Promise.reject(new TransportError("unsupported-runtime", false, "nothing was sent")),
      },
    },
    fields: approve,
    happens: pay,
  },
  "not-sent": {
    options: { config: { timeoutMs: 200 }, store: () => ({ markSending: () => new Promise(() => {}) }) },
    fields: approve,
    happens: pay,
  },
  "before-send-failed": {
    options: {
      store: () => ({
        markSending: () => Promise.reject(Object.assign(new Error("far"), { code: "clock-skew" })),
      }),
    },
    fields: { ...approve, cause: "clock-skew" },
    happens: pay,
  },
  "setup-fault": {
    options: { config: { signKey: "another-sign-key" } },
    fields: { ...approve, resultCode: "9011" },
    happens: pay,
  },
  "request-rejected": {
    options: { config: { transport: replying(400, { ResultCode: "9008", ResultMsg: "goodsName 오류" }) } },
    fields: { ...approve, resultCode: "9008", resultMessage: "goodsName 오류" },
    happens: pay,
  },
  "call-refused": {
    fields: { orderId, kind: "approval", callId: expect.any(String), reason: "refused", outcome: "refused" },
    happens: (shop) => shop.pay(shop.order(), declinedCard),
  },
  "call-unknown": {
    fields: {
      orderId,
      kind: "approval",
      callId: expect.any(String),
      oid: expect.any(String),
      reason: "connection-lost",
    },
    happens: (shop) => {
      shop.sandbox.faults.next("reset-after-commit");
      return pay(shop);
    },
  },
  "call-mismatch": {
    fields: { orderId, kind: "approval", tid: expect.any(String), price: 15_001, reason: "success-mismatch" },
    happens: (shop) => {
      shop.sandbox.faults.next("wrong-price");
      return pay(shop);
    },
  },
  "outcome-not-recorded": {
    options: { store: () => ({ settle: away }) },
    fields: { orderId, outcome: "succeeded", tid: expect.any(String), error: "Error" },
    happens: pay,
  },
  "key-not-deleted": {
    fields: { keyId: expect.any(String), reason: "connection-lost" },
    async happens(shop) {
      const { body } = await issueKey(shop);
      shop.sandbox.faults.next("reset-before-commit");
      return shop.ask("DELETE", `/billing-keys/${body.id}`);
    },
  },
};
