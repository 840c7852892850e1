import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type {
  CallOutcome,
  OrderPayment,
  PaymentStore,
  ReservedApproval,
  ReservedCall,
  ReservedCancel,
} from "@payapi/core";
import type { OpenStores } from "./contract-case.js";

/** Won: what the orders of these cases cost. */
export const price = 10_000;

type Part = { readonly cancelPrice: number; readonly confirmPrice: number };

export const newOrder = (): string => `order-${randomUUID().slice(0, 8)}`;
export const newTid = (): string => `tid${randomUUID().replaceAll("-", "")}`;

/** Steps of the cases about payments. */
export class PaymentSteps {
  readonly store: PaymentStore;
  readonly another: PaymentStore;

  constructor({ store, another }: OpenStores<PaymentStore>) {
    this.store = store;
    this.another = another;
  }

  approval(orderId: string, wanted = price) {
    return this.store.reserveApproval({ orderId, price: wanted, payType: "card" });
  }

  cancel(orderId: string, part?: Part) {
    return this.store.reserveCancel({ orderId, ...(part ? { part } : {}) });
  }

  async reserved(orderId = newOrder(), wanted = price): Promise<ReservedApproval> {
    const reservation = await this.approval(orderId, wanted);
    assert(reservation.status === "reserved", "The approval of an order that is free was refused");
    return reservation.call;
  }

  async sent(orderId = newOrder()): Promise<ReservedApproval> {
    const call = await this.reserved(orderId);
    await this.store.markSending(call);
    return call;
  }

  /** A call that was sent and ended so. */
  async ended(outcome: CallOutcome, orderId = newOrder()) {
    const call = await this.sent(orderId);
    return { orderId, call, order: await this.store.settle(call, outcome) };
  }

  paid(orderId = newOrder()) {
    return this.ended({ outcome: "succeeded", tid: newTid(), price, resultCode: "00" }, orderId);
  }

  async reservedCancel(orderId: string, part?: Part): Promise<ReservedCancel> {
    const reservation = await this.cancel(orderId, part);
    assert(reservation.status === "reserved", "The cancel of a payment that is free was refused");
    return reservation.call;
  }

  /** A cancel of a part that was sent and ended so. */
  async cancelEnded(orderId: string, outcome: CallOutcome, cancelPrice = 3_000) {
    const remaining = (await this.store.findOrder(orderId))?.remainingPrice ?? 0;
    const call = await this.reservedCancel(orderId, { cancelPrice, confirmPrice: remaining - cancelPrice });
    await this.store.markSending(call);
    return { call, order: await this.store.settle(call, outcome) };
  }

  statusOf(orderId: string): Promise<OrderPayment["status"] | undefined> {
    return this.store.findOrder(orderId).then((order) => order?.status);
  }
}

/** Fails unless the reservation was refused for this reason. */
export function assertRefused(
  reservation: { readonly status: string; readonly reason?: string; readonly call?: ReservedCall },
  reason: string,
): void {
  assert.equal(reservation.status, "refused", `Not refused, though ${reason}`);
  assert.equal(reservation.reason, reason);
}
