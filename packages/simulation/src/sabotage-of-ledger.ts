import { randomUUID } from "node:crypto";
import type { CallOutcome, ReservedCall } from "@payapi/core";
import { createLedger, type LedgerTransaction } from "@payapi/ledger/store";
import type { Sabotage } from "./sabotage.js";

const unknownIsRefused = (outcome: CallOutcome): CallOutcome =>
  outcome.outcome === "unknown" ? { ...outcome, outcome: "refused" } : outcome;

/** Mistakes in what is remembered, and when. */
export const ledgerMistakes = {
  "acknowledge-before-commit": {
    what: "a notification is acknowledged while it is still being stored",
    foundBy: 2,
    ledger: (ledger) => ({
      ...ledger,
      receiveNotification: async (received) => {
        void ledger.receiveNotification(received).catch(() => {});
        return { effect: "applied" };
      },
    }),
  },
  "acknowledge-anyway": {
    what: "a notification that could not be stored is acknowledged",
    foundBy: 3,
    ledger: (ledger) => ({
      ...ledger,
      receiveNotification: (received) =>
        ledger.receiveNotification(received).catch(() => ({ effect: "ignored" })),
    }),
  },
  "forget-events": {
    what: "a notification that comes again is taken for another one",
    foundBy: 2,
    store: (store) => ({
      ...store,
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            inbox: {
              ...tx.inbox,
              insert: (row) => tx.inbox.insert({ ...row, dedupeKey: `${row.dedupeKey} ${randomUUID()}` }),
            },
          }),
        ),
    }),
  },
  "unknown-frees-the-order": {
    what: "a call whose outcome is unknown is written down as refused",
    foundBy: 1,
    ledger: (ledger) => ({
      ...ledger,
      settle: (call, outcome) => ledger.settle(call, unknownIsRefused(outcome)),
    }),
  },
  "last-report-wins": {
    what: "whatever is reported last overwrites what is known",
    foundBy: 1,
    store: (store) => ({
      ...store,
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            lockOrder: async (mid, orderId) => {
              const rows = await tx.lockOrder(mid, orderId);
              const approvals = rows.approvals.map((row) =>
                row.sendingAt === null ? row : { ...row, state: "sending" as const },
              );
              return { ...rows, approvals };
            },
            moveApproval: async (id, _, change) => {
              const states = ["sending", "unknown", "approved", "declined", "not_sent"] as const;
              return (await tx.moveApproval(id, ["reserved"], change)) ?? tx.moveApproval(id, states, change);
            },
          }),
        ),
    }),
  },
  "recovery-guesses": {
    what: "recover() takes every call that fell silent for one that was not sent",
    foundBy: 5,
    ledger: (ledger, { store, client, options }) => ({
      ...ledger,
      recover: async () => {
        const now = options.clock?.() ?? new Date();
        const limits = { reservedBefore: new Date(0), deadlineBefore: now, limit: 100 };
        const stale = await store.read((tx) => tx.staleCalls(client.mid, limits));
        for (const { id, orderId, kind } of stale) {
          await store.transaction((tx) => giveUp(tx, client.mid, { id, orderId, kind }));
        }
        return ledger.recover();
      },
    }),
  },
  "operator-too-early": {
    what: "an operator is believed that nothing moved while the gateway may still carry the call out",
    foundBy: 16,
    ledger: (ledger, { store, client, options }) => {
      const later = () => new Date((options.clock?.() ?? new Date()).getTime() + 15 * 60_000);
      const hasty = createLedger(client, store, { ...options, clock: later });
      return {
        ...ledger,
        settleByOperator: (orderId, { seenAt: _, ...finding }) => hasty.settleByOperator(orderId, finding),
      };
    },
  },
  "refund-beside-the-ledger": {
    what: "money is given back without a hold in the ledger",
    foundBy: 1,
    ledger: (ledger) => {
      const own = new Set<string>();
      return {
        ...ledger,
        reserveCancel: async ({ orderId, part, ...rest }) => {
          const order = await ledger.findOrder(orderId);
          if (order?.tid === undefined || order.remainingPrice === 0 || rest.network === true) {
            return ledger.reserveCancel({ orderId, ...rest, ...(part === undefined ? {} : { part }) });
          }
          const id = randomUUID();
          own.add(id);
          const { tid, remainingPrice, price, payType = "card" } = order;
          const cancelPrice = part?.cancelPrice ?? remainingPrice;
          const isWhole = cancelPrice === price;
          return {
            status: "reserved",
            call: {
              kind: "cancel",
              id,
              orderId,
              operation: isWhole ? "payments.cancel" : "payments.cancelPartially",
              payType,
              tid,
              cancelPrice,
              confirmPrice: remainingPrice - cancelPrice,
            },
          };
        },
        markSending: async (call) => (own.has(call.id) ? undefined : ledger.markSending(call)),
        settle: async (call, outcome) => {
          const order = own.has(call.id) ? await ledger.findOrder(call.orderId) : undefined;
          return order ?? ledger.settle(call, outcome);
        },
      };
    },
  },
  "say-paid-before-settled": {
    what: "the buyer is told of a payment that could not be written down",
    foundBy: 1,
    ledger: (ledger) => ({
      ...ledger,
      settle: async (call: ReservedCall, outcome) => {
        if (outcome.outcome !== "succeeded" || call.kind !== "approval") return ledger.settle(call, outcome);
        void ledger.settle(call, outcome).catch(() => {});
        const { orderId, price } = call;
        return { orderId, status: "paid", price, remainingPrice: price };
      },
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

async function giveUp(
  tx: LedgerTransaction,
  mid: string,
  { id, orderId, kind }: { id: string; orderId: string; kind: "approval" | "cancel" },
): Promise<void> {
  const { cancels } = await tx.lockOrder(mid, orderId);
  const change = { state: "not_sent", settledBy: "recovery" } as const;
  const cancel = cancels.find((row) => row.id === id);
  const moved =
    kind === "approval"
      ? await tx.moveApproval(id, ["sending"], change)
      : await tx.moveCancel(id, ["sending"], change);
  if (moved === undefined) return;
  const last = (await tx.transitions(mid, orderId)).findLast(
    (line) => (line.cancelId ?? line.approvalId) === id,
  );
  if (last !== undefined)
    await tx.addTransition({ ...last, from: "sending", to: "not_sent", actor: "recovery" });
  if (cancel !== undefined) await tx.releaseHold(cancel.approvalId, id);
}
