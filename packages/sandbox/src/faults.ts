import { operationList } from "@payapi/core/operations";

/** Where each fault strikes: on the connection, before the request is carried out, or on the reply. */
const PHASES = {
  refuse: "connection",
  "reset-in-handshake": "connection",
  "reset-before-commit": "before",
  "stall-before-commit": "before",
  "reset-after-commit": "after",
  "stall-after-commit": "after",
  truncate: "after",
  html: "after",
  "status-500": "after",
  "wrong-price": "after",
  "no-tid": "after",
} as const;

/** What can go wrong on demand; see the README for what a client sees of each. */
export type FaultKind = keyof typeof PHASES;

/** The kinds of fault, in the README's order. */
export const faultKinds = Object.keys(PHASES) as readonly FaultKind[];

/** A fault and the requests it strikes. */
export interface FaultRule {
  readonly fault: FaultKind;
  /** Only this operation, such as `cards.approve`. */
  readonly operation?: string;
  /** Only requests for this order, cancellations of its payment among them. */
  readonly oid?: string;
  /** How many requests it strikes: 1 unless said; `"always"` until cleared. `refuse` counts no requests. */
  readonly times?: number | "always";
  /** The rule ends after this many milliseconds. */
  readonly forMs?: number;
  /** For `html` and `status-500`: whether the request is carried out before the bad reply. True unless said. */
  readonly commit?: boolean;
}

/** A request, as far as faults tell requests apart. */
export interface FaultTarget {
  readonly operation: string;
  readonly oid: string | undefined;
}

interface ActiveRule {
  readonly rule: FaultRule;
  left: number;
  timer?: NodeJS.Timeout;
}

/** Brings the connection down and up again; the server implements it. */
export interface Listening {
  pause(): void;
  resume(): Promise<void>;
}

/** The faults in force. */
export class FaultPlan {
  readonly #rules: ActiveRule[] = [];
  readonly #listening: Listening;
  readonly #onClear: () => void;

  /** @param onClear Called by {@link clear}, to let go of stalled requests. */
  constructor(listening: Listening, onClear: () => void) {
    this.#listening = listening;
    this.#onClear = onClear;
  }

  /** Strikes the next request, or the next that the rule matches. */
  next(fault: FaultKind | Omit<FaultRule, "times">): void {
    this.add({ ...(typeof fault === "string" ? { fault } : fault), times: 1 });
  }

  /**
   * Adds a rule; of several that match a request the oldest strikes.
   * @throws TypeError if the rule cannot be meant so, such as an operation that does not exist.
   */
  add(rule: FaultRule): void {
    checkRule(rule);
    const active: ActiveRule = { rule, left: rule.times === "always" ? Infinity : (rule.times ?? 1) };
    this.#rules.push(active);
    if (rule.fault === "refuse") this.#listening.pause();
    if (rule.forMs !== undefined) active.timer = setTimeout(() => this.#end(active), rule.forMs);
  }

  /** Ends every fault; stalled requests are cut off. Resolves when the sandbox listens again. */
  async clear(): Promise<void> {
    for (const { timer } of this.#rules.splice(0)) clearTimeout(timer);
    this.#onClear();
    await this.#listening.resume();
  }

  /** Whether the connection that just came in is to be reset. */
  takeConnection(): FaultKind | undefined {
    return this.#take(({ fault }) => fault === "reset-in-handshake")?.fault;
  }

  /** The fault that strikes this request, if any; it is used up by that. */
  takeRequest(target: FaultTarget): { kind: FaultKind; phase: "before" | "after" } | undefined {
    const rule = this.#take(
      ({ fault, operation, oid }) =>
        PHASES[fault] !== "connection" &&
        (operation ?? target.operation) === target.operation &&
        (oid ?? target.oid) === target.oid,
    );
    if (!rule) return undefined;
    const before = PHASES[rule.fault] === "before" || rule.commit === false;
    return { kind: rule.fault, phase: before ? "before" : "after" };
  }

  #take(matches: (rule: FaultRule) => boolean): FaultRule | undefined {
    const active = this.#rules.find(({ rule }) => matches(rule));
    if (!active) return undefined;
    active.left -= 1;
    if (active.left === 0) this.#end(active);
    return active.rule;
  }

  #end(active: ActiveRule): void {
    clearTimeout(active.timer);
    this.#rules.splice(this.#rules.indexOf(active), 1);
    if (active.rule.fault !== "refuse" || this.#rules.some(({ rule }) => rule.fault === "refuse")) return;
    void this.#listening.resume();
  }
}

function checkRule({ fault, operation, oid, times, forMs, commit }: FaultRule): void {
  const require = (holds: boolean, problem: string) => {
    if (!holds) throw new TypeError(problem);
  };
  require(faultKinds.includes(fault), `fault: one of ${faultKinds.join(", ")} is needed`);
  const names = operationList.map(({ name }) => name);
  require(operation === undefined ||
    names.includes(operation), `operation: one of ${names.join(", ")} is needed`);
  require(oid === undefined || (typeof oid === "string" && oid !== ""), "oid: a text is needed");
  require(times === undefined ||
    times === "always" ||
    (Number.isSafeInteger(times) && times > 0), 'times: a whole number above 0 or "always" is needed');
  require(forMs === undefined ||
    (Number.isSafeInteger(forMs) && forMs > 0), "forMs: milliseconds are needed");
  require(PHASES[fault] !== "connection" ||
    (operation === undefined &&
      oid === undefined), `operation, oid: ${fault} strikes before a request is seen`);
  require(commit === undefined ||
    (typeof commit === "boolean" &&
      (fault === "html" ||
        fault === "status-500")), "commit: true or false, and only for html and status-500");
}
