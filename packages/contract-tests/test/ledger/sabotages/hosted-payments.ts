import { randomUUID } from "node:crypto";
import type { ReservedCancel } from "@payapi/core";
import { linkSabotages } from "./links.js";
import { alike, othersToo, type Sabotages } from "./sabotage.js";

export const hostedPaymentSabotages: Sabotages = {
  ...linkSabotages,

  "an approval of the page gets a number of its own": {
    caughtBy: "approvals by the page: have the link's order number",
    change: (good) => ({
      reserveApproval: ({ page: _, ...request }) => good.reserveApproval(request),
    }),
  },
  "the transaction of the authentication is taken for the payment's": {
    caughtBy: "approvals by the page: take a transaction that differs from that of the authentication",
    change: (good) => {
      const tids = new Map<string, string>();
      return {
        async reserveApproval(request) {
          const reservation = await good.reserveApproval(request);
          if (reservation.status === "reserved" && request.page !== undefined)
            tids.set(reservation.call.id, request.page.tid);
          return reservation;
        },
        settle(call, outcome) {
          const tid = tids.get(call.id);
          return good.settle(
            call,
            tid === undefined || outcome.tid === undefined ? outcome : { ...outcome, tid },
          );
        },
      };
    },
  },
  "a transaction that came back twice is approved twice": {
    caughtBy: "approvals by the page: are reserved once for a transaction that came back 16 times at once",
    change: (good) => ({
      async reserveApproval(request) {
        const order = await good.findOrder(request.orderId);
        await othersToo();
        const reservation = await good.reserveApproval(request);
        if (reservation.status === "reserved" || order !== undefined) return reservation;
        const { orderId, price } = request;
        const call = {
          kind: "approval",
          id: randomUUID(),
          orderId,
          oid: request.page?.oid ?? "",
          price,
        } as const;
        return { status: "reserved", call };
      },
    }),
  },
  ...reusedTransactions({
    "a declined transaction is approved again":
      "approvals by the page: are refused for a transaction that was declined before",
    "a transaction pays two orders": "approvals by the page: are refused for a transaction of another order",
    "the transaction of an account pays another order":
      "issued accounts: never have the transaction of another payment",
  }),
  "a paid order is said to have a used transaction": {
    caughtBy: "approvals by the page: are refused for the order first, for the transaction then",
    change: (good) => {
      const used = new Set<string>();
      return {
        async reserveApproval(request) {
          const tid = request.page?.tid ?? "";
          if (used.has(tid)) return { status: "refused", reason: "tid-used", order: undefined };
          used.add(tid);
          return good.reserveApproval(request);
        },
      };
    },
  },
  "a link is used up by its first approval": {
    caughtBy: "approvals by the page: may follow a declined one by the same link, in another transaction",
    change: (good) => {
      const used = new Set<string>();
      return {
        async reserveApproval(request) {
          const oid = request.page?.oid ?? randomUUID();
          if (used.has(oid)) return { status: "refused", reason: "tid-used", order: undefined };
          used.add(oid);
          return good.reserveApproval(request);
        },
      };
    },
  },
  "what was paid by a closed link is refused": {
    caughtBy: "approvals by the page: may come by a link that was closed",
    change: (good) => {
      const closed = new Set<string>();
      return {
        async closeLink(token) {
          closed.add((await good.findLink(token))?.oid ?? "");
          await good.closeLink(token);
        },
        async reserveApproval(request) {
          if (!closed.has(request.page?.oid ?? "")) return good.reserveApproval(request);
          return { status: "refused", reason: "in-progress", order: undefined };
        },
      };
    },
  },
  "an approval is reserved for a link that is not the order's": {
    caughtBy: "approvals by the page: must be for a link of this order with this price",
    change: (good) => ({
      reserveApproval: (request) =>
        good.reserveApproval(request).catch(() => {
          const { page: _, ...plain } = request;
          return good.reserveApproval(plain);
        }),
    }),
  },

  "a network cancel goes the way of other cancels": {
    caughtBy: "network cancels: carry the transaction of the authentication, and all of the price",
    change: (good) => ({
      reserveCancel: (request) =>
        changedCancel(good.reserveCancel(request), ({ network: _, ...call }) => call),
    }),
  },
  "two network cancels are sent at once": {
    caughtBy: "network cancels: are reserved for one of 16 at once",
    change: (good) => {
      let first: ReservedCancel | undefined;
      return {
        async reserveCancel(request) {
          const before = first;
          await othersToo();
          const reservation = await good.reserveCancel(request);
          if (reservation.status === "reserved") first = reservation.call;
          if (reservation.status === "reserved" || before !== undefined || first === undefined)
            return reservation;
          return { status: "reserved", call: { ...first, id: randomUUID() } };
        },
      };
    },
  },
  ...endingNetworkCancels({
    "a network cancel that succeeded leaves the order locked": {
      caughtBy: "network cancels: that succeed free the order",
      instead: { succeeded: "unknown" },
    },
    "a refused network cancel frees the order": {
      caughtBy: "network cancels: that were refused or not sent may be repeated",
      instead: { refused: "succeeded" },
    },
    "an unknown network cancel may be made again": {
      caughtBy: "network cancels: of unknown outcome lock the order",
      instead: { unknown: "refused" },
    },
  }),
  "a payment that nobody doubts is network-cancelled": {
    caughtBy: "network cancels: are refused where no approval of the page is unknown",
    change: (good) => ({
      async reserveCancel(request) {
        const reservation = await good.reserveCancel(request);
        if (reservation.status === "reserved" || reservation.reason !== "not-paid") return reservation;
        const { network: _, ...plain } = request;
        return good.reserveCancel(plain);
      },
    }),
  },
  "an approval that comes after its network cancel is hushed up": {
    caughtBy: "network cancels: do not hide that the approval is said to have succeeded afterwards",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.findOrder(call.orderId);
        return order?.status === "network-cancelled" ? order : good.settle(call, outcome);
      },
    }),
  },
  ...deafWhileCancelling({
    "an approval is not heard of while its network cancel runs":
      "network cancels: cancel the payment that turned out to be one while they ran",
    "a payment is lost with its network cancel":
      "network cancels: leave the payment that turned out to be one when they fail",
  }),

  "an order that waits for a deposit is locked": {
    caughtBy: "issued accounts: are shown, and lock nothing",
    change: (good) => ({
      async reserveApproval(request) {
        const order = await good.findOrder(request.orderId);
        if (order?.status !== "awaiting-deposit") return good.reserveApproval(request);
        return { status: "refused", reason: "in-progress", order };
      },
    }),
  },
  ...accountsOnce({
    "an account that is told again is an error": "issued accounts: are kept once",
    "an account that two tell of at once is an error": "issued accounts: are kept once by many at once",
  }),
  "a declined card hides the account": {
    caughtBy: "issued accounts: still wait after another payment was declined",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.settle(call, outcome);
        return outcome.outcome === "refused" ? { ...order, status: "declined" } : order;
      },
    }),
  },
  "an account speaks for an order that is paid": {
    caughtBy: "issued accounts: do not speak for an order that is paid",
    change: (good) => ({
      awaitDeposit: async (issued) => ({ ...(await good.awaitDeposit(issued)), status: "awaiting-deposit" }),
    }),
  },
  "a buyer makes up an account for a link by card": {
    caughtBy: "issued accounts: belong to a link for accounts",
    change: (good) => ({
      awaitDeposit: (issued) =>
        good.awaitDeposit(issued).catch(() => ({
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
      const reservation = await good.reserveApproval(request);
      if (reservation.status === "reserved" || reservation.reason !== "tid-used") return reservation;
      const { page: _, ...plain } = request;
      return good.reserveApproval(plain);
    },
  }));
}

function deafWhileCancelling(caughtBy: Readonly<Record<string, string>>): Sabotages {
  return alike(caughtBy, (good) => ({
    async settle(call, outcome) {
      const order = await good.findOrder(call.orderId);
      const isCancelling = call.kind === "approval" && order?.cancel?.status === "in-progress";
      return isCancelling ? order : good.settle(call, outcome);
    },
  }));
}

function accountsOnce(caughtBy: Readonly<Record<string, string>>): Sabotages {
  return alike(caughtBy, (good) => {
    const told = new Set<string>();
    return {
      async awaitDeposit(issued) {
        if (told.has(issued.tid)) throw new Error("duplicate key value");
        told.add(issued.tid);
        return good.awaitDeposit(issued);
      },
    };
  });
}

type Outcome = "succeeded" | "refused" | "not-sent" | "unknown";
interface Ending {
  readonly caughtBy: string;
  readonly instead: Readonly<Partial<Record<Outcome, Outcome>>>;
}

/** Records that take one end of a network cancel for another. */
function endingNetworkCancels(endings: Readonly<Record<string, Ending>>): Sabotages {
  return Object.fromEntries(
    Object.entries(endings).map(([name, { caughtBy, instead }]) => [
      name,
      {
        caughtBy,
        change: (good) => ({
          settle(call, reply) {
            if (call.kind !== "cancel" || !call.network || reply.outcome === "moved")
              return good.settle(call, reply);
            return good.settle(call, { ...reply, outcome: instead[reply.outcome] ?? reply.outcome });
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
