import type { Resolution } from "../../src/domain/facts.js";
import type { ApprovalRow, CancelRow } from "../../src/domain/rows.js";
import { isMine, left, tidOf } from "./calls.js";
import { hour, type Movement, type State, type Step, sum } from "./state.js";

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

/**
 * Corrections of resolutions: the first one was wrong. They are refused once a report is known about the call, or a cancel that was sent may
 * have been carried out.
 */
export function corrections(state: State): Step[] {
  const { approvals, cancels } = state.order;
  const isHeard = (id: string) =>
    state.heard.some((each) => each.startsWith(`${id} said `) && each !== `${id} said unknown`);
  const late = 2 * hour;
  return [
    ...approvals.flatMap((row) => {
      const tid = tidOf(row);
      const take: Movement = { id: `take ${tid}`, of: tid, won: row.price, certainty: "proved" };
      const correct = { ...note, about: "approval", corrects: true, oid: row.oid } as const;
      const own = cancels.filter(({ approvalId }) => approvalId === row.id);
      const isGiven = own.some(({ state: at }) => !["refused", "not_sent", "settled_not_moved"].includes(at));
      const why =
        row.settledBy !== "operator" || isHeard(row.id) || isGiven ? { mustRefuse: "it is confirmed" } : {};
      if (row.state === "approved") {
        return [
          step(state, `${row.id} did not move after all`, { ...correct, outcome: "not-moved" }, late, {
            untells: [take.id],
            ...why,
          }),
          step(
            state,
            `${row.id} has another transaction`,
            { ...correct, outcome: "moved", tid: `${tid}x` },
            late,
            why,
          ),
        ];
      }
      if (row.state !== "settled_not_moved") return [];
      const moved = { ...correct, outcome: "moved", tid } as const;
      return [step(state, `${row.id} moved after all`, moved, late, { tells: [take], ...why })];
    }),
    ...cancels
      .filter(({ netCancel }) => !netCancel)
      .flatMap((row) => {
        const approval = approvals.find(({ id }) => id === row.approvalId);
        const of = approval === undefined ? "" : tidOf(approval);
        const give: Movement = { id: `give ${row.id}`, of, won: -row.cancelPrice, certainty: "proved" };
        const correct = { ...note, about: "cancel", corrects: true } as const;
        const isLast = cancels.at(-1) === row;
        const why =
          row.settledBy !== "operator" || isHeard(row.id) || !isLast ? { mustRefuse: "it is confirmed" } : {};
        if (row.state === "done") {
          const notMoved = { ...correct, outcome: "not-moved" } as const;
          return [
            step(state, `${row.id} did not move after all`, notMoved, late, { untells: [give.id], ...why }),
          ];
        }
        if (row.state !== "settled_not_moved" || left(state, of) < row.cancelPrice) return [];
        const moved = { ...correct, outcome: "moved", tid: `C-${row.id}` } as const;
        return [step(state, `${row.id} moved after all`, moved, late, { tells: [give], ...why })];
      }),
  ];
}

/** Payments in the gateway's console: one of each call that was sent, one that the ledger lost, and what was refunded of them. */
export function foundPayments(state: State): Step[] {
  const { approvals } = state.order;
  const at = new Date(state.now + 1);
  const found = (
    name: string,
    oid: string,
    tid: string,
    price: number,
    console_: readonly Movement[],
  ): Step => {
    const given = -sum([...state.movements, ...console_].filter(({ of, won }) => of === tid && won < 0));
    const take: Movement = { id: `take ${tid}`, of: tid, won: price, certainty: "proved" };
    return {
      label: `the console has ${name}`,
      source: "report",
      fact: {
        kind: "found-payment",
        found: { oid, tid, price, cancelled: given, payType: "card" },
        newId: `a${approvals.length + 1}`,
        at,
        note,
      },
      tells: [take, ...console_],
      hears: `the console has ${name}`,
    };
  };
  const refund = (tid: string, won: number): Movement[] =>
    won > 0 ? [{ id: `K1 ${tid}`, of: tid, won: -won, certainty: "proved" }] : [];
  const both = (oid: string, tid: string, price: number, isOpen: boolean): Step[] => {
    const known = state.movements.find(({ id }) => id === `take ${tid}`)?.won ?? price;
    const rest = known + sum(state.movements.filter(({ of, won }) => of === tid && won < 0));
    return [
      found(tid, oid, tid, known, []),
      // An open cancel of the shop may be what the console shows.
      ...(isOpen ? [] : [found(`${tid}, cancelled`, oid, tid, known, refund(tid, rest))]),
    ];
  };
  const own = approvals.filter((row) => isMine(row) && row.sendingAt !== null);
  return [
    ...own.flatMap((row) => both(row.oid, tidOf(row), row.price, row.openCancel !== null)),
    ...both(
      `${state.order.orderId}-9`,
      "T9",
      1000,
      approvals.some(({ openCancel }) => openCancel !== null),
    ),
  ];
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
  rest: Pick<Step, "tells" | "untells" | "mustRefuse">,
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
