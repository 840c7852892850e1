import type { ApprovalRequest, OrderPayment, RefusedReason } from "./payment-store.js";

/** Stores payment links and the virtual accounts that the payment page issues, beside a {@link PaymentStore}. */
export interface LinkStore {
  /**
   * Returns the order's open link with this price and method, or reserves a new one and closes the others. Refused where
   * `reserveApproval` would refuse.
   */
  openLink(request: LinkRequest): Promise<LinkReservation>;
  /** Stores the address of a reserved link. Without an address it closes the link, so that another can be created. */
  settleLink(token: string, url: string | undefined): Promise<void>;
  /** Returns a link by its token, in any state. */
  findLink(token: string): Promise<PageLink | undefined>;
  /** Closes a link whose buyer returned without paying; the next `openLink` creates another. */
  closeLink(token: string): Promise<void>;
  /**
   * Stores the virtual account that was issued for a link. No money has moved: the order may be paid by other means, and is
   * `awaiting-deposit` until then. Storing the same account again changes nothing. Throws an error with the code `tid-used` if the
   * transaction belongs to another payment, and `invalid-argument` if the link is not for a virtual account (a forged return).
   */
  awaitDeposit(account: IssuedAccount): Promise<OrderPayment>;
}

/** A request for a link to the payment page. */
export type LinkRequest = ApprovalRequest;

/** A link to the payment page. */
export interface PageLink {
  /** An unguessable text that identifies the link when the buyer returns: 22 characters of `[A-Za-z0-9_-]`. */
  readonly token: string;
  readonly orderId: string;
  /** The order number for the gateway, new for each link; at most 30 characters. */
  readonly oid: string;
  readonly price: number;
  readonly payType: string;
  /** `making`: the gateway has not replied yet. */
  readonly state: "making" | "open" | "closed";
  /** The payment page's address, once the link is `open`. */
  readonly url?: string;
  /** 72 hours after its creation. */
  readonly expiresAt: Date;
}

export type LinkReservation =
  | { readonly status: "reserved" | "existing"; readonly link: PageLink }
  | { readonly status: "refused"; readonly reason: RefusedReason; readonly order: OrderPayment | undefined };

/** A virtual account issued by the payment page. */
export interface IssuedAccount {
  readonly orderId: string;
  /** The link's order number. */
  readonly oid: string;
  readonly price: number;
  readonly tid: string;
  readonly account: string;
  readonly bankCode?: string;
  /** The account holder's name, for display. */
  readonly accountHolder?: string;
  readonly dueAt?: Date;
}
