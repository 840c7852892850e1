import { type Operation, operationList, type ReplyField, wireName } from "@payapi/core/operations";
import type { Book } from "../book/book.js";
import type { RequestEntry } from "../book/request-log.js";
import type { Notifier } from "../notifications/notifier.js";
import type { Clock } from "../time/clock.js";
import { formatKoreanTime } from "../time/korean-time.js";
import { checkRequest } from "./check-request.js";
import type { SandboxMerchant } from "./merchants.js";
import { Rejection } from "./result-codes.js";
import type { Rules } from "./rules.js";
import { serviceOf } from "./services/index.js";
import type { Call } from "./services/service.js";

/** A reply of the gateway. */
export interface GatewayReply {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
  readonly outcome: RequestEntry["outcome"];
  readonly resultCode?: string;
  readonly oid?: string;
  readonly tid?: string;
}

/** The options of a gateway. */
export interface GatewayOptions {
  readonly book: Book;
  readonly merchants: ReadonlyMap<string, SandboxMerchant>;
  readonly rules: Rules;
  readonly timestampToleranceMs: number;
  readonly clock: Pick<Clock, "now" | "clientTimes">;
  readonly notifier: Notifier;
}

type Form = ReadonlyMap<string, string>;

/** The gateway without the network: processes a form, changes the book in one step and returns the reply. */
export class Gateway {
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /**
   * The operation behind a path. Merchants may have paths of their own, even one for two operations; then the form's
   * fields tell which is meant.
   */
  operationAt(path: string, form?: Form): Operation | undefined {
    const { merchants } = this.#options;
    const merchant = merchants.get(form?.get("mid") ?? "");
    const asked = merchant ? [merchant] : [...merchants.values()];
    const candidates = operationList.filter((operation) =>
      asked.some(({ paths }) => (paths?.[operation.name] ?? operation.path) === path),
    );
    const [first, ...others] = candidates;
    if (!first || others.length === 0) return first;
    return candidates.reduce((best, other) => (misfit(other, form) < misfit(best, form) ? other : best));
  }

  /** Which order and payment an unchecked request is about, for the log and the faults. */
  identify(operation: Operation, form: Form): { oid?: string; tid?: string } {
    const read = (name: string) => {
      const field = operation.request[name];
      const value = field && form.get(wireName(name, field));
      // A value that is invalid for the field could be a card number.
      return value && (field.size === null || value.length <= field.size) ? value : undefined;
    };
    const tid = read("tid");
    const known = tid === undefined ? undefined : this.#options.book.find(tid)?.oid;
    const oid = read("oid") ?? known;
    return { ...(oid !== undefined && { oid }), ...(tid !== undefined && { tid }) };
  }

  /** Validates and processes a form. `origin` is the origin that the client called. */
  process(operation: Operation, form: Form, origin: string): GatewayReply {
    const { book, merchants, rules, notifier, clock, timestampToleranceMs } = this.#options;
    const about = this.identify(operation, form);
    try {
      const clocks = clock.clientTimes();
      const { merchant, values } = checkRequest(operation, form, {
        merchants,
        timestampToleranceMs,
        timestampForm: rules.timestampForm,
        clocks,
      });
      const answer = serviceOf(operation)({
        merchant,
        values: withNumbers(operation, values),
        book,
        now: clock.now(),
        rules,
        origin,
        notifier,
      });
      if (!answer.done) {
        const { code, message } = answer;
        const body = { ResultCode: code, ResultMsg: message };
        return { status: 200, body, outcome: "declined", resultCode: code, ...about };
      }
      const { code } = operation.success;
      const tid = answer.reply.tid;
      return {
        status: 200,
        body: {
          ResultCode: code,
          ResultMsg: "정상 처리되었습니다",
          ...writeReply(operation, answer.reply),
        },
        outcome: operation.effect === "reads" ? "answered" : "committed",
        resultCode: code,
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
export function rejectionReply({ status, code, message }: Rejection): GatewayReply {
  return {
    status,
    body: { ResultCode: code, ResultMsg: message },
    outcome: "rejected",
    resultCode: code,
  };
}

/** How many names an operation lacks in a form, or does not know. */
function misfit({ request }: Operation, form: Form | undefined): number {
  const fields = Object.entries(request).map(([name, field]) => ({ name: wireName(name, field), field }));
  const missing = fields.filter(({ name, field }) => field.required && !form?.has(name));
  const unknown = [...(form?.keys() ?? [])].filter((name) => !fields.some((field) => field.name === name));
  return missing.length + unknown.length;
}

const NUMBERS = new Set(["amount", "amount-or-zero", "count"]);

function withNumbers(operation: Operation, values: Form): Call<Operation>["values"] {
  const typed = [...values].map(([name, value]): [string, string | number] => [
    name,
    NUMBERS.has(operation.request[name]?.codec ?? "") ? Number(value) : value,
  ]);
  return Object.fromEntries(typed) as Call<Operation>["values"];
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
