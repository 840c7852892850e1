import type { Fields } from "./form.js";

/** What the gateway notifies about: see {@link MobileNotification}, {@link DepositNotification}, {@link EscrowNotification}. */
export type NotificationKind = "mobile" | "deposit" | "escrow";

/** What all notifications have. None is signed: a notification proves nothing until it is checked against the ledger. */
interface Facts {
  /** The transaction. The issue of a virtual account and its deposit share one. */
  readonly tid: string;
  /**
   * Equal for repeats of the same event and different for different ones: mobile by mid, tid and status (and by whether it could be
   * read), deposit by tid, type, time and amount, escrow by tid, status and time. It holds no card number and at most 250 characters.
   */
  readonly dedupeKey: string;
  /** When the gateway says it happened; it names no moment if the notification doesn't. */
  readonly occurredAt?: Date | undefined;
  /** Every field as it came, also those nobody knows, under the gateway's own names. */
  readonly fields: Fields;
}

interface MobileFacts extends Facts {
  readonly kind: "mobile";
  /** P_STATUS as it came. */
  readonly statusCode: string;
  /** The gateway's own words (P_RMESG1), for people; never decide by them. */
  readonly message: string;
  /** The approval number (P_AUTH_NO). */
  readonly applNum?: string | undefined;
  /** The card company or bank (P_FN_CD1), a code of `banksAndIssuers`. */
  readonly bankCode?: string | undefined;
}

/** A payment by card, account transfer or mobile phone was approved. */
export interface MobileApproved extends MobileFacts {
  readonly event: "approved";
  readonly mid: string;
  readonly oid: string;
  /** Won paid. */
  readonly price: number;
  readonly payType: Exclude<PagePayType, "vbank">;
}

/** Money arrived at a virtual account. */
export interface MobileDeposited extends MobileFacts {
  readonly event: "deposited";
  readonly mid: string;
  readonly oid: string;
  /** Won that arrived. */
  readonly price: number;
  readonly payType: "vbank";
  /** The account it arrived at (P_VACT_NUM). */
  readonly account?: string | undefined;
}

/** A virtual account was issued. No money arrived; a {@link MobileDeposited} tells when it does. */
export interface MobileAccountIssued extends MobileFacts {
  readonly event: "account-issued";
  readonly mid: string;
  readonly oid: string;
  readonly payType: "vbank";
  /** Won that the account waits for. */
  readonly askedPrice?: number | undefined;
  /** The account that was issued (P_VACT_NUM). */
  readonly account?: string | undefined;
}

/** A payment failed. */
export interface MobileFailed extends MobileFacts {
  readonly event: "failed";
  readonly mid?: string | undefined;
  readonly oid?: string | undefined;
  readonly payType?: PagePayType | undefined;
}

/**
 * A status, or a status of a payment method, that nobody here knows; or money whose amount, order or merchant cannot be read. Not
 * even `00` proves anything without a known method: it could be the mere issue of an account. Store it and let a person look.
 */
export interface MobileUnrecognised extends MobileFacts {
  readonly event: "unrecognised";
  readonly mid?: string | undefined;
  readonly oid?: string | undefined;
  readonly payType?: PagePayType | undefined;
}

/** The result of a payment on the gateway's page, sent to P_NOTI_URL. */
export type MobileNotification =
  | MobileApproved
  | MobileDeposited
  | MobileAccountIssued
  | MobileFailed
  | MobileUnrecognised;

interface DepositFacts extends Facts {
  readonly kind: "deposit";
  /** type_msg as it came. */
  readonly typeCode: string;
  readonly oid: string;
  /** The virtual account (no_vacct). */
  readonly account?: string | undefined;
  /** The bank that issued the account (cd_bank), a code of `banksAndIssuers`. */
  readonly bankCode?: string | undefined;
  /** The bank that paid (cd_deal). */
  readonly payingBankCode?: string | undefined;
  /** Who paid (nm_input), for people. */
  readonly payerName: string;
}

/** Money arrived at a virtual account. */
export interface Deposited extends DepositFacts {
  readonly event: "deposited";
  /** Won that arrived. */
  readonly price: number;
}

/** A deposit was taken back. */
export interface DepositReversed extends DepositFacts {
  readonly event: "reversed";
  /** Won taken back; no `price`, so that nobody adds it up with those that arrived. */
  readonly reversedPrice: number;
}

/** A type that nobody here knows, or money whose amount or order cannot be read. Store it and let a person look. */
export interface DepositUnrecognised extends Omit<DepositFacts, "oid"> {
  readonly event: "unrecognised";
  readonly oid?: string | undefined;
}

/** What happened at a virtual account, sent to the URL registered for deposits. */
export type DepositNotification = Deposited | DepositReversed | DepositUnrecognised;

declare const escrowStatusBrand: unique symbol;

/**
 * The state of an escrow payment as a notification says it; a code that nobody knows is kept as it came. Not the state that
 * `escrow.getStatus` gives, where the same codes mean something else: that one is not assignable here.
 */
export type EscrowNotificationStatus =
  | "delivery-registered"
  | "purchase-confirmed"
  | "auto-confirmed"
  | "force-confirmed"
  | "purchase-rejected"
  | "cancelled"
  | "rejection-confirmed"
  | (string & { readonly [escrowStatusBrand]: true });

/** The state of an escrow payment changed, sent to the URL registered for it. Ask `escrow.getStatus` before you act. */
export interface EscrowNotification extends Facts {
  readonly kind: "escrow";
  readonly status: EscrowNotificationStatus;
  /** cl_status as it came, a code of `escrowNotificationStates`. */
  readonly statusCode: string;
  readonly mid: string;
  readonly oid: string;
  readonly payType?: PagePayType | undefined;
  /** Won: what was cancelled, for `cancelled`; else what was approved. */
  readonly price?: number | undefined;
  /** Why the buyer rejected (msg_deny), for people. */
  readonly denyMsg: string;
  /** The transaction that was partly cancelled (tid_org). */
  readonly originalTid?: string | undefined;
}

/** What the gateway may send, told apart by `kind` and then by `event` or `status`. */
export type Notification = MobileNotification | DepositNotification | EscrowNotification;

// CARD and ISP are two ways to authenticate a card; cancels know only "card".
const payTypes = { CARD: "card", ISP: "card", VBANK: "vbank", MOBILE: "hpp", BANK: "bank" } as const;

/** The payment methods that P_TYPE names, in the words that cancels and links take. */
export type PagePayType = (typeof payTypes)[keyof typeof payTypes];

/** What P_TYPE names; `undefined` if it is missing or names nothing known. */
export function payTypeOf(wire: string | undefined): PagePayType | undefined {
  return wire !== undefined && Object.hasOwn(payTypes, wire)
    ? payTypes[wire as keyof typeof payTypes]
    : undefined;
}
