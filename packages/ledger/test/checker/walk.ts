import type { Answers, Fact } from "../../src/domain/decide.js";
import type { Changes } from "../../src/domain/order.js";
import { early, problemsOf, refusals } from "./invariants.js";
import { type Decide, keyOf, type State, type Step, saved, type Taken, withReported } from "./state.js";

/** The result of a walk, with the first problem. */
export interface Walked {
  readonly states: number;
  readonly facts: number;
  readonly kinds: ReadonlyMap<string, number>;
  readonly problem: Problem | undefined;
}

export interface Problem {
  readonly text: string;
  /** The shortest sequence that leads to the problem. */
  readonly steps: readonly string[];
}

export interface Scene {
  readonly name: string;
  readonly from: State;
  readonly stepsOf: (state: State) => readonly Step[];
  readonly depth: number;
}

interface Node {
  readonly state: State;
  readonly label: string;
  readonly parent: Node | undefined;
}

/** Applies every possible step, breadth first, and stops at the first that violates an invariant. */
export function walk(decide: Decide, { from, stepsOf, depth }: Scene): Walked {
  const seen = new Set([keyOf(from)]);
  const kinds = new Map<string, number>();
  let frontier: Node[] = [{ state: from, label: "", parent: undefined }];
  let facts = 0;
  const end = (problem?: Problem): Walked => ({ states: seen.size, facts, kinds, problem });
  for (let level = 0; level < depth && frontier.length > 0; level++) {
    const next: Node[] = [];
    for (const node of frontier) {
      const reports: Report[] = [];
      for (const step of stepsOf(node.state)) {
        facts++;
        kinds.set(step.fact.kind, (kinds.get(step.fact.kind) ?? 0) + 1);
        const taken = take(decide, node.state, step);
        if (typeof taken === "string") return end({ text: taken, steps: path(node, step.label) });
        if (taken === undefined) continue;
        const report = new Report(taken);
        const text =
          problemsOf(taken) ?? repeatOf(decide, taken) ?? orderOf(decide, stepsOf, reports, report);
        if (text !== undefined) return end({ text, steps: path(node, step.label) });
        if (step.source === "report") reports.push(report);
        const key = keyOf(taken.after);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ state: taken.after, label: step.label, parent: node });
      }
    }
    frontier = next;
  }
  return end();
}

function path(node: Node, last: string): string[] {
  const steps = [last];
  for (let at: Node | undefined = node; at?.parent !== undefined; at = at.parent) steps.unshift(at.label);
  return steps;
}

/** The state after a step; `undefined` if the step was refused, and a text if `decide` failed. */
export function take(decide: Decide, before: State, step: Step): Taken | string | undefined {
  const { fact, hears } = step;
  // A repeated notification is recognised by its key, and decided about only once.
  if (fact.kind === "notification" && hears !== undefined && before.heard.includes(hears)) return undefined;
  let decision: { changes: Changes; answer: Answers[Fact["kind"]] };
  try {
    decision = decide(before.order, fact);
  } catch (error) {
    if (refusals(fact, error)) return undefined;
    return `decide threw: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { changes, answer } = decision;
  const books = { ...before.books };
  for (const { entries } of changes.postings) {
    for (const { account, amount } of entries) books[account] += amount;
  }
  const status = typeof answer === "object" && answer !== null && "status" in answer ? answer.status : "";
  const isAccepted = status !== "refused" && step.source !== "stranger";
  const at = "at" in fact ? fact.at : fact.row.receivedAt;
  const kinds = changes.events.map(({ kind }) => kind);
  const after: State = {
    order: saved(before.order, changes),
    books,
    movements: isAccepted
      ? withReported(
          before.movements.filter(({ id }) => step.untells?.includes(id) !== true),
          step.tells ?? [],
        )
      : before.movements,
    heard: hears === undefined || before.heard.includes(hears) ? before.heard : [...before.heard, hears],
    sent: step.sends === undefined ? before.sent : [...before.sent, step.sends],
    asked: isAccepted ? (step.asks ?? before.asked) : before.asked,
    reported: [
      ...before.reported.filter((kind) => !takenBack(changes).includes(kind)),
      ...kinds.filter((kind) => once.includes(kind)),
    ],
    now: Math.max(before.now + 1, at.getTime()),
  };
  return { before, step, after, changes, answer };
}

const once: readonly string[] = ["approved", "deposited", "cancelled"];

/** The events that a correction takes back: they may occur again. */
function takenBack({ audit, events }: Changes): readonly string[] {
  if (!events.some(({ kind }) => kind === "corrected")) return [];
  const entry = audit.find(({ what, from, to }) => what === "correction" && from !== to);
  if (entry === undefined) return [];
  return entry.cancelId === null ? ["approved", "deposited"] : ["cancelled"];
}

/** A repeated fact adds nothing. */
function repeatOf(decide: Decide, { step, after }: Taken): string | undefined {
  const { fact } = step;
  if (fact.kind !== "outcome" && fact.kind !== "silence" && fact.kind !== "repeat-outcome") return undefined;
  try {
    const { changes } = decide(after.order, fact);
    if (changes.postings.length > 0) return "the same fact again posts money again";
    const isNews = [changes.approvals, changes.cancels, changes.events].some(({ length }) => length > 0);
    return fact.kind !== "repeat-outcome" && isNews
      ? "the same fact again changes the order again"
      : undefined;
  } catch (error) {
    return `decide threw at the same fact again: ${String(error)}`;
  }
}

/** Two reports leave the same money in the books in either order. */
function orderOf(
  decide: Decide,
  stepsOf: Scene["stepsOf"],
  reports: readonly Report[],
  second: Report,
): string | undefined {
  for (const first of reports) {
    if (!isIndependent(first.taken, second.taken)) continue;
    // Only reports that may arrive in both orders: some exclude each other.
    const then = first.next(stepsOf).get(second.taken.step.label);
    const before = second.next(stepsOf).get(first.taken.step.label);
    if (then === undefined || before === undefined) continue;
    if (tellsOf(then) !== tellsOf(second.taken.step) || tellsOf(before) !== tellsOf(first.taken.step))
      continue;
    const oneWay = take(decide, first.taken.after, then);
    const otherWay = take(decide, second.taken.after, before);
    if (typeof oneWay !== "object" || typeof otherWay !== "object") continue;
    const [one, other] = [oneWay.after, otherWay.after];
    if (early(one) === 0 && one.books.gateway !== other.books.gateway) {
      const { label } = first.taken.step;
      return `the order of arrival matters: after "${label}" the books have ${one.books.gateway}, before it ${other.books.gateway}`;
    }
  }
  return undefined;
}

function tellsOf({ tells = [] }: Step): string {
  return tells.map(({ id, won }) => `${id}: ${won}`).join();
}

/** An applied step, and its possible successors. */
class Report {
  #next: ReadonlyMap<string, Step> | undefined;

  constructor(readonly taken: Taken) {}

  next(stepsOf: Scene["stepsOf"]): ReadonlyMap<string, Step> {
    this.#next ??= new Map(stepsOf(this.taken.after).map((step) => [step.label, step]));
    return this.#next;
  }
}

/** Reports of different movements, which may overtake each other. */
function isIndependent({ step: one, changes }: Taken, { step: other, changes: others }: Taken): boolean {
  if (one.source !== "report" || other.source !== "report" || one.hears === other.hears) return false;
  // A mismatch is never booked.
  if (one.mustAlarm || other.mustAlarm) return false;
  // A refund without an amount is booked only if the rest of the order shows its amount.
  if (isRefundWithoutAmount(one.fact) || isRefundWithoutAmount(other.fact)) return false;
  if (one.fact.kind !== "notification" && other.fact.kind !== "notification") return false;
  return changes.postings.length > 0 || others.postings.length > 0;
}

function isRefundWithoutAmount(fact: Fact): boolean {
  if (fact.kind !== "notification") return false;
  return fact.reported.what === "cancelled" && fact.reported.price === undefined;
}

/** Formats a problem. */
export function textOf({ steps, text }: Problem): string {
  return [...steps, `=> ${text}`].join("\n  ");
}

/** The sum of several walks. */
export function totalOf(walked: readonly Walked[]): Omit<Walked, "problem"> {
  const kinds = new Map<string, number>();
  for (const each of walked)
    for (const [kind, count] of each.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  const sumOf = (what: "states" | "facts") => walked.reduce((all, each) => all + each[what], 0);
  return { states: sumOf("states"), facts: sumOf("facts"), kinds };
}
