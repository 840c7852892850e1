import type { Book } from "../book/book.js";
import type { FaultPlan, FaultRule } from "../gateway/faults.js";
import type { DeliveryRule } from "../notifications/delivery-rules.js";
import type { NotificationAddresses, Notifications } from "../notifications/notifications.js";
import type { Clock } from "../time/clock.js";
import type { Deposit, Outside, OutsideOrder } from "./outside.js";

/** The state that the control API can change. */
export interface Controlled {
  readonly faults: FaultPlan;
  readonly clock: Clock;
  readonly notifications: Notifications;
  readonly outside: Outside;
}

/** The state that the control API shows and changes. */
export interface ControlContext extends Controlled {
  readonly book: Book;
}

/** A change, over HTTP or from the page. */
export interface Action {
  /** The names its JSON object may have. */
  readonly names: readonly string[];
  /** @throws TypeError if a value is invalid */
  run(input: Input, controlled: Controlled): unknown;
}

type Input = Readonly<Record<string, unknown>>;

/** Values are checked by what they are handed to, at run time; here they only get the type that expects. */
const as = <T>(input: Input): T => input as T;

/** The changes, by path under `/_sandbox/`. */
export const actions: Readonly<Record<string, Action>> = {
  faults: {
    names: ["fault", "operation", "oid", "times", "forMs", "commit", "delayMs"],
    run: (input, { faults }) => {
      const rule = as<FaultRule>(input);
      const locksOut =
        rule.fault === "refuse" || (rule.fault === "reset-in-handshake" && rule.times === "always");
      if (locksOut && rule.forMs === undefined) {
        throw new TypeError(
          "forMs: is needed here, since this fault also keeps DELETE /_sandbox/faults from coming through.",
        );
      }
      faults.add(rule);
      return { added: rule };
    },
  },
  clock: {
    names: ["advanceMs", "set", "frozen"],
    run: async ({ advanceMs, set, frozen }, { clock }) => {
      if (frozen !== undefined && typeof frozen !== "boolean") {
        throw new TypeError("frozen: true or false is needed");
      }
      if (frozen === true) clock.freeze();
      if (frozen === false) clock.resume();
      if (set !== undefined) await clock.set(dateOf("set", set));
      if (advanceMs !== undefined) await clock.advance(Number(advanceMs));
      return { now: clock.now().toISOString(), frozen: clock.isFrozen };
    },
  },
  "mobile-keys": {
    names: ["mid", "price", "issuedAt"],
    run: ({ issuedAt, ...order }, { outside }) => {
      const at = issuedAt === undefined ? {} : { issuedAt: dateOf("issuedAt", issuedAt) };
      const { billkey, entry } = outside.issueMobileKey({
        ...as<{ mid?: string; price: number }>(order),
        ...at,
      });
      return { billkey, ...entry };
    },
  },
  "escrow-payments": {
    names: ["mid", "oid", "price", "payType"],
    run: (input, { outside }) => outside.payWithEscrow(as<OutsideOrder>(input)),
  },
  "escrow-confirmations": {
    names: ["tid", "how"],
    run: ({ tid, how }, { outside }) => {
      outside.confirmPurchase(String(tid), how as "automatic");
      return { tid, how };
    },
  },
  accounts: {
    names: ["mid", "oid", "price", "bankCode"],
    run: (input, { outside }) => outside.issueAccount(as<OutsideOrder>(input)),
  },
  deposits: {
    names: ["tid", "price", "payer"],
    run: ({ tid, ...deposit }, { outside }) => outside.deposit(String(tid), as<Deposit>(deposit)),
  },
  reversals: {
    names: ["tid"],
    run: ({ tid }, { outside }) => outside.reverseDeposit(String(tid)),
  },
  "notifications/rules": {
    names: ["mode", "kind", "oid", "times", "delayMs"],
    run: (input, { notifications }) => {
      notifications.next(as<DeliveryRule>(input));
      return { added: input };
    },
  },
  "notifications/resend": {
    names: ["id"],
    run: ({ id }, { notifications }) => notifications.resend(Number(id)),
  },
  "notifications/addresses": {
    names: ["mid", "depositUrl", "escrowUrl", "charset"],
    run: (input, { notifications }) => {
      notifications.register(as<NotificationAddresses>(input));
      return { registered: input };
    },
  },
};

/** The lists that can be cleared, by path under `/_sandbox/`. */
export const clearings: Readonly<Record<string, (controlled: Controlled) => Promise<void> | void>> = {
  faults: ({ faults }) => faults.clear(),
  "notifications/rules": ({ notifications }) => notifications.clear(),
};

function dateOf(name: string, value: unknown): Date {
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new TypeError(`${name}: a time in ISO 8601 is needed`);
  return date;
}
