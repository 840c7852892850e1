import { type Operation, operationList, type ReplyField, wireName } from "@payapi/core/operations";
import type { Book, RequestEntry } from "./book.js";
import { type CheckContext, checkRequest } from "./check-request.js";
import { formatKoreanTime } from "./korean-time.js";
import { Rejection } from "./result-codes.js";
import { serviceOf } from "./services/index.js";
import type { Call } from "./services/service.js";

/** A reply as the gateway would give it. */
export interface GatewayReply {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
  readonly outcome: RequestEntry["outcome"];
  readonly oid?: string;
  readonly tid?: string;
}

/** What a gateway is built from. */
export interface GatewayOptions {
  readonly book: Book;
  readonly merchants: CheckContext["merchants"];
  readonly duplicateOid: "refuse" | "accept";
  readonly timestampToleranceMs: number;
  readonly now: () => Date;
}

const byPath = new Map(operationList.map((operation) => [operation.path, operation]));

/** The operation behind a path. */
export function operationAt(path: string): Operation | undefined {
  return byPath.get(path);
}

/** The gateway without the network: a form in, a reply out, and the book changed in one step. */
export class Gateway {
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Which order and payment an unchecked request is about, for the log and the faults. */
  identify(operation: Operation, form: ReadonlyMap<string, string>): { oid?: string; tid?: string } {
    const read = (name: string) => {
      const field = operation.request[name];
      const value = field && form.get(wireName(name, field));
      // What does not even fit the field may be anything, a card number among others.
      return value && (field.size === null || value.length <= field.size) ? value : undefined;
    };
    const tid = read("tid");
    const oid = read("oid") ?? (tid === undefined ? undefined : this.#options.book.find(tid)?.oid);
    return { ...(oid !== undefined && { oid }), ...(tid !== undefined && { tid }) };
  }

  /** Checks a form and carries it out. */
  process(operation: Operation, form: ReadonlyMap<string, string>): GatewayReply {
    const { book, merchants, duplicateOid, timestampToleranceMs } = this.#options;
    const about = this.identify(operation, form);
    try {
      const now = this.#options.now();
      const { merchant, values } = checkRequest(operation, form, { merchants, timestampToleranceMs, now });
      const answer = serviceOf(operation)({
        merchant,
        values: withAmounts(operation, values),
        book,
        now,
        duplicateOid,
      });
      if (!answer.done) {
        const body = { ResultCode: answer.code, ResultMsg: answer.message };
        return { status: 200, body, outcome: "declined", ...about };
      }
      const body = {
        ResultCode: operation.success.code,
        ResultMsg: "정상 처리되었습니다",
        ...writeReply(operation, answer.reply),
      };
      const tid = answer.reply.tid;
      return {
        status: 200,
        body,
        outcome: operation.effect === "reads" ? "answered" : "committed",
        ...about,
        ...(typeof tid === "string" && { tid }),
      };
    } catch (error) {
      if (error instanceof Rejection) return { ...rejectionReply(error), ...about };
      throw error;
    }
  }
}

/** The reply to a request that breaks the protocol. */
export function rejectionReply(rejection: Rejection): GatewayReply {
  return {
    status: rejection.status,
    body: { ResultCode: rejection.code, ResultMsg: rejection.message },
    outcome: "rejected",
  };
}

function withAmounts(operation: Operation, values: ReadonlyMap<string, string>): Call<Operation>["values"] {
  const typed: Record<string, string | number> = {};
  for (const [name, value] of values) {
    const codec = operation.request[name]?.codec;
    typed[name] = codec === "amount" || codec === "amount-or-zero" ? Number(value) : value;
  }
  return typed as Call<Operation>["values"];
}

function writeReply(operation: Operation, reply: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(operation.reply).flatMap(([name, field]) => writeField(field, reply[name])),
  );
}

function writeField(field: ReplyField, value: unknown): [wire: string, text: string][] {
  if (value === undefined) return [];
  if (field.codec !== "korean-time") return [[field.wire, String(value)]];
  if (!(value instanceof Date)) throw new TypeError(`${field.wire.join(", ")}: a service must give a Date`);
  const text = formatKoreanTime(value);
  return [
    [field.wire[0], text.slice(0, 8)],
    [field.wire[1], text.slice(8)],
  ];
}
