import type { Notification } from "@payapi/core/notifications";

/** What a notification says about money, whatever kind it is of. */
export interface Reported {
  readonly what: /** Money came in. */
    | "paid"
    /** An account was issued for it. */
    | "issued"
    /** A deposit was taken back. */
    | "reversed"
    /** An escrow payment was cancelled. */
    | "cancelled"
    /** Something that the gateway's guide does not have. */
    | "unrecognised"
    /** Something that means nothing for the money. */
    | "nothing";
  readonly mid: string | undefined;
  readonly oid: string | undefined;
  readonly tid: string;
  readonly price: number | undefined;
  readonly payType: string | undefined;
  readonly account: string | undefined;
  readonly bankCode: string | undefined;
  readonly applNum: string | undefined;
  readonly at: Date | undefined;
}

export function reportedBy(notification: Notification): Reported {
  const { tid, occurredAt } = notification;
  const at = occurredAt !== undefined && Number.isFinite(occurredAt.getTime()) ? occurredAt : undefined;
  switch (notification.kind) {
    case "mobile":
      return { ...mobile(notification), tid, at };
    case "deposit":
      return { ...deposit(notification), tid, at };
    case "escrow":
      return { ...escrow(notification), tid, at };
  }
}

type What = Omit<Reported, "tid" | "at">;

function mobile(notification: Extract<Notification, { kind: "mobile" }>): What {
  const { mid, oid, payType, applNum, bankCode } = notification;
  const common = { mid, oid, payType, applNum, bankCode };
  switch (notification.event) {
    case "approved":
      return { ...common, what: "paid", price: notification.price, account: undefined };
    case "deposited":
      return { ...common, what: "paid", price: notification.price, account: notification.account };
    case "account-issued":
      return { ...common, what: "issued", price: notification.askedPrice, account: notification.account };
    case "failed":
      return { ...common, what: "nothing", price: undefined, account: undefined };
    case "unrecognised":
      return { ...common, what: "unrecognised", price: undefined, account: undefined };
  }
}

function deposit(notification: Extract<Notification, { kind: "deposit" }>): What {
  const { oid, account, bankCode } = notification;
  const common = { mid: undefined, oid, account, bankCode, payType: "vbank", applNum: undefined };
  switch (notification.event) {
    case "deposited":
      return { ...common, what: "paid", price: notification.price };
    case "reversed":
      return { ...common, what: "reversed", price: notification.reversedPrice };
    case "unrecognised":
      return { ...common, what: "unrecognised", price: undefined };
  }
}

function escrow(notification: Extract<Notification, { kind: "escrow" }>): What {
  const { mid, oid, price, payType, status } = notification;
  const none = { account: undefined, bankCode: undefined, applNum: undefined };
  return { ...none, what: status === "cancelled" ? "cancelled" : "nothing", mid, oid, price, payType };
}
