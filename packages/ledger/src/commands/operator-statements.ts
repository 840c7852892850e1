import { maskCardNumbers, type OrderPayment } from "@payapi/core";
import type { Adoption, FoundPayment } from "../domain/adopt-payment.js";
import { isOidOf, orderOfOid } from "../domain/attempts.js";
import { type Answers, decide } from "../domain/decide.js";
import type { Resolution, ResolutionResult } from "../domain/facts.js";
import type { OperatorNote } from "../domain/order.js";
import type { ClosedReview, ReviewNote } from "../domain/resolution.js";
import { LedgerError } from "../errors.js";
import { type DatabaseState, databaseState, isAccepted, nameOf } from "./accepted-database.js";
import { changeOrder } from "./change-order.js";
import { checkText, checkTid, checkWon, maskedNote, maskedText } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";

/** A transaction of the gateway's console, for {@link DatabaseAcceptance}. */
export interface ConsoleTransaction {
  /** `approved`: a payment. `cancelled`: money of it that was given back. */
  readonly status: "approved" | "cancelled";
  /** The order number, as the console shows it. */
  readonly oid: string;
  /** The transaction id of the payment, for `cancelled` too. */
  readonly tid: string;
  /** The amount that was approved or given back, in won. */
  readonly price: number;
  /** The gateway's name of the payment method, such as `card`. */
  readonly payType: string;
  /** The merchant's order id. Needed only where `oid` holds a hash of it (`<20 hex digits>_<number>`). */
  readonly orderId?: string;
}

/** What a payment of the console means for the ledger. */
export interface ComparedPayment extends FoundPayment {
  /**
   * `known`: the ledger has it. `adopted`: the ledger lost it, and its order becomes paid. `locked`: it contradicts the ledger, so its order needs
   * review. `unassigned`: its order is not known, so the transaction needs an `orderId`. `foreign`: the order number is not the ledger's.
   */
  readonly finding: Adoption | "unassigned" | "foreign";
  readonly orderId?: string;
  /** The order with this payment. */
  readonly order?: OrderPayment;
}

/** An operator's statement that a database may be used for money. Stored permanently. */
export interface DatabaseAcceptance {
  readonly actor: string;
  readonly evidence: string;
  /** `seen` of `database()`, read before the comparison with the gateway began. */
  readonly seen: string;
  /**
   * The transactions of the gateway's console since `compareFrom` of `database()`. Payments that the ledger lost are adopted, so that their orders
   * can't be charged again. `not-compared` accepts without them: **every payment that was lost can then be charged twice**.
   */
  readonly transactions: readonly ConsoleTransaction[] | "not-compared";
}

/** Compares the gateway's payments with the ledger, and writes nothing. */
export async function compareTransactions(
  context: LedgerContext,
  transactions: readonly ConsoleTransaction[],
): Promise<readonly ComparedPayment[]> {
  const note = { actor: "comparison", evidence: "comparison" };
  const compared: ComparedPayment[] = [];
  for (const found of paymentsOf(transactions)) {
    const place = await placeOf(context, found);
    if (!("orderId" in place)) {
      compared.push({ ...found, ...place });
      continue;
    }
    const { orderId } = place;
    const loaded = await context.store.load(context.mid, orderId, { tids: [found.tid] });
    const fact = { kind: "found-payment", found, newId: newId(), at: context.now(loaded), note } as const;
    const { adoption: finding, order } = decide<"found-payment">(loaded.order, fact).answer;
    compared.push({ ...found, orderId, finding, ...(order && { order }) });
  }
  return compared;
}

export async function acceptDatabase(
  context: LedgerContext,
  acceptance: DatabaseAcceptance,
): Promise<DatabaseState> {
  const { store, now } = context;
  const note = maskedNote(acceptance);
  const { seen, transactions } = acceptance;
  checkText("seen", seen, 100);
  if (transactions !== "not-compared" && !Array.isArray(transactions)) {
    throw new LedgerError(
      "invalid-argument",
      'transactions must be the transactions of the gateway\'s console since compareFrom of database(), or "not-compared", with which lost payments can be charged twice',
    );
  }
  const isCompared = transactions !== "not-compared";
  const before = await databaseState(context);
  if (seen !== before.seen) throw anotherDatabase();
  if (before.accepted) return before;
  if (isCompared) {
    const compared = await compareTransactions(context, transactions);
    const unassigned = compared.filter(({ finding }) => finding === "unassigned").length;
    if (unassigned > 0) {
      throw new LedgerError(
        "invalid-argument",
        `${unassigned} transactions have an order number that holds a hash: add the orderId of each`,
      );
    }
    for (const { finding, orderId, order: _, ...found } of compared) {
      if (orderId !== undefined && finding !== "known") await adopt(context, orderId, found, note);
    }
  }
  const evidence = isCompared
    ? note.evidence
    : maskedText("evidence", `not compared: ${note.evidence}`.slice(0, 1_000), 1_000);
  const compared = await store.compareDatabase();
  const { identity } = compared;
  if (seen !== nameOf(identity)) throw anotherDatabase();
  // If another server takes over before this is written, it stays unaccepted: its identity is another one.
  if (!isAccepted(compared)) {
    await store.acceptDatabase({ identity, at: now(compared), actor: note.actor, evidence });
  }
  return databaseState(context);
}

/** Adds a payment that this database lost to its order. */
export function adopt(
  context: LedgerContext,
  orderId: string,
  found: FoundPayment,
  note: OperatorNote,
  id = newId(),
): Promise<Answers["found-payment"]> {
  return changeOrder(context, orderId, (at) => ({ kind: "found-payment", found, newId: id, at, note }), {
    ask: { tids: [found.tid] },
  });
}

/** One payment for each transaction id: its approval, and the sum of what was given back. */
function paymentsOf(transactions: readonly ConsoleTransaction[]): readonly FoundPayment[] {
  const payments = new Map<string, FoundPayment & { readonly orderId?: string }>();
  for (const [index, transaction] of transactions.entries()) {
    const { status, oid, tid, price, payType, orderId } = checkTransaction(transaction, index);
    const known = payments.get(tid);
    if (known !== undefined && known.oid !== oid) {
      throw new LedgerError(
        "invalid-argument",
        `transactions[${index}] has the tid of another order number: a cancel carries the tid of its payment`,
      );
    }
    const one = known ?? { oid, tid, price: 0, cancelled: 0, payType, ...(orderId && { orderId }) };
    payments.set(
      tid,
      status === "approved" ? { ...one, price } : { ...one, cancelled: one.cancelled + price },
    );
  }
  // A console may list a payment that was cancelled as cancelled only.
  return [...payments.values()].map((each) => ({ ...each, price: each.price || each.cancelled }));
}

function checkTransaction(transaction: ConsoleTransaction, index: number): ConsoleTransaction {
  const name = `transactions[${index}]`;
  const { status, oid, tid, price, payType, orderId } = transaction;
  if (status !== "approved" && status !== "cancelled") {
    throw new LedgerError("invalid-argument", `${name}.status must be "approved" or "cancelled"`);
  }
  checkText(`${name}.oid`, oid, 40);
  checkText(`${name}.payType`, payType, 20);
  checkTid(`${name}.tid`, tid);
  if (maskCardNumbers(tid) === "[redacted]" || !/^[A-Za-z0-9_-]+$/.test(payType)) {
    throw new LedgerError(
      "invalid-argument",
      `${name} must have a tid and a payType as the gateway writes them`,
    );
  }
  checkWon(`${name}.price`, price, 1);
  if (orderId !== undefined) {
    checkText(`${name}.orderId`, orderId, 200);
    if (!isOidOf(orderId, oid)) {
      throw new LedgerError("invalid-argument", `${name}.orderId is not the order of its oid`);
    }
  }
  return transaction;
}

/** The order of a payment: the one that the ledger knows by its order number, the given one, or the one that the number names. */
async function placeOf(
  { store, mid }: LedgerContext,
  { oid, tid, orderId }: FoundPayment & { readonly orderId?: string },
): Promise<{ readonly orderId: string } | { readonly finding: "unassigned" | "foreign" }> {
  const row = { kind: "mobile", event: "", listed: true, dedupeKey: "" } as const;
  const known = (await store.notified(mid, { oid, tid, maskedTid: tid, row })).orderId;
  const named = orderId ?? known;
  if (named !== undefined) return { orderId: named };
  const found = orderOfOid(oid);
  if (typeof found !== "string") return found;
  return { finding: found === "hashed" ? "unassigned" : "foreign" };
}

function anotherDatabase(): LedgerError {
  return new LedgerError(
    "database-changed",
    "The database is not the one in `seen`: another server took over, or it was restored again. Read database() again, and compare that database with the gateway's console",
  );
}

/** Ends an unknown call, or a virtual account that awaits a deposit, with an operator's resolution. */
export function resolveByOperator(
  context: LedgerContext,
  orderId: string,
  given: Resolution,
): Promise<ResolutionResult> {
  const resolution = checkResolution(orderId, given);
  const { sendingGraceMs } = context.times;
  const { tid } = resolution;
  const ask = tid === undefined ? {} : { tids: [tid], cancelTids: [tid] };
  return changeOrder(context, orderId, (at) => ({ kind: "resolution", resolution, at, sendingGraceMs }), {
    ask,
  });
}

/**
 * Removes an order from the list of `payments.needsReview()` until a new fact about it arrives. The order's status, its lock and the
 * postings stay.
 */
export function closeReview(
  context: LedgerContext,
  orderId: string,
  given: ReviewNote,
): Promise<ClosedReview> {
  checkText("orderId", orderId, 200);
  const { seenEntries } = given;
  const note = { ...maskedNote(given), seenEntries };
  if (!Number.isSafeInteger(seenEntries) || seenEntries < 1) {
    throw new LedgerError(
      "invalid-argument",
      "seenEntries must be the number of timeline entries that were seen, at least 1",
    );
  }
  return changeOrder(context, orderId, (at) => ({ kind: "review", note, at }));
}

/** Checks a resolution, and masks card numbers in its texts. */
function checkResolution(
  orderId: string,
  { outcome, about, tid, seenAt, corrects, oid, ...note }: Resolution,
): Resolution {
  checkText("orderId", orderId, 200);
  const { actor, evidence } = maskedNote(note);
  if (outcome !== "moved" && outcome !== "not-moved") {
    throw new LedgerError("invalid-argument", 'outcome must be "moved" or "not-moved"');
  }
  if (about !== undefined && about !== "approval" && about !== "cancel") {
    throw new LedgerError("invalid-argument", 'about must be "approval" or "cancel"');
  }
  if (tid !== undefined && outcome === "not-moved") {
    throw new LedgerError("invalid-argument", 'tid must be left out when outcome is "not-moved"');
  }
  if (tid !== undefined && (!/^[\x21-\x7e]{1,40}$/.test(tid) || maskCardNumbers(tid) === "[redacted]")) {
    throw new LedgerError(
      "invalid-argument",
      "tid must be a transaction id as the gateway's console shows it",
    );
  }
  if (oid !== undefined) checkText("oid", oid, 40);
  if (corrects !== undefined && typeof corrects !== "boolean") {
    throw new LedgerError("invalid-argument", "corrects must be true or false");
  }
  if (seenAt !== undefined && !Number.isFinite(seenAt.getTime())) {
    throw new LedgerError("invalid-argument", "seenAt must be a valid Date");
  }
  return {
    outcome,
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(about === undefined ? {} : { about }),
    ...(corrects === true ? { corrects } : {}),
    ...(oid === undefined ? {} : { oid }),
    actor,
    evidence,
    ...(tid === undefined ? {} : { tid }),
  };
}
