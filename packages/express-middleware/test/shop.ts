import { createPayApi, type FullPaymentStore, type PaymentStore } from "@payapi/core";
import type { PayApiMiddlewareOptions } from "../src/index.js";

export const shopOrigin = "https://shop.example";

/** Who is asking, as an authentication middleware before ours leaves it on Express's request. */
export interface Caller {
  readonly user: string | undefined;
}

/** One order of 15,000 won, a gateway that approves everything, and a ledger that remembers nothing. */
export function shopOptions(sent: URLSearchParams[] = []): PayApiMiddlewareOptions<Caller> {
  return {
    payapi: createPayApi({
      mid: "sandbox001",
      signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
      fieldKey: "1".repeat(32),
      fieldIv: "1".repeat(16),
      environment: "sandbox",
      transport: async ({ body, beforeSend }) => {
        await beforeSend?.();
        sent.push(new URLSearchParams(Buffer.from(body).toString("latin1")));
        const reply = { ResultCode: "00", ResultMsg: "ok", tid: "T1", Price: "15000" };
        return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(reply)) };
      },
    }),
    ledger: { store: approvingStore as FullPaymentStore },
    orders: {
      find: async (id) =>
        id === "1" ? { id, price: 15_000, buyerName: "홍길동", customerId: "alice" } : undefined,
    },
    context: (_request, request) => ({ user: request.header("x-test-user") }),
    authorize: ({ order, context }) => order.customerId === context.user,
    publicUrl: shopOrigin,
    basePath: "/payments",
    groups: ["cards", "orders"],
  };
}

const approvingStore: PaymentStore = {
  reserveApproval: async ({ orderId, price }) => ({
    status: "reserved",
    call: { kind: "approval", id: "c1", orderId, oid: `${orderId}-1`, price },
  }),
  reserveCancel: async () => ({ status: "refused", reason: "not-paid", order: undefined }),
  markSending: async () => {},
  settle: async ({ orderId }, { outcome, price = 0 }) => ({
    orderId,
    status: outcome === "succeeded" ? "paid" : "unknown",
    price,
    remainingPrice: price,
  }),
  findOrder: async () => undefined,
  consumeRateLimit: async () => ({ allowed: true, counted: [] }),
  releaseRateLimit: async () => {},
  beginRequest: async () => ({ status: "new" }),
  endRequest: async () => {},
};
