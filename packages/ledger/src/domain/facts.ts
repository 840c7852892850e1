import type { CallOutcome, OrderPayment } from "@payapi/core";
import type { MobileAccountIssued, MobileDeposited, Notification } from "@payapi/core/notifications";
import type { ApprovalRow, ReplyFacts, ReportedDeposit } from "./rows.js";

/** The facts of an outcome in a form that every store accepts: a malformed reply must never make settling fail. */
export interface SettledFacts extends ReplyFacts {
  readonly outcome: CallOutcome["outcome"];
  readonly tid: string | null;
  readonly cancelTid: string | null;
  readonly applNum: string | null;
  readonly payType: string | null;
  readonly partlyCancellable: boolean | null;
  readonly reportedRemaining: number | null;
  readonly at: Date | null;
}

/** The facts of a payment that an operator saw. */
export function paymentFacts(tid: string, price: number): SettledFacts {
  return factsOf({ outcome: "succeeded", tid, price });
}

/** A success with malformed amounts does not prove what was requested: it counts as `moved`. */
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
    payType: cleanText(outcome.payType, 20),
    partlyCancellable: outcome.partlyCancellable ?? null,
    at: outcome.at !== undefined && Number.isFinite(outcome.at.getTime()) ? new Date(outcome.at) : null,
  };
}

/** A link may offer several methods: cancels name the one that was used, and the card says whether a part can be cancelled. */
export function methodOf(
  facts: Pick<SettledFacts, "payType" | "partlyCancellable">,
  row: Pick<ApprovalRow, "payType" | "partlyCancellable">,
): Pick<ApprovalRow, "payType" | "partlyCancellable"> {
  return {
    payType: facts.payType ?? row.payType,
    partlyCancellable: facts.partlyCancellable ?? row.partlyCancellable,
  };
}

/** Removes NUL characters and unpaired surrogates, which PostgreSQL rejects. */
function cleanText(text: string | undefined, maxLength: number): string | null {
  if (text === undefined) return null;
  const clean = text.replaceAll(/\p{Cc}|\p{Cs}/gu, " ").trim();
  return clean === "" ? null : [...clean].slice(0, maxLength).join("");
}

/** Drops an id that could not be sent back to the gateway. */
function cleanTid(tid: string | undefined): string | null {
  return tid !== undefined && /^[\x21-\x7e]{1,64}$/.test(tid) ? tid : null;
}

function wonOrNull(price: number | undefined): number | null {
  return price !== undefined && Number.isSafeInteger(price) && price >= 0 ? price : null;
}

/**
 * Core masks card numbers already; stored texts are masked once more. It masks before it truncates, since a truncated number would
 * not be recognised, and in digit runs of any length, since a card number may be inside a longer run.
 */
function maskCardNumbers(text: string | undefined): string | undefined {
  return text?.replaceAll(/\d(?:[\p{Cc} .-]?\d){11,}/gu, "[card number]");
}

/** What a notification reports about money. */
export interface Reported {
  readonly what: /** Money came in. */
    | "paid"
    /** A virtual account was issued. */
    | "issued"
    /** A deposit was reversed. */
    | "reversed"
    /** An escrow payment was cancelled. */
    | "cancelled"
    /** The seller accepted the rejection of an escrow purchase: the buyer gets back what remains. */
    | "accepted"
    /** A status or method that the gateway's guide does not document. */
    | "unrecognised"
    /** A report without meaning for the money. */
    | "nothing";
  readonly mid: string | undefined;
  readonly oid: string | undefined;
  /** Empty if the notification has none that can be read. */
  readonly tid: string;
  readonly price: number | undefined;
  readonly payType: string | undefined;
  readonly account: string | undefined;
  readonly bankCode: string | undefined;
  readonly partlyCancellable?: boolean | undefined;
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
  const { mid, oid, payType, applNum, bankCode, partlyCancellable } = notification;
  const common = { mid, oid, payType, applNum, bankCode, partlyCancellable };
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
  const { mid, oid, payType, status } = notification;
  const isAccepted = status === "rejection-confirmed";
  // Its price is the payment's, not what the buyer gets back.
  const price = notification.status === "unrecognised" || isAccepted ? undefined : notification.price;
  const none = { account: undefined, bankCode: undefined, applNum: undefined };
  const isMoney = status === "cancelled" || status === "unrecognised";
  const what = isAccepted ? "accepted" : isMoney ? status : "nothing";
  return { ...none, what, mid, oid, price, payType };
}

/** One report of a deposit: its channel and event, and the time of the deposit as the gateway reports it. */
export interface DepositReport {
  readonly channel: string;
  readonly event: string;
  readonly at: Date | undefined;
}

type Deposits = Pick<ApprovalRow, "deposits">;

/** The largest time difference between the reports of one deposit by different channels. */
const sameDepositMs = 10 * 60_000;

/**
 * Compares a report of a deposit with earlier ones: the `first`, a `known` one, or `another` deposit. Each channel reports a deposit as
 * one event, which may arrive several times; so two events of one channel are two deposits.
 */
export function depositAfter({ deposits }: Deposits, report: DepositReport): "first" | "known" | "another" {
  if (deposits.length === 0) return "first";
  return find(deposits, report) === undefined ? "another" : "known";
}

/** Adds this report to the deposits. */
export function withReport({ deposits }: Deposits, report: DepositReport): readonly ReportedDeposit[] {
  const { channel, event } = report;
  const same = find(deposits, report);
  const at = report.at?.toISOString() ?? null;
  if (same === undefined) return [...deposits, { at, by: [{ channel, event }] }];
  if (same.by.some((known) => known.event === event)) return deposits;
  const confirmed = { at: same.at ?? at, by: [...same.by, { channel, event }] };
  return deposits.map((deposit) => (deposit === same ? confirmed : deposit));
}

/** Returns whether the time differs from that of every known deposit. */
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

/** What an operator found out about an unknown call, with evidence. */
export interface Resolution {
  /** `moved`: the gateway did exactly what was requested. `not-moved`: it moved no money. */
  readonly outcome: "moved" | "not-moved";
  /**
   * Which call the resolution is about. Optional if only one call is unknown. If a net cancel is unknown as well, it must be `approval`
   * first, since the cancel's outcome has no meaning before the approval's is known.
   */
  readonly about?: "approval" | "cancel";
  /** Which attempt a correction is about, by its order number. Needed only if several were resolved. */
  readonly oid?: string;
  /** The transaction id in the gateway's console. Required for an approval that moved; a partial cancel has its own. */
  readonly tid?: string;
  /** The name of the operator. */
  readonly actor: string;
  /** Where the operator saw it, such as the console's page and the time. Stored permanently; must not contain card data. */
  readonly evidence: string;
  /**
   * When the console was checked (default: now). `not-moved` is accepted only for a check made at least 10 minutes after the call's
   * deadline, and nothing is accepted for a check made before the call.
   */
  readonly seenAt?: Date;
  /**
   * Corrects an earlier resolution that nothing has confirmed since: its outcome, or its mistyped `tid` (default: `false`). The books
   * follow, and the earlier resolution stays in the timeline.
   */
  readonly corrects?: boolean;
}

/** The result of `resolve`: the call was settled, or the resolution was refused. */
export type ResolutionResult =
  | { readonly status: "settled"; readonly kind: "approval" | "cancel"; readonly order: OrderPayment }
  | {
      readonly status: "refused";
      readonly reason: ResolutionRefusal;
      readonly order: OrderPayment | undefined;
      /** For `too-early`: the time from which this resolution is accepted. */
      readonly notBefore?: Date;
    };

/** The reason why a resolution is refused. */
export type ResolutionRefusal =
  /** The order never had a payment attempt. */
  | "no-such-order"
  /** The order has no call whose outcome is unknown, and no virtual account that waits for a deposit. */
  | "not-unknown"
  /**
   * An approval and the net cancel that should undo it are both unknown: resolve the approval, with `about: "approval"`.
   * A resolution of the cancel could be mistaken for one of the approval.
   */
  | "approval-first"
  /**
   * The gateway may still carry the call out: `not-moved` is accepted from 10 minutes after its deadline. Or the process that made
   * the call may still receive the reply: no resolution is accepted before `recover()` would set the call to unknown.
   */
  | "too-early"
  /** `moved` for an approval needs `tid`: without the transaction id, the payment cannot be cancelled. */
  | "tid-missing"
  /** Another payment or cancel has this transaction id. */
  | "tid-known"
  /** Another payment of the order is active. A deposit that arrived besides is booked by releasing its notification. */
  | "paid-otherwise"
  /**
   * There is nothing to correct: the order has no resolution, or one that says the same; a reply, a notification or a later cancel has
   * proved an outcome since; or the order needs review, which a correction can't end.
   */
  | "nothing-to-correct"
  /** Several attempts were resolved: name one by its `oid`. */
  | "which-attempt";
