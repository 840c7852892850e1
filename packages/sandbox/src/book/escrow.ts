/** The state of an escrow purchase; its transaction says whether it was cancelled. */
export type EscrowState = "paid" | "delivery-registered" | "confirmed" | "rejected" | "refunded";

/** The escrow side of a payment. */
export interface EscrowPurchase {
  readonly tid: string;
  readonly state: EscrowState;
  readonly deliveries: readonly EscrowDelivery[];
  /** ISO 8601: the time of the buyer's decision. */
  readonly decidedAt?: string;
  readonly denyMsg?: string;
}

/** A parcel, without names and addresses. */
export interface EscrowDelivery {
  /** The parcel's number within the order. */
  readonly soid: string;
  readonly exCode: string;
  readonly invoice: string;
  /** ISO 8601. */
  readonly registeredAt: string;
  /** ISO 8601. */
  readonly changedAt?: string;
}

type OpenPurchase = { -readonly [K in keyof EscrowPurchase]: EscrowPurchase[K] } & {
  deliveries: EscrowDelivery[];
};

/** The escrow purchases of all merchants. The services check the order of steps. */
export class EscrowPurchases {
  readonly #now: () => Date;
  readonly #byTid = new Map<string, OpenPurchase>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Live, in the order of payment. */
  get list(): readonly EscrowPurchase[] {
    return [...this.#byTid.values()];
  }

  find(tid: string): EscrowPurchase | undefined {
    return this.#byTid.get(tid);
  }

  /** Puts a payment under escrow. */
  open(tid: string): void {
    this.#byTid.set(tid, { tid, state: "paid", deliveries: [] });
  }

  /** Adds or changes a parcel. */
  deliver(tid: string, parcel: Pick<EscrowDelivery, "soid" | "exCode" | "invoice">): void {
    const purchase = this.#get(tid);
    const at = this.#now().toISOString();
    const known = purchase.deliveries.findIndex(({ soid }) => soid === parcel.soid);
    const before = purchase.deliveries[known];
    if (before) purchase.deliveries[known] = { ...before, ...parcel, changedAt: at };
    else purchase.deliveries.push({ ...parcel, registeredAt: at });
    purchase.state = "delivery-registered";
  }

  /** Stores the buyer's decision, or the seller's acceptance of a rejection. */
  decide(tid: string, state: "confirmed" | "rejected" | "refunded", denyMsg?: string): void {
    const purchase = this.#get(tid);
    purchase.state = state;
    if (state !== "refunded") purchase.decidedAt = this.#now().toISOString();
    if (denyMsg !== undefined) purchase.denyMsg = denyMsg;
  }

  #get(tid: string): OpenPurchase {
    const purchase = this.#byTid.get(tid);
    if (!purchase) throw new Error("the book has no such escrow purchase");
    return purchase;
  }
}
