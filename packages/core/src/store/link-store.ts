import type { ApprovalRequest, OrderPayment, RefusedReason } from "./payment-store.js";

/** What the payment page needs remembered beside a {@link PaymentStore}: its links, and the accounts it issues. */
export interface LinkStore {
  /**
   * Gives the order's open link, if it has one with this price and method that did not expire, or reserves a new one, which
   * closes the others. Refused where `reserveApproval` would refuse.
   */
  openLink(request: LinkRequest): Promise<LinkReservation>;
  /** Keeps the address the gateway gave for a reserved link; without one the link is closed, and another may be made. */
  settleLink(token: string, url: string | undefined): Promise<void>;
  /** A link by its token, whatever became of it. */
  findLink(token: string): Promise<PageLink | undefined>;
  /** Closes a link: the buyer came back without paying, so the next `openLink` makes another. */
  closeLink(token: string): Promise<void>;
  /**
   * Keeps that a virtual account was issued for a link. No money moved: the order stays free for another payment, and is
   * `awaiting-deposit` until one is made. The same account again changes nothing. Throws an error with the code `tid-used` if
   * the transaction is another payment's, and `invalid-argument` if the link is for no virtual account: the buyer made it up.
   */
  awaitDeposit(account: IssuedAccount): Promise<OrderPayment>;
}

/** One wish for a link to the payment page. */
export type LinkRequest = ApprovalRequest;

/** A link to the payment page. */
export interface PageLink {
  /** An unguessable text by which the link is found when the buyer comes back: 22 characters of `[A-Za-z0-9_-]`. */
  readonly token: string;
  readonly orderId: string;
  /** The order number for the gateway: new for each link, and never used again; at most 30 characters. */
  readonly oid: string;
  readonly price: number;
  readonly payType: string;
  /** `making`: the gateway was not heard of yet. */
  readonly state: "making" | "open" | "closed";
  /** Where the buyer pays; known once it is `open`. */
  readonly url?: string;
  /** 72 hours after it was made. */
  readonly expiresAt: Date;
}

export type LinkReservation =
  | { readonly status: "reserved" | "existing"; readonly link: PageLink }
  | { readonly status: "refused"; readonly reason: RefusedReason; readonly order: OrderPayment | undefined };

/** A virtual account that the payment page issued. */
export interface IssuedAccount {
  readonly orderId: string;
  /** The link's. */
  readonly oid: string;
  readonly price: number;
  readonly tid: string;
  readonly account: string;
  readonly bankCode?: string;
  /** Whose name stands on the account, for people. */
  readonly accountHolder?: string;
  readonly dueAt?: Date;
}
