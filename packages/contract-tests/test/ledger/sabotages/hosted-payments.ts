import { randomUUID } from "node:crypto";
import type { ReservedCancel } from "@payapi/core";
import { linkSabotages } from "./links.js";
import { alike, othersToo, reservesWithoutLock, type Sabotages } from "./sabotage.js";

export const hostedPaymentSabotages: Sabotages = {
  ...linkSabotages,

  "an approval of the payment page gets another oid than its link": {
    caughtBy: "hosted approvals: use the link's order number",
    change: (good) => ({
      reserveApproval: ({ page: _, ...request }) => good.store.reserveApproval(request),
    }),
  },
  "the authentication's transaction counts as the payment's": {
    caughtBy: "hosted approvals: accept a transaction that differs from the authentication's",
    change: (good) => {
      const tids = new Map<string, string>();
      return {
        async reserveApproval(request) {
          const reservation = await good.store.reserveApproval(request);
          if (reservation.status === "reserved" && request.page !== undefined)
            tids.set(reservation.call.id, request.page.tid);
          return reservation;
        },
        settle(call, outcome) {
          const tid = tids.get(call.id);
          return good.store.settle(
            call,
            tid === undefined || outcome.tid === undefined ? outcome : { ...outcome, tid },
          );
        },
      };
    },
  },
  "a transaction that is returned twice is approved twice": {
    caughtBy: "hosted approvals: are reserved once for 16 concurrent returns of a transaction",
    change: reservesWithoutLock,
  },
  ...reusedTransactions({
    "a declined transaction is approved again":
      "hosted approvals: are refused for a transaction that was declined before",
    "a transaction pays two orders": "hosted approvals: are refused for a transaction of another order",
    "the transaction of an account pays another order":
      "issued virtual accounts: are refused in another payment's transaction",
  }),
  "a paid order is refused for its used transaction": {
    caughtBy: "hosted approvals: are refused for the order's state before the transaction's",
    change: (good) => {
      const used = new Set<string>();
      return {
        async reserveApproval(request) {
          const tid = request.page?.tid ?? "";
          if (used.has(tid)) return { status: "refused", reason: "tid-used", order: undefined };
          used.add(tid);
          return good.store.reserveApproval(request);
        },
      };
    },
  },
  "a link is used up by its first approval": {
    caughtBy: "hosted approvals: are reserved after a decline by the same link, in another transaction",
    change: (good) => {
      const used = new Set<string>();
      return {
        async reserveApproval(request) {
          const oid = request.page?.oid ?? randomUUID();
          if (used.has(oid)) return { status: "refused", reason: "tid-used", order: undefined };
          used.add(oid);
          return good.store.reserveApproval(request);
        },
      };
    },
  },
  "a payment by a closed link is refused": {
    caughtBy: "hosted approvals: are accepted by a closed link",
    change: (good) => {
      const closed = new Set<string>();
      return {
        async closeLink(token) {
          closed.add((await good.store.findLink(token))?.oid ?? "");
          await good.store.closeLink(token);
        },
        async reserveApproval(request) {
          if (!closed.has(request.page?.oid ?? "")) return good.store.reserveApproval(request);
          return { status: "refused", reason: "in-progress", order: undefined };
        },
      };
    },
  },
  "an approval is reserved for another order's link": {
    caughtBy: "hosted approvals: require a link of this order with this price",
    change: (good) => ({
      reserveApproval: (request) =>
        good.store.reserveApproval(request).catch(() => {
          const { page: _, ...plain } = request;
          return good.store.reserveApproval(plain);
        }),
    }),
  },

  "a net cancel is handled as an ordinary cancel": {
    caughtBy: "net cancels: carry the authentication's transaction and the full price",
    change: (good) => ({
      reserveCancel: (request) =>
        changedCancel(good.store.reserveCancel(request), ({ netCancel: _, ...call }) => call),
    }),
  },
  "two net cancels are sent at once": {
    caughtBy: "net cancels: are reserved for one of 16 concurrent callers",
    change: (good) => {
      let first: ReservedCancel | undefined;
      return {
        async reserveCancel(request) {
          const before = first;
          await othersToo();
          const reservation = await good.store.reserveCancel(request);
          if (reservation.status === "reserved") first = reservation.call;
          if (reservation.status === "reserved" || before !== undefined || first === undefined)
            return reservation;
          return { status: "reserved", call: { ...first, id: randomUUID() } };
        },
      };
    },
  },
  ...endingNetCancels({
    "a successful net cancel leaves the order locked": {
      caughtBy: "net cancels: that succeed free the order",
      instead: { succeeded: "unknown" },
    },
    "a refused net cancel frees the order": {
      caughtBy: "net cancels: that were refused or not sent can be repeated",
      instead: { refused: "succeeded" },
    },
    "a net cancel of unknown outcome can be repeated": {
      caughtBy: "net cancels: of unknown outcome lock the order",
      instead: { unknown: "refused" },
    },
  }),
  "a paid order gets a net cancel": {
    caughtBy: "net cancels: are refused unless an approval of the payment page is unknown",
    change: (good) => ({
      async reserveCancel(request) {
        const reservation = await good.store.reserveCancel(request);
        if (reservation.status === "reserved" || reservation.reason !== "not-paid") return reservation;
        const { netCancel: _, ...plain } = request;
        return good.store.reserveCancel(plain);
      },
    }),
  },
  "a success that is reported after the net cancel is ignored": {
    caughtBy: "net cancels: do not hide a success of the approval that is reported afterwards",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.payments.find(call.orderId);
        return order?.status === "net-cancelled" ? order : good.store.settle(call, outcome);
      },
    }),
  },
  ...deafWhileCancelling({
    "a success is ignored while its net cancel runs":
      "net cancels: cancel an approval that proved successful while they ran",
    "a payment is lost when its net cancel fails":
      "net cancels: keep an approval that proved successful when they fail",
  }),

  "an order that awaits a deposit is locked": {
    caughtBy: "issued virtual accounts: are shown and do not lock the order",
    change: (good) => ({
      async reserveApproval(request) {
        const order = await good.payments.find(request.orderId);
        if (order?.status !== "awaiting-deposit") return good.store.reserveApproval(request);
        return { status: "refused", reason: "in-progress", order };
      },
    }),
  },
  ...accountsOnce({
    "a repeated report of an account is an error": "issued virtual accounts: are recorded once",
    "concurrent reports of an account are an error":
      "issued virtual accounts: are recorded once by concurrent callers",
  }),
  "a declined card hides the account": {
    caughtBy: "issued virtual accounts: still await a deposit after another payment was declined",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.store.settle(call, outcome);
        return outcome.outcome === "refused" ? { ...order, status: "declined" } : order;
      },
    }),
  },
  "an account speaks for an order that is paid": {
    caughtBy: "issued virtual accounts: do not change the status of a paid order",
    change: (good) => ({
      awaitDeposit: async (issued) => ({
        ...(await good.store.awaitDeposit(issued)),
        status: "awaiting-deposit",
      }),
    }),
  },
  "a buyer can forge an account for a link by card": {
    caughtBy: "issued virtual accounts: require a link for virtual accounts",
    change: (good) => ({
      awaitDeposit: (issued) =>
        good.store.awaitDeposit(issued).catch(() => ({
          orderId: issued.orderId,
          status: "awaiting-deposit" as const,
          price: issued.price,
          remainingPrice: 0,
        })),
    }),
  },
};

/** A store that looks at the order alone, and not at what its transaction did before. */
function reusedTransactions(caughtBy: Readonly<Record<string, string>>): Sabotages {
  return alike(caughtBy, (good) => ({
    async reserveApproval(request) {
      const reservation = await good.store.reserveApproval(request);
      if (reservation.status === "reserved" || reservation.reason !== "tid-used") return reservation;
      const { page: _, ...plain } = request;
      return good.store.reserveApproval(plain);
    },
  }));
}

function deafWhileCancelling(caughtBy: Readonly<Record<string, string>>): Sabotages {
  return alike(caughtBy, (good) => ({
    async settle(call, outcome) {
      const order = await good.payments.find(call.orderId);
      const isCancelling = call.kind === "approval" && order?.cancel?.status === "in-progress";
      return isCancelling ? order : good.store.settle(call, outcome);
    },
  }));
}

function accountsOnce(caughtBy: Readonly<Record<string, string>>): Sabotages {
  return alike(caughtBy, (good) => {
    const seen = new Set<string>();
    return {
      async awaitDeposit(issued) {
        if (seen.has(issued.tid)) throw new Error("duplicate key value");
        seen.add(issued.tid);
        return good.store.awaitDeposit(issued);
      },
    };
  });
}

type Outcome = "succeeded" | "refused" | "not-sent" | "unknown";
interface Ending {
  readonly caughtBy: string;
  readonly instead: Readonly<Partial<Record<Outcome, Outcome>>>;
}

/** Stores that treat one outcome of a net cancel as another. */
function endingNetCancels(endings: Readonly<Record<string, Ending>>): Sabotages {
  return Object.fromEntries(
    Object.entries(endings).map(([name, { caughtBy, instead }]) => [
      name,
      {
        caughtBy,
        change: (good) => ({
          settle(call, reply) {
            if (call.kind !== "cancel" || !call.netCancel || reply.outcome === "moved")
              return good.store.settle(call, reply);
            return good.store.settle(call, { ...reply, outcome: instead[reply.outcome] ?? reply.outcome });
          },
        }),
      } satisfies Sabotages[string],
    ]),
  );
}

async function changedCancel<Reservation extends { readonly status: string }>(
  reserved: Promise<Reservation>,
  change: (call: ReservedCancel) => ReservedCancel,
): Promise<Reservation> {
  const reservation = await reserved;
  return "call" in reservation
    ? { ...reservation, call: change(reservation.call as ReservedCancel) }
    : reservation;
}
