/** The modes of a disturbed delivery. */
export const deliveryModes = [
  "duplicate",
  "late",
  "reorder",
  "raw",
  "rearranged",
  "padded",
  "untyped",
  "mistyped",
] as const;

/**
 * `duplicate`: sent again at once, acknowledged or not. `late`: first sent after `delayMs`. `reorder`: held back until
 * another one has been sent. `raw`: bytes outside ASCII are not percent-encoded. `rearranged`: fields in another order, and
 * one more of them. `padded`: amounts with zeros in front, other values with blanks behind. `untyped`: without a Content-Type. `mistyped`:
 * with `text/plain` as Content-Type.
 */
export type DeliveryMode = (typeof deliveryModes)[number];

/** The gateway's kinds of notification. */
export const notificationKinds = ["mobile", "deposit", "escrow"] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** A disturbed delivery, and the notifications to which it applies. */
export interface DeliveryRule {
  readonly mode: DeliveryMode;
  readonly kind?: NotificationKind;
  readonly oid?: string;
  /** The number of notifications (default: 1). */
  readonly times?: number;
  /** For `late`: milliseconds of the sandbox's clock (default: 3_600_000). */
  readonly delayMs?: number;
}

/** The active delivery rules. */
export class DeliveryRules {
  #rules: { readonly rule: DeliveryRule; left: number }[] = [];

  /** The active rules. */
  get list(): readonly DeliveryRule[] {
    return this.#rules.map(({ rule, left }) => ({ ...rule, times: left }));
  }

  /** @throws TypeError if the rule is invalid */
  add(rule: DeliveryRule): void {
    const require = (holds: boolean, problem: string) => {
      if (!holds) throw new TypeError(problem);
    };
    const isWhole = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0;
    const { mode, kind, oid, times, delayMs } = rule;
    require(deliveryModes.includes(mode), `mode: one of ${deliveryModes.join(", ")} is needed`);
    require(kind === undefined ||
      notificationKinds.includes(kind), `kind: one of ${notificationKinds.join(", ")} is needed`);
    require(oid === undefined || (typeof oid === "string" && oid !== ""), "oid: a text is needed");
    require(times === undefined || isWhole(times), "times: a whole number above 0 is needed");
    require(delayMs === undefined ||
      (mode === "late" && isWhole(delayMs)), "delayMs: milliseconds, and only for late");
    this.#rules.push({ rule, left: times ?? 1 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** Returns the rules that apply to a new notification, at most one of each mode, and counts them. */
  take(notification: {
    readonly kind: NotificationKind;
    readonly oid: string;
  }): ReadonlyMap<DeliveryMode, DeliveryRule> {
    const taken = new Map<DeliveryMode, DeliveryRule>();
    for (const active of this.#rules) {
      const { mode, kind, oid } = active.rule;
      const isMeant =
        (kind ?? notification.kind) === notification.kind && (oid ?? notification.oid) === notification.oid;
      if (!isMeant || taken.has(mode)) continue;
      active.left -= 1;
      taken.set(mode, active.rule);
    }
    this.#rules = this.#rules.filter(({ left }) => left > 0);
    return taken;
  }
}
