import type { Fields } from "./form.js";

/** The kinds of notifications: {@link MobileNotification}, {@link DepositNotification}, {@link EscrowNotification}. */
export type NotificationKind = "mobile" | "deposit" | "escrow";

/** The common fields of notifications. They are not signed: a notification proves nothing until it matches the ledger. */
interface Facts {
  /** The transaction id. The issue of a virtual account and its deposit share it. */
  readonly tid: string;
  /**
   * Equal for repeats of the same event and different for different ones: mobile by mid, tid and status (and by whether it could be
   * read), deposit by tid, type, time and amount, escrow by tid, status and time. It contains no card number and has at most 250 characters.
   */
  readonly dedupeKey: string;
  /** The time of the event, if the notification has it. */
  readonly occurredAt?: Date | undefined;
  /** Every field as received, also unknown ones, by the gateway's names. */
  readonly fields: Fields;
}

interface MobileFacts extends Facts {
  readonly kind: "mobile";
  /** P_STATUS as received. */
  readonly statusCode: string;
  /** The gateway's message (P_RMESG1), for display only. */
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
  /** The paid amount, in won. */
  readonly price: number;
  readonly payType: Exclude<PagePayType, "vbank">;
}

/** Money arrived at a virtual account. */
export interface MobileDeposited extends MobileFacts {
  readonly event: "deposited";
  readonly mid: string;
  readonly oid: string;
  /** The deposited amount, in won. */
  readonly price: number;
  readonly payType: "vbank";
  /** The account it arrived at (P_VACT_NUM). */
  readonly account?: string | undefined;
}

/** A virtual account was issued. No money arrived yet; a {@link MobileDeposited} follows the deposit. */
export interface MobileAccountIssued extends MobileFacts {
  readonly event: "account-issued";
  readonly mid: string;
  readonly oid: string;
  readonly payType: "vbank";
  /** The amount to deposit, in won. */
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
 * An unknown status or payment method, or a payment whose amount, order or merchant cannot be read. Without a known method even `00`
 * proves nothing: it could mean that an account was issued. Store it and let an operator review it.
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
  /** type_msg as received. */
  readonly typeCode: string;
  readonly oid: string;
  /** The virtual account (no_vacct). */
  readonly account?: string | undefined;
  /** The bank that issued the account (cd_bank), a code of `banksAndIssuers`. */
  readonly bankCode?: string | undefined;
  /** The bank that paid (cd_deal). */
  readonly payingBankCode?: string | undefined;
  /** The payer's name (nm_input), for display only. */
  readonly payerName: string;
}

/** Money arrived at a virtual account. */
export interface Deposited extends DepositFacts {
  readonly event: "deposited";
  /** The deposited amount, in won. */
  readonly price: number;
}

/** A deposit was reversed. */
export interface DepositReversed extends DepositFacts {
  readonly event: "reversed";
  /** The reversed amount, in won. It is not named `price`, so that it is not added to deposits. */
  readonly reversedPrice: number;
}

/** An unknown type, or a deposit whose amount or order cannot be read. Store it and let an operator review it. */
export interface DepositUnrecognised extends Omit<DepositFacts, "oid"> {
  readonly event: "unrecognised";
  readonly oid?: string | undefined;
}

/** An event of a virtual account, sent to the URL registered for deposits. */
export type DepositNotification = Deposited | DepositReversed | DepositUnrecognised;

declare const escrowStatusBrand: unique symbol;

/**
 * The state of an escrow payment in a notification; an unknown code is kept as received. It differs from the state of
 * `escrow.getStatus`, where the same codes have other meanings, so the types are not assignable to each other.
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
  /** cl_status as received, a code of `escrowNotificationStates`. */
  readonly statusCode: string;
  readonly mid: string;
  readonly oid: string;
  readonly payType?: PagePayType | undefined;
  /** The cancelled amount for `cancelled`, else the approved amount, in won. */
  readonly price?: number | undefined;
  /** The buyer's reason for the rejection (msg_deny), for display only. */
  readonly denyMsg: string;
  /** The transaction that was partly cancelled (tid_org). */
  readonly originalTid?: string | undefined;
}

/** A notification; distinguish by `kind`, then by `event` or `status`. */
export type Notification = MobileNotification | DepositNotification | EscrowNotification;

// CARD and ISP are two ways to authenticate a card; cancels know only "card".
const payTypes = { CARD: "card", ISP: "card", VBANK: "vbank", MOBILE: "hpp", BANK: "bank" } as const;

/** The payment methods of P_TYPE, by the names that cancels and links use. */
export type PagePayType = (typeof payTypes)[keyof typeof payTypes];

/** Returns the payment method of P_TYPE; `undefined` if it is missing or unknown. */
export function payTypeOf(wire: string | undefined): PagePayType | undefined {
  return wire !== undefined && Object.hasOwn(payTypes, wire)
    ? payTypes[wire as keyof typeof payTypes]
    : undefined;
}
