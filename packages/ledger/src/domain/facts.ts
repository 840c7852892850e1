import type { CallOutcome } from "@payapi/core";
import type { MobileAccountIssued, MobileDeposited, Notification } from "@payapi/core/notifications";
import type { ApprovalRow, ReplyFacts, ReportedDeposit } from "./rows.js";

/** The facts of an outcome in a form that any store can keep: a strange reply must never make settling fail. */
export interface SettledFacts extends ReplyFacts {
  readonly outcome: CallOutcome["outcome"];
  readonly tid: string | null;
  readonly cancelTid: string | null;
  readonly applNum: string | null;
  readonly reportedRemaining: number | null;
  readonly at: Date | null;
}

/** A success whose amounts are no amounts is no proof of what was asked: it counts as `moved`. */
export function factsOf(outcome: CallOutcome): SettledFacts {
  const strange = [outcome.price, outcome.remainingPrice].some(
    (price) => price !== undefined && wonOrNull(price) === null,
  );
  return {
    outcome: outcome.outcome === "succeeded" && strange ? "moved" : outcome.outcome,
    failureCode: cleanText(outcome.code, 64),
    resultCode: cleanText(outcome.resultCode, 32),
    resultMessage: cleanText(maskCardNumbers(outcome.resultMessage), 500),
    reportedPrice: wonOrNull(outcome.price),
    reportedRemaining: wonOrNull(outcome.remainingPrice),
    tid: cleanTid(outcome.tid),
    cancelTid: cleanTid(outcome.cancelTid),
    applNum: cleanText(outcome.applNum, 64),
    at: outcome.at !== undefined && Number.isFinite(outcome.at.getTime()) ? new Date(outcome.at) : null,
  };
}

/** PostgreSQL keeps no NUL in text, and half a surrogate pair is no character. */
function cleanText(text: string | undefined, maxLength: number): string | null {
  if (text === undefined) return null;
  const clean = text.replaceAll(/\p{Cc}|\p{Cs}/gu, " ").trim();
  return clean === "" ? null : [...clean].slice(0, maxLength).join("");
}

/** An id that could not be sent back to the gateway is no id. */
function cleanTid(tid: string | undefined): string | null {
  return tid !== undefined && /^[\x21-\x7e]{1,64}$/.test(tid) ? tid : null;
}

function wonOrNull(price: number | undefined): number | null {
  return price !== undefined && Number.isSafeInteger(price) && price >= 0 ? price : null;
}

/**
 * Core masks already; what is kept for ever is masked once more. Before it is cut, or a cut number would pass, and
 * however many digits are in a row, since a card number may stand among them.
 */
function maskCardNumbers(text: string | undefined): string | undefined {
  return text?.replaceAll(/\d(?:[\p{Cc} .-]?\d){11,}/gu, "[card number]");
}

/** What a notification of any kind says about money. */
export interface Reported {
  readonly what: /** Money came in. */
    | "paid"
    /** An account was issued for it. */
    | "issued"
    /** A deposit was reversed. */
    | "reversed"
    /** An escrow payment was cancelled. */
    | "cancelled"
    /** Something that the gateway's guide does not have. */
    | "unrecognised"
    /** Something that means nothing for the money. */
    | "nothing";
  readonly mid: string | undefined;
  readonly oid: string | undefined;
  /** Empty if the notification has none that can be read. */
  readonly tid: string;
  readonly price: number | undefined;
  readonly payType: string | undefined;
  readonly account: string | undefined;
  readonly bankCode: string | undefined;
  /** The deadline of the deposit, if the gateway named it. */
  readonly dueAt?: Date | undefined;
  readonly applNum: string | undefined;
  readonly at: Date | undefined;
}

export function reportedBy(notification: Notification): Reported {
  const { tid = "", occurredAt } = notification;
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
      return { ...common, what: "paid", price: notification.price, ...accountOf(notification) };
    case "account-issued":
      return { ...common, what: "issued", price: notification.askedPrice, ...accountOf(notification) };
    case "failed":
      return { ...common, what: "nothing", price: undefined, account: undefined };
    case "unrecognised":
      return { ...common, what: "unrecognised", price: undefined, account: undefined };
  }
}

function accountOf({ account, dueAt }: MobileDeposited | MobileAccountIssued) {
  return { account, dueAt: dueAt !== undefined && Number.isFinite(dueAt.getTime()) ? dueAt : undefined };
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
  const what = status === "cancelled" || status === "unrecognised" ? status : "nothing";
  return { ...none, what, mid, oid, price, payType };
}

/** One report of a deposit: the channel and the event that it came by, and when the gateway says the money came. */
export interface DepositReport {
  readonly channel: string;
  readonly event: string;
  readonly at: Date | undefined;
}

type Deposits = Pick<ApprovalRow, "deposits">;

/** How far apart the channels may say that one deposit came. */
const sameDepositMs = 10 * 60_000;

/**
 * What a report of a deposit adds to those before it: the `first`, one that is `known`, or `another` deposit. Each channel reports a
 * deposit by one event, however often it is sent: so two events of one channel are two deposits.
 */
export function depositAfter({ deposits }: Deposits, report: DepositReport): "first" | "known" | "another" {
  if (deposits.length === 0) return "first";
  return find(deposits, report) === undefined ? "another" : "known";
}

/** The deposits with this report among them. */
export function withReport({ deposits }: Deposits, report: DepositReport): readonly ReportedDeposit[] {
  const { channel, event } = report;
  const same = find(deposits, report);
  const at = report.at?.toISOString() ?? null;
  if (same === undefined) return [...deposits, { at, by: [{ channel, event }] }];
  if (same.by.some((known) => known.event === event)) return deposits;
  const confirmed = { at: same.at ?? at, by: [...same.by, { channel, event }] };
  return deposits.map((deposit) => (deposit === same ? confirmed : deposit));
}

/** Whether money came at another time than each deposit that is known. */
export function isAnotherMoment({ deposits }: Deposits, at: Date | undefined): boolean {
  if (at === undefined || deposits.length === 0) return false;
  const lies = (known: string | null) =>
    known !== null && Math.abs(new Date(known).getTime() - at.getTime()) > sameDepositMs;
  return deposits.every((deposit) => lies(deposit.at));
}

function find(deposits: readonly ReportedDeposit[], report: DepositReport): ReportedDeposit | undefined {
  return (
    deposits.find(({ by }) => by.some(({ event }) => event === report.event)) ??
    deposits.find((deposit) => mayBe(deposit, report))
  );
}

function mayBe({ at, by }: ReportedDeposit, report: DepositReport): boolean {
  if (by.some(({ channel }) => channel === report.channel)) return false;
  if (at === null || report.at === undefined) return true;
  return Math.abs(new Date(at).getTime() - report.at.getTime()) <= sameDepositMs;
}

/** What an operator found out about a call whose outcome is unknown. */
export interface Resolution {
  /** `moved`: the gateway did what the call asked for, to the won. `not-moved`: it did nothing. */
  readonly outcome: "moved" | "not-moved";
  /**
   * Which call it is about. It may be left out where only one is unknown; beside an unknown net cancel it must be
   * `approval`, since what became of the cancel means nothing before that is known.
   */
  readonly about?: "approval" | "cancel";
  /** The transaction in the gateway's console. An approval that moved needs it; a partial cancel has one of its own. */
  readonly tid?: string;
  /** Who says so. */
  readonly actor: string;
  /** What it was seen in, such as the console's page and the time; kept for ever. Not for card data. */
  readonly evidence: string;
  /**
   * When the console was looked at (default: now). `not-moved` is accepted only for a check made at least 10 minutes after the call's
   * deadline, and nothing is accepted for a check made before the call.
   */
  readonly seenAt?: Date;
}
