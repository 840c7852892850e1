import { operationList } from "@payapi/core/operations";

/** The definition of a fault. */
interface FaultFacts {
  /** Where it applies: to the connection, before the request is processed, to the reply, or with a late commit. */
  readonly phase: "connection" | "before" | "after" | "late";
  /** For replies without the gateway's values: the default of `commit`. */
  readonly commits?: boolean;
}

const FAULTS = {
  refuse: { phase: "connection" },
  "reset-in-handshake": { phase: "connection" },
  "reset-before-commit": { phase: "before" },
  "stall-before-commit": { phase: "before" },
  "reset-after-commit": { phase: "after" },
  "stall-after-commit": { phase: "after" },
  "late-commit": { phase: "late" },
  truncate: { phase: "after" },
  empty: { phase: "after", commits: true },
  html: { phase: "after", commits: true },
  redirect: { phase: "after", commits: true },
  "status-500": { phase: "after", commits: true },
  "status-403": { phase: "after", commits: false },
  oversized: { phase: "after" },
  "wrong-charset": { phase: "after" },
  "result-code": { phase: "after", commits: true },
  "wrong-price": { phase: "after" },
  "no-tid": { phase: "after" },
} as const satisfies Readonly<Record<string, FaultFacts>>;

/** The faults; docs/guides/sandbox.md describes what a client sees. */
export type FaultKind = keyof typeof FAULTS;

const facts: Readonly<Record<FaultKind, FaultFacts>> = FAULTS;

/** The kinds of fault, in the order of that page. */
export const faultKinds = Object.keys(FAULTS) as readonly FaultKind[];

/** The operations that faults apply to, and `page.approve` for P_REQ_URL. */
export const faultTargets: readonly string[] = [...operationList.map(({ name }) => name), "page.approve"];

/** A fault, and the requests to which it applies. */
export interface FaultRule {
  readonly fault: FaultKind;
  /** Only this operation, such as `cards.approve`, or `page.approve` for P_REQ_URL. */
  readonly operation?: string;
  /** Only requests for this order, including cancels of its payment. */
  readonly oid?: string;
  /** The number of requests, or `"always"` until cleared (default: 1). `refuse` counts no requests. */
  readonly times?: number | "always";
  /** The rule ends after this many milliseconds. */
  readonly forMs?: number;
  /**
   * For `empty`, `html`, `redirect`, `status-500`, `status-403` and `result-code`: whether the request is processed before the bad reply
   * (default: `true`, for `status-403` `false`).
   */
  readonly commit?: boolean;
  /** For `result-code`: the code of the reply, such as `ERR206` (default: `0000`). */
  readonly resultCode?: string;
  /** For `late-commit`: milliseconds of the sandbox's clock from the end of the connection until the request is processed. */
  readonly delayMs?: number;
}

/** The parts of a request that fault rules match. */
export interface FaultTarget {
  readonly operation: string;
  readonly oid: string | undefined;
}

/** A fault that applies to a request. */
export interface StrikingFault {
  readonly kind: FaultKind;
  readonly phase: "before" | "after" | "late";
  readonly delayMs: number;
  readonly resultCode: string;
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

const DEFAULT_DELAY_MS = 100;

/** The active faults. */
export class FaultPlan {
  readonly #rules: ActiveRule[] = [];
  readonly #listening: Listening;
  readonly #onClear: () => void;

  /** @param onClear Called by {@link clear}, to let go of stalled requests. */
  constructor(listening: Listening, onClear: () => void) {
    this.#listening = listening;
    this.#onClear = onClear;
  }

  /** The active rules, in the order in which they apply. */
  get rules(): readonly FaultRule[] {
    return this.#rules.map(({ rule, left }) =>
      Number.isFinite(left) ? { ...rule, times: left } : { ...rule },
    );
  }

  /** Applies a fault to the next request, or to the next one that the rule matches. */
  next(fault: FaultKind | Omit<FaultRule, "times">): void {
    this.add({ ...(typeof fault === "string" ? { fault } : fault), times: 1 });
  }

  /**
   * Adds a rule. If several rules match a request, the oldest applies.
   * @throws TypeError if the rule is invalid, such as an unknown operation
   */
  add(rule: FaultRule): void {
    checkRule(rule);
    const active: ActiveRule = { rule, left: rule.times === "always" ? Infinity : (rule.times ?? 1) };
    this.#rules.push(active);
    if (rule.fault === "refuse") this.#listening.pause();
    if (rule.forMs !== undefined) active.timer = setTimeout(() => this.#end(active), rule.forMs);
  }

  /** Removes all faults and closes stalled requests. Resolves when the sandbox listens again. */
  async clear(): Promise<void> {
    for (const { timer } of this.#rules.splice(0)) clearTimeout(timer);
    this.#onClear();
    await this.#listening.resume();
  }

  /** Returns whether to reset a new connection. */
  takeConnection(): FaultKind | undefined {
    return this.#take(({ fault }) => fault === "reset-in-handshake")?.fault;
  }

  /** Returns the fault that applies to this request, if any, and counts it. */
  takeRequest(target: FaultTarget): StrikingFault | undefined {
    const rule = this.#take(
      ({ fault, operation, oid }) =>
        facts[fault].phase !== "connection" &&
        (operation ?? target.operation) === target.operation &&
        (oid ?? target.oid) === target.oid,
    );
    if (!rule) return undefined;
    const { phase, commits } = facts[rule.fault];
    const isCarriedOut = rule.commit ?? commits ?? true;
    return {
      kind: rule.fault,
      phase: phase === "late" ? "late" : phase === "before" || !isCarriedOut ? "before" : "after",
      delayMs: rule.delayMs ?? DEFAULT_DELAY_MS,
      resultCode: rule.resultCode ?? "0000",
    };
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

function checkRule({ fault, operation, oid, times, forMs, commit, delayMs, resultCode }: FaultRule): void {
  const require = (holds: boolean, problem: string) => {
    if (!holds) throw new TypeError(problem);
  };
  const isWhole = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0;
  require(faultKinds.includes(fault), `fault: one of ${faultKinds.join(", ")} is needed`);
  const { phase, commits } = facts[fault];
  require(operation === undefined ||
    faultTargets.includes(operation), `operation: one of ${faultTargets.join(", ")} is needed`);
  require(oid === undefined || (typeof oid === "string" && oid !== ""), "oid: a text is needed");
  require(times === undefined ||
    times === "always" ||
    isWhole(times), 'times: a whole number above 0 or "always" is needed');
  require(forMs === undefined || isWhole(forMs), "forMs: milliseconds are needed");
  require(phase !== "connection" ||
    (operation === undefined &&
      oid === undefined), `operation, oid: ${fault} strikes before a request is seen`);
  const choosers = faultKinds.filter((kind) => facts[kind].commits !== undefined);
  require(commit === undefined ||
    (typeof commit === "boolean" &&
      commits !== undefined), `commit: true or false, and only for ${choosers.join(", ")}`);
  require(resultCode === undefined ||
    (fault === "result-code" &&
      /^[A-Za-z0-9_-]{1,20}$/.test(resultCode)), "resultCode: letters and digits, and only for result-code");
  require(delayMs === undefined ||
    (isWhole(delayMs) && phase === "late"), "delayMs: milliseconds, and only for late-commit");
}
