import type { CallOutcome } from "@payapi/core";
import { factsOf } from "../../src/domain/facts.js";
import type { ApprovalRow, CancelRow } from "../../src/domain/rows.js";
import { hour, type Movement, type State, type Step, start, sum } from "./state.js";

/** Steps of calls: requests, sending, replies, repeats and silence. */

export const alreadyCode = "01";
export const codes = [alreadyCode];
const approvedAt = new Date(start - 2 * hour);

export function reserveApproval({ order, now }: State, price: number): Step {
  const newId = `a${order.approvals.length + 1}`;
  const request = { orderId: order.orderId, price, payType: "card" };
  return {
    label: `a card is to be charged ${price}`,
    source: "command",
    fact: { kind: "reserve-approval", request, newId, at: new Date(now + 1) },
    asks: price,
  };
}

export function reservePage({ order, now }: State, tid: string): Step[] {
  return order.links
    .filter(({ payType }) => payType === "card")
    .map(({ oid, price }) => ({
      label: `the page's payment ${tid} of link ${oid} is to be approved`,
      source: "command",
      fact: {
        kind: "reserve-approval",
        request: { orderId: order.orderId, price, payType: "card", page: { oid, tid } },
        newId: `a${order.approvals.length + 1}`,
        at: new Date(now + 1),
      },
    }));
}

export function reserveCancel({ order, now }: State, part?: number, escrow?: true): Step {
  const remaining = order.approvals.find(({ state }) => state === "approved")?.remaining ?? 0;
  const asked = part === undefined ? {} : { part: { cancelPrice: part, confirmPrice: remaining - part } };
  const request = { orderId: order.orderId, ...asked, ...(escrow ? { escrow } : {}) };
  return {
    label: `${escrow ? "escrow's rest" : (part ?? "all that remains")} is to be refunded`,
    source: "command",
    fact: { kind: "reserve-cancel", request, newId: `c${order.cancels.length + 1}`, at: new Date(now + 1) },
  };
}

/** A late click on "cancel 400 of 1000". */
export function staleCancel({ order, now }: State): Step {
  const request = { orderId: order.orderId, part: { cancelPrice: 400, confirmPrice: 600 } };
  const newId = `c${order.cancels.length + 1}`;
  return {
    label: "400 are to be refunded, so that 600 remain",
    source: "command",
    fact: { kind: "reserve-cancel", request, newId, at: new Date(now + 1) },
  };
}

export function reserveNetCancel({ order, now }: State): Step {
  const newId = `c${order.cancels.length + 1}`;
  const request = { orderId: order.orderId, netCancel: true } as const;
  return {
    label: "the page's approval is to be undone",
    source: "command",
    fact: { kind: "reserve-cancel", request, newId, at: new Date(now + 1) },
  };
}

export function markSendings({ order, now }: State): Step[] {
  const at = new Date(now + 1);
  const deadlineAt = new Date(now + 60_000);
  const mark = (kind: "approval" | "cancel", id: string): Step => ({
    label: `${id} is about to be sent`,
    source: "command",
    fact: { kind: "mark-sending", call: { kind, id }, at, deadlineAt },
    sends: id,
  });
  return [
    ...order.approvals.filter(isMine).map(({ id }) => mark("approval", id)),
    ...order.cancels.map(({ id }) => mark("cancel", id)),
  ];
}

export function silences({ order, now }: State): Step[] {
  const end = (kind: "approval" | "cancel", { id, state }: ApprovalRow | CancelRow): Step[] => {
    if (state !== "reserved" && state !== "sending") return [];
    const outcome = state === "reserved" ? "not-sent" : "unknown";
    const at = new Date(now + hour);
    const fact = { kind: "silence", call: { kind, id, state }, outcome, at } as const;
    return [{ label: `${id} is silent: ${outcome}`, source: "silence", fact }];
  };
  return [
    ...order.approvals.filter(isMine).flatMap((row) => end("approval", row)),
    ...order.cancels.flatMap((row) => end("cancel", row)),
  ];
}

export interface Said {
  readonly name: string;
  readonly outcome: CallOutcome;
  readonly tells?: readonly Movement[];
}

/** The outcome that the process of each approval reports, and reports again later: the journal may repeat it. */
export function approvalOutcomes(state: State): Step[] {
  return state.order.approvals
    .filter(isMine)
    .flatMap((row) => said(state, "approval", row, ofApproval(state, row)));
}

export function cancelOutcomes(state: State): Step[] {
  return state.order.cancels.flatMap((row) => said(state, "cancel", row, ofCancel(state, row)));
}

function said(
  state: State,
  kind: "approval" | "cancel",
  row: ApprovalRow | CancelRow,
  all: readonly Said[],
): Step[] {
  const before = state.heard.find((each) => each.startsWith(`${row.id} said `));
  return all
    .filter(({ name }) => before === undefined || before === `${row.id} said ${name}`)
    .map(({ name, outcome, tells = [] }) => ({
      label: `${row.id} says: ${name}`,
      source: "report",
      fact: {
        kind: "outcome",
        call: { kind, id: row.id },
        facts: factsOf(outcome),
        at: new Date(state.now + 1),
        alreadyCancelledCodes: codes,
      },
      tells,
      hears: `${row.id} said ${name}`,
    }));
}

/** Attempts made by a call of the shop, not by a notification. */
export function isMine({ payType, settledBy, state, sendingAt }: ApprovalRow): boolean {
  if (payType === "vbank") return false;
  return sendingAt !== null || state === "reserved" || settledBy === "recovery" || settledBy === "call";
}

export function tidOf(row: ApprovalRow): string {
  return row.authTid ?? `T-${row.id}`;
}

function ofApproval({ movements, order }: State, row: ApprovalRow): Said[] {
  const notSent: Said = { name: "not sent", outcome: { outcome: "not-sent" } };
  if (row.sendingAt === null) return [notSent];
  const { price } = row;
  const tid = tidOf(row);
  const take = (won: number, certainty: Movement["certainty"] = "proved"): Movement[] => [
    { id: `take ${tid}`, of: tid, won, certainty },
  ];
  const known = movements.find(({ id }) => id === `take ${tid}`);
  const yes = { outcome: "succeeded", tid, at: approvedAt } as const;
  const another = order.approvals.find((each) => each.id !== row.id && each.tid !== null)?.tid;
  // The gateway refunded the money by a net cancel before the approval was reported.
  const undone = row.state === "net_cancelled";
  const undo: Movement[] = undone ? [{ id: `undo ${tid}`, of: tid, won: -price, certainty: "proved" }] : [];
  const yeses: Said[] = [
    { name: "yes", outcome: { ...yes, price }, tells: [...take(price), ...undo] },
    { name: "yes, without an amount", outcome: yes, tells: [...take(price), ...undo] },
    ...(undone
      ? []
      : [
          { name: "yes, another amount", outcome: { ...yes, price: price + 100 }, tells: take(price + 100) },
          {
            name: "yes, without a transaction",
            outcome: { outcome: "succeeded", price } as const,
            tells: take(price),
          },
          { name: "moved", outcome: { outcome: "moved", tid } as const, tells: take(price, "likely") },
          {
            name: "yes, in another order's transaction",
            outcome: { ...yes, price, tid: "T-other" },
            tells: take(price, "likely"),
          },
          ...(another == null
            ? []
            : [
                {
                  name: "yes, in another attempt's transaction",
                  outcome: { ...yes, price, tid: another },
                  tells: take(price, "likely"),
                },
              ]),
        ]),
  ];
  return [
    ...yeses.filter(({ tells = [] }) => known === undefined || tells[0]?.won === known.won),
    { name: "no", outcome: { outcome: "refused", resultCode: "51" } },
    { name: "unknown", outcome: { outcome: "unknown" } },
    notSent,
  ];
}

/** The amount of a transaction that the gateway still has, as far as reported. */
export function left({ movements }: State, of: string): number {
  return sum(movements.filter((each) => each.of === of));
}

function ofCancel(state: State, row: CancelRow): Said[] {
  const notSent: Said = { name: "not sent", outcome: { outcome: "not-sent" } };
  if (row.sendingAt === null) return [notSent];
  const approval = state.order.approvals.find(({ id }) => id === row.approvalId);
  const of = approval === undefined ? "" : tidOf(approval);
  const { cancelPrice: price, confirmPrice } = row;
  // If the approval was not as requested, it is unknown which of the two the gateway did first.
  const isBlurred = row.netCancel && approval?.state !== "approved";
  const give = (
    won: number,
    certainty: Movement["certainty"] = isBlurred ? "likely" : "proved",
  ): Movement[] => [{ id: row.netCancel ? `undo ${of}` : `give ${row.id}`, of, won: -won, certainty }];
  const done = state.movements.find(({ id }) => id === give(0)[0]?.id);
  const can = done === undefined ? left(state, of) >= price : done.won === -price;
  const yes = { outcome: "succeeded", at: row.sendingAt } as const;
  const full = { ...yes, price, remainingPrice: confirmPrice, cancelTid: `C-${row.id}` };
  // A net cancel of an unreported payment changes nothing in the books.
  const isBlind = row.netCancel && left(state, of) === 0 && done === undefined;
  return [
    ...(isBlind ? [{ name: "yes", outcome: { ...yes, price } as const }] : []),
    ...(can
      ? [
          { name: "yes", outcome: full, tells: give(price) },
          { name: "yes, without amounts", outcome: { ...yes, cancelTid: `C-${row.id}` }, tells: give(price) },
          {
            name: "yes, another rest",
            outcome: { ...full, remainingPrice: confirmPrice + 50 },
            tells: give(price),
          },
          {
            name: "yes, in another cancel's transaction",
            outcome: { ...full, cancelTid: "C-other" },
            tells: give(price, "likely"),
          },
          {
            name: "yes, 100 more than it gave",
            outcome: { ...full, price: price + 100 },
            tells: give(price).map((each) => ({ ...each, misreported: each.won - 100 })),
          },
          { name: "moved", outcome: { outcome: "moved" } as const, tells: give(price, "likely") },
          ...(done === undefined && left(state, of) > price
            ? [
                {
                  name: "yes, another amount",
                  outcome: { ...full, price: price + 100 },
                  tells: give(price + 100),
                },
              ]
            : []),
        ]
      : []),
    // Escrow purchases have their own codes.
    ...(row.operation === "escrow.confirmRejection" ? [] : alreadies(state, of)),
    { name: "unknown", outcome: { outcome: "unknown" } },
    ...(done === undefined
      ? [{ name: "no", outcome: { outcome: "refused", resultCode: "51" } as const }, notSent]
      : []),
  ];
}

/** The gateway refuses since everything was refunded: reversed by the bank, or cancelled in the console. */
export function alreadies(state: State, of: string): Said[] {
  const outcome = { outcome: "refused", resultCode: alreadyCode, code: "refused" } as const;
  const rest = left(state, of);
  if (rest === 0) return [{ name: "already cancelled", outcome }];
  // The bank reverses each deposit separately.
  if (rest < 0 || state.movements.some(({ id }) => id === `D2 ${of}`)) return [];
  const causes = of.startsWith("V") ? [`R1 ${of}`] : [`K1 ${of}`, `K2 ${of}`];
  const by = causes.find((cause) => !state.movements.some(({ id }) => id === cause));
  if (by === undefined) return [];
  return [{ name: "already cancelled", outcome, tells: [{ id: by, of, won: -rest, certainty: "likely" }] }];
}
