import type { CallOutcome, ReservedCall } from "@payapi/core";
import type { SettledFacts } from "../domain/reply-facts.js";

/** One call that the gateway said yes to. No words of the reply, no card data. */
export interface JournalEntry {
  readonly mid: string;
  readonly schema: string;
  /** When it was kept. */
  readonly at: Date;
  readonly kind: ReservedCall["kind"];
  readonly id: string;
  readonly orderId: string;
  /** The order number in the gateway's console; of an approval. */
  readonly oid?: string;
  /** Won asked for. */
  readonly price: number;
  readonly outcome: CallOutcome;
}

/** An entry as a line of JSON. Written from cleaned facts, so that it holds nothing the tables would not. */
export function writeEntry({
  mid,
  schema,
  at,
  call,
  facts,
}: {
  readonly mid: string;
  readonly schema: string;
  readonly at: Date;
  readonly call: ReservedCall;
  readonly facts: SettledFacts;
}): string {
  const { kind, id, orderId } = call;
  const { outcome, tid, cancelTid, applNum, reportedPrice, reportedRemaining, resultCode, failureCode } =
    facts;
  return `${JSON.stringify({
    version: 1,
    mid,
    schema,
    at,
    kind,
    id,
    orderId,
    ...(call.kind === "approval" ? { oid: call.oid, price: call.price } : { price: call.cancelPrice }),
    outcome: {
      outcome,
      tid,
      cancelTid,
      applNum,
      price: reportedPrice,
      remainingPrice: reportedRemaining,
      resultCode,
      code: failureCode,
      at: facts.at,
    },
  })}\n`;
}

/** `undefined` for a text that is no entry. */
export function readEntry(text: string): JournalEntry | undefined {
  const read = parse(text);
  if (read?.version !== 1 || (read.kind !== "approval" && read.kind !== "cancel")) return undefined;
  const [mid, schema, id, orderId] = [read.mid, read.schema, read.id, read.orderId].map(textOf);
  const [at, price, outcome] = [timeOf(read.at), wonOf(read.price), outcomeOf(read.outcome)];
  if (mid === undefined || schema === undefined || id === undefined || orderId === undefined)
    return undefined;
  if (at === undefined || price === undefined || outcome === undefined) return undefined;
  return {
    mid,
    schema,
    at,
    kind: read.kind,
    id,
    orderId,
    price,
    outcome,
    ...present("oid", textOf(read.oid)),
  };
}

function outcomeOf(value: unknown): CallOutcome | undefined {
  if (!isFields(value) || (value.outcome !== "succeeded" && value.outcome !== "moved")) return undefined;
  return {
    outcome: value.outcome,
    ...present("tid", textOf(value.tid)),
    ...present("cancelTid", textOf(value.cancelTid)),
    ...present("applNum", textOf(value.applNum)),
    ...present("price", wonOf(value.price)),
    ...present("remainingPrice", wonOf(value.remainingPrice)),
    ...present("resultCode", textOf(value.resultCode)),
    ...present("code", textOf(value.code)),
    ...present("at", timeOf(value.at)),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // Half an entry is none.
    return undefined;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function wonOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function timeOf(value: unknown): Date | undefined {
  const time = new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function present<Name extends string, T>(
  name: Name,
  value: T | undefined,
): Record<Name, T> | Record<never, never> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, T>);
}
