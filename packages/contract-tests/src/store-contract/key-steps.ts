import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  type BillingKeyStore,
  type KeyDeletionReservation,
  type KeyRequest,
  type KeyReservation,
  type ReservedKey,
  type ReservedKeyDeletion,
  Secret,
} from "@payapi/core";
import type { OpenStores } from "./contract-case.js";

export const newCustomer = (): string => `customer-${randomUUID().slice(0, 8)}`;
export const newBillkey = (): string => `BK${randomUUID().replaceAll("-", "")}`;

/** Steps of the cases about billing keys. */
export class KeySteps {
  readonly store: BillingKeyStore;
  readonly another: BillingKeyStore;

  constructor({ store, another }: OpenStores<BillingKeyStore>) {
    this.store = store;
    this.another = another;
  }

  async reserved(request: KeyRequest): Promise<ReservedKey> {
    const reservation: KeyReservation = await this.store.reserveKey(request);
    assert(reservation.status === "reserved", "The issue of a key was refused");
    return reservation.call;
  }

  async sent(request: KeyRequest): Promise<ReservedKey> {
    const call = await this.reserved(request);
    await this.store.markKeySending(call);
    return call;
  }

  async issued() {
    const [customerId, billkey] = [newCustomer(), newBillkey()];
    const call = await this.sent({ customerId });
    await this.store.settleKey(call, { outcome: "succeeded", billkey: new Secret(billkey) });
    return { id: call.id, call, customerId, billkey };
  }

  async replaced(id: string, customerId: string) {
    const call = await this.sent({ customerId, replaces: id });
    const billkey = newBillkey();
    const settled = await this.store.settleKey(call, { outcome: "succeeded", billkey: new Secret(billkey) });
    return { call, settled, billkey };
  }

  async deletion(id: string): Promise<ReservedKeyDeletion> {
    const reservation: KeyDeletionReservation = await this.store.reserveKeyDeletion(id);
    assert(reservation.status === "reserved", "The deletion of an active key was refused");
    return reservation.call;
  }

  /** The key as another process would charge it. */
  async revealed(id: string): Promise<string | undefined> {
    return (await this.another.revealKey(id))?.reveal();
  }
}
