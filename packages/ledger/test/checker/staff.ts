import type { Resolution } from "../../src/domain/facts.js";
import type { ApprovalRow, CancelRow } from "../../src/domain/rows.js";
import { isMine, left, tidOf } from "./calls.js";
import { hour, type Movement, type State, type Step } from "./state.js";

/** Steps of operators: resolutions and review notes. They are never wrong. */

const note = { actor: "kim", evidence: "console" };
const sendingGraceMs = 30_000;

export function resolutions(state: State): Step[] {
  return [...ofApprovals(state), ...ofCancels(state)];
}

function ofApprovals(state: State): Step[] {
  const { approvals, cancels } = state.order;
  // An unknown call is resolved before a virtual account.
  const isOpen = [...approvals, ...cancels].some(({ state: at }) => at === "unknown" || at === "sending");
  const isAwaited = approvals.some(({ state: at }) => at === "awaiting_deposit");
  return approvals
    .filter((row) => row.state !== "awaiting_deposit" || !isOpen)
    .filter(
      ({ state: at }) => at === "unknown" || at === "awaiting_deposit" || (at === "sending" && !isAwaited),
    )
    .flatMap((row) => {
      const tid = tidOf(row);
      const isAccount = row.state === "awaiting_deposit";
      const id = isAccount ? `D1 ${tid}` : `take ${tid}`;
      const known = state.movements.find((each) => each.id === id);
      const take: Movement = { id, of: tid, won: row.price, certainty: "proved" };
      const about = isAccount || !isMine(row) ? {} : { about: "approval" as const };
      const moved = { ...note, ...about, outcome: "moved" } as const;
      const notMoved = { ...note, ...about, outcome: "not-moved" } as const;
      const undone = state.movements.some((each) => each.id === `undo ${tid}`);
      const steps: Step[] = [];
      if ((known === undefined || known.won === row.price) && !undone) {
        steps.push(step(state, `${row.id} moved`, { ...moved, tid }, 2 * hour, { tells: [take] }));
        steps.push(
          step(state, `${row.id} moved, transaction left out`, moved, 2 * hour, {
            mustRefuse: "no transaction",
          }),
        );
        steps.push(
          step(state, `${row.id} moved, another's transaction`, { ...moved, tid: "T-other" }, 2 * hour, {
            mustRefuse: "another's transaction",
          }),
        );
      }
      if (known === undefined) {
        steps.push(step(state, `${row.id} did not move`, notMoved, 400 * hour, {}));
        if (isEarly(state, row)) {
          steps.push(
            step(state, `${row.id} did not move, too early`, notMoved, 0, { mustRefuse: "too early" }),
          );
        }
        const seenAt = new Date(row.createdAt.getTime() - hour);
        const before = { ...notMoved, seenAt };
        steps.push(
          step(state, `${row.id} did not move, seen before it`, before, 400 * hour, {
            mustRefuse: "seen before",
          }),
        );
      }
      return steps;
    });
}

function ofCancels(state: State): Step[] {
  return state.order.cancels
    .filter((row) => row.state === "unknown" || row.state === "sending")
    .flatMap((row) => {
      const approval = state.order.approvals.find(({ id }) => id === row.approvalId);
      if (approval?.state !== "approved") return [];
      const of = tidOf(approval);
      const id = row.netCancel ? `undo ${of}` : `give ${row.id}`;
      const known = state.movements.find((each) => each.id === id);
      const give: Movement = { id, of, won: -row.cancelPrice, certainty: "proved" };
      const can = known === undefined ? left(state, of) >= row.cancelPrice : known.won === give.won;
      const moved = { ...note, about: "cancel", outcome: "moved" } as const;
      const notMoved = { ...note, about: "cancel", outcome: "not-moved" } as const;
      return [
        ...(can
          ? [
              step(state, `${row.id} moved`, { ...moved, tid: `C-${row.id}` }, 2 * hour, { tells: [give] }),
              step(state, `${row.id} moved, another's transaction`, { ...moved, tid: "C-other" }, 2 * hour, {
                mustRefuse: "another's transaction",
              }),
            ]
          : []),
        ...(known === undefined
          ? [
              step(state, `${row.id} did not move`, notMoved, 2 * hour, {}),
              ...(isEarly(state, row)
                ? [step(state, `${row.id} did not move, too early`, notMoved, 0, { mustRefuse: "too early" })]
                : []),
            ]
          : []),
      ];
    });
}

/** Whether the gateway may still carry out the call, or a deposit may still arrive. */
function isEarly({ now }: State, row: ApprovalRow | CancelRow): boolean {
  const account = "accountDueAt" in row ? row.accountDueAt : null;
  const isAccount = row.state === "awaiting_deposit";
  const since = isAccount ? account : (row.deadlineAt ?? row.settledAt ?? row.createdAt);
  return since !== null && now < since.getTime() + hour / 6;
}

function step(
  state: State,
  what: string,
  resolution: Resolution,
  later: number,
  rest: Pick<Step, "tells" | "mustRefuse">,
): Step {
  const at = new Date(state.now + later);
  const fact = { kind: "resolution", resolution, at, sendingGraceMs } as const;
  return { label: `an operator: ${what}`, source: "resolution", fact, ...rest };
}

export function reviews({ order, now }: State): Step[] {
  const review = (seenEntries: number, what: string): Step => ({
    label: `an operator: ${what}`,
    source: "resolution",
    fact: { kind: "review", note: { ...note, seenEntries }, at: new Date(now + 1) },
  });
  return [review(order.entries, "closed the review")];
}
