import { randomUUID } from "node:crypto";
import type { CallOutcome, ReservedApproval, ReservedCancel } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";

export const price = 10_000;

export const newOrder = () => `order-${randomUUID().slice(0, 8)}`;
export const newTid = () => `tid-${randomUUID()}`;

export async function reservedApproval(ledger: Ledger, orderId = newOrder()): Promise<ReservedApproval> {
  const reservation = await ledger.store.reserveApproval({ orderId, price, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
  return reservation.call;
}

export async function sentApproval(ledger: Ledger, orderId = newOrder()): Promise<ReservedApproval> {
  const call = await reservedApproval(ledger, orderId);
  await ledger.store.markSending(call);
  return call;
}

/** A payment of 10 000 won. */
export async function payment(ledger: Ledger, tid = newTid()): Promise<ReservedApproval> {
  const call = await sentApproval(ledger);
  await ledger.store.settle(call, { outcome: "succeeded", tid, price });
  return call;
}

/** A cancel of 3000 won of a payment of 10 000. */
export async function reservedCancel(ledger: Ledger): Promise<ReservedCancel> {
  const { orderId } = await payment(ledger);
  const part = { cancelPrice: 3_000, confirmPrice: 7_000 };
  const reservation = await ledger.store.reserveCancel({ orderId, part, actor: "kim" });
  if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
  return reservation.call;
}

export async function sentCancel(ledger: Ledger): Promise<ReservedCancel> {
  const call = await reservedCancel(ledger);
  await ledger.store.markSending(call);
  return call;
}

export async function settled<Call extends ReservedApproval | ReservedCancel>(
  ledger: Ledger,
  call: Call,
  outcome: CallOutcome,
): Promise<Call> {
  await ledger.store.settle(call, outcome);
  return call;
}

/** The state a call is in, as its timeline ends. */
export async function stateOf(
  ledger: Ledger,
  call: { readonly id: string; readonly orderId: string },
): Promise<string | undefined> {
  return (await ledger.payments.timeline(call.orderId)).filter(({ callId }) => callId === call.id).at(-1)?.to;
}

/** Every cell of a table that has a row for each state, with where each of the reports leads. */
export function cellsOf<Report extends string>(
  table: Readonly<Record<string, readonly string[]>>,
  reports: Readonly<Record<Report, unknown>>,
) {
  const columns = Object.keys(reports) as Report[];
  return Object.entries(table).flatMap(([from, ends]) =>
    columns.map((report, i) => ({ from, report, to: ends[i] ?? "" })),
  );
}
