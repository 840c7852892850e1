import type { Secret } from "../secret.js";
import type { Fields } from "./form.js";
import type { NotificationProblem } from "./notification-error.js";
import type { PagePayType, PaidWith } from "./page-facts.js";

/** The kinds of notifications: {@link MobileNotification}, {@link DepositNotification}, {@link EscrowNotification}. */
export type NotificationKind = "mobile" | "deposit" | "escrow";

/**
 * The common fields of a notification that could not be read as one that the guide lists, such as an unknown status, an amount that cannot be
 * read, or a body that is not a form. Store it, acknowledge it, and let an operator review it: after any other answer the gateway repeats
 * it in vain and then gives up.
 */
interface UnreadFacts extends Omit<Facts, "tid"> {
  /** What could not be read. */
  readonly problem: NotificationProblem;
  /** The transaction id, if it can be read. */
  readonly tid?: string | undefined;
  readonly oid?: string | undefined;
}

/** The common fields of notifications. They are not signed: a notification proves nothing until it matches the ledger. */
interface Facts {
  /** The transaction id. The issue of a virtual account and its deposit share it. */
  readonly tid: string;
  /**
   * Equal for repeats of the same event and different for different ones: mobile by mid, tid and status, deposit by tid, type, time and
   * amount, escrow by tid, status and time. A notification that could not be read has one of its whole body. It contains no card number
   * and has at most 250 characters.
   */
  readonly dedupeKey: string;
  /** The time of the event, if the notification has it. */
  readonly occurredAt?: Date | undefined;
  /** Every field as received, also unknown ones, by the gateway's names. */
  readonly fields: Fields;
}

interface MobileTexts extends PaidWith {
  readonly kind: "mobile";
  /** P_STATUS as received. */
  readonly statusCode: string;
  /** The gateway's message (P_RMESG1), for display only. */
  readonly message: string;
  /** The approval number (P_AUTH_NO). */
  readonly applNum?: string | undefined;
  /** The phone company (P_HPP_CORP), such as `SKT`. */
  readonly phoneCompany?: string | undefined;
  /** The phone's number (P_HPP_NUM). */
  readonly phoneNumber?: Secret | undefined;
  /** Whether the payment can be cancelled in part (P_PRTC_CODE). */
  readonly partlyCancellable?: boolean | undefined;
}

interface MobileFacts extends Facts, MobileTexts {}

interface IssuedAccountFacts {
  /** The account: `P_VACCT_NO` in P_RMESG1, or P_VACT_NUM. Digits without hyphens. */
  readonly account?: string | undefined;
  /** The deadline of the deposit: `P_EXP_DT` in P_RMESG1. */
  readonly dueAt?: Date | undefined;
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
export interface MobileDeposited extends MobileFacts, IssuedAccountFacts {
  readonly event: "deposited";
  readonly mid: string;
  readonly oid: string;
  /** The deposited amount, in won. */
  readonly price: number;
  readonly payType: "vbank";
}

/** A virtual account was issued. No money arrived yet; a {@link MobileDeposited} follows the deposit. */
export interface MobileAccountIssued extends MobileFacts, IssuedAccountFacts {
  readonly event: "account-issued";
  readonly mid: string;
  readonly oid: string;
  readonly payType: "vbank";
  /** The amount to deposit, in won. */
  readonly askedPrice?: number | undefined;
}

/** A payment failed. */
export interface MobileFailed extends MobileFacts {
  readonly event: "failed";
  readonly mid?: string | undefined;
  readonly oid?: string | undefined;
  readonly payType?: PagePayType | undefined;
}

/**
 * An unknown status or payment method, or a payment whose amount, order, merchant or account cannot be read. Without a known method even
 * `00` proves nothing: it could mean that an account was issued.
 */
export interface MobileUnrecognised extends UnreadFacts, MobileTexts {
  readonly event: "unrecognised";
  readonly mid?: string | undefined;
  readonly payType?: PagePayType | undefined;
}

/** The result of a payment on the gateway's page, sent to P_NOTI_URL. */
export type MobileNotification =
  | MobileApproved
  | MobileDeposited
  | MobileAccountIssued
  | MobileFailed
  | MobileUnrecognised;

interface DepositTexts {
  readonly kind: "deposit";
  /** type_msg as received. */
  readonly typeCode: string;
  /** The virtual account (no_vacct). */
  readonly account?: string | undefined;
  /** The bank that issued the account (cd_bank), a code of `banksAndIssuers`. */
  readonly bankCode?: string | undefined;
  /** The bank that paid (cd_deal). */
  readonly payingBankCode?: string | undefined;
  /** The payer's name (nm_input), for display only. */
  readonly payerName: string;
}

interface DepositFacts extends Facts, DepositTexts {
  readonly oid: string;
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

/** An unknown type, or a deposit whose amount, order or account cannot be read. */
export interface DepositUnrecognised extends UnreadFacts, DepositTexts {
  readonly event: "unrecognised";
}

/** An event of a virtual account, sent to the URL registered for deposits. */
export type DepositNotification = Deposited | DepositReversed | DepositUnrecognised;

/**
 * The state of an escrow payment in a notification. It differs from the state of `escrow.getStatus`, where the same codes have other
 * meanings.
 */
export type EscrowNotificationStatus =
  | "delivery-registered"
  | "purchase-confirmed"
  | "auto-confirmed"
  | "force-confirmed"
  | "purchase-rejected"
  | "cancelled"
  | "rejection-confirmed";

interface EscrowTexts {
  readonly kind: "escrow";
  /** cl_status as received, a code of `escrowNotificationStates`. */
  readonly statusCode: string;
  readonly payType?: PagePayType | undefined;
  /** The buyer's reason for the rejection (msg_deny), for display only. */
  readonly denyMsg: string;
  /** The transaction that was partly cancelled (tid_org). */
  readonly originalTid?: string | undefined;
}

/** The state of an escrow payment changed. Ask `escrow.getStatus` before you act. */
export interface EscrowChanged extends Facts, EscrowTexts {
  readonly status: EscrowNotificationStatus;
  /** The cancelled amount for `cancelled`, else the approved amount, in won. */
  readonly price?: number | undefined;
  readonly mid: string;
  readonly oid: string;
}

/** An unknown state, or one whose order or merchant cannot be read. */
export interface EscrowUnrecognised extends UnreadFacts, EscrowTexts {
  readonly status: "unrecognised";
  readonly mid?: string | undefined;
}

/** A change of an escrow payment, sent to the URL registered for it. */
export type EscrowNotification = EscrowChanged | EscrowUnrecognised;

/** A notification; distinguish by `kind`, then by `event` or `status`. */
export type Notification = MobileNotification | DepositNotification | EscrowNotification;
