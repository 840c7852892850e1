import type { CounterWindow, RequestBeginning, StoredAnswer } from "@payapi/core";
import { othersToo, reservesWithoutLock, type Sabotages } from "./sabotage.js";

export const paymentSabotages: Sabotages = {
  "two concurrent reservations both succeed": {
    caughtBy: "approvals: are reserved for one of 32 concurrent callers in two processes",
    change: reservesWithoutLock,
  },
  "an unknown outcome frees the order": {
    caughtBy: "approvals: are refused for an order that is unknown",
    change: (good) => ({
      settle: (call, outcome) =>
        good.store.settle(
          call,
          outcome.outcome === "unknown" ? { ...outcome, outcome: "not-sent" } : outcome,
        ),
    }),
  },
  "a call can be marked as sending twice": {
    caughtBy: "marking as sending: succeeds once",
    change: (good) => ({ markSending: (call) => good.store.markSending(call).catch(() => {}) }),
  },
  "a call that recovery ended can be sent": {
    caughtBy: "marking as sending: is refused after another process ended the call",
    change: (good) => ({
      async markSending(call) {
        const order = await good.payments.find(call.orderId);
        if (order?.status !== "not-sent") await good.store.markSending(call);
      },
    }),
  },
  "a second mark as sending fails without a code": {
    caughtBy: "marking as sending: succeeds for one of 8 concurrent callers in two processes",
    change: (good) => ({
      markSending: (call) =>
        good.store.markSending(call).catch(() => {
          throw new Error("The call may not be sent");
        }),
    }),
  },
  "settling twice counts as a mismatch": {
    caughtBy: "settling: changes nothing the second time",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.payments.find(call.orderId);
        const again = order?.status === "paid" && outcome.outcome === "succeeded";
        return good.store.settle(call, again ? { ...outcome, outcome: "moved" } : outcome);
      },
    }),
  },
  "a reply's price is not compared": {
    caughtBy: "settling: marks a success with another price as a mismatch",
    change: (good) => ({
      settle: (call, { price: _, ...outcome }) => good.store.settle(call, outcome),
    }),
  },
  "a late outcome is ignored": {
    caughtBy: "settling: accepts a later outcome that ends an unknown one",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.payments.find(call.orderId);
        return order?.status === "unknown" ? order : good.store.settle(call, outcome);
      },
    }),
  },
  "a later refusal frees a paid order": {
    caughtBy: "settling: keeps a paid order paid after a later refusal",
    change: (good) => {
      const freed = new Set<string>();
      return {
        async settle(call, outcome) {
          const order = await good.payments.find(call.orderId);
          if (call.kind === "approval" && order?.status === "paid" && outcome.outcome === "refused") {
            freed.add(call.orderId);
          }
          return good.store.settle(call, outcome);
        },
        reserveApproval: (request) =>
          good.store.reserveApproval(
            freed.has(request.orderId) ? { ...request, orderId: `${request.orderId}-again` } : request,
          ),
      };
    },
  },
  "a cancel exceeds what remains": {
    caughtBy: "cancels: are refused for more than remains",
    change: (good) => ({
      async reserveCancel(request) {
        const reservation = await good.store.reserveCancel(request);
        if (reservation.status === "reserved" || request.part === undefined) return reservation;
        if (reservation.reason !== "remaining-differs") return reservation;
        return good.store.reserveCancel({ orderId: request.orderId });
      },
    }),
  },
  "a repeated request cancels twice": {
    caughtBy: "cancels: are refused when the same request is repeated",
    change: (good) => ({
      async reserveCancel(request) {
        const order = await good.payments.find(request.orderId);
        if (request.part === undefined || order?.status !== "partially-cancelled")
          return good.store.reserveCancel(request);
        const { cancelPrice } = request.part;
        const part = { cancelPrice, confirmPrice: order.remainingPrice - cancelPrice };
        return good.store.reserveCancel({ ...request, part });
      },
    }),
  },
  "an unknown cancel is freed by a refusal": {
    caughtBy: "cancels: stay unknown when a repeat is refused",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.store.settle(call, outcome);
        if (call.kind !== "cancel" || outcome.outcome !== "refused") return order;
        return { ...order, status: "paid" };
      },
    }),
  },
  "a counter is read before it is written": {
    caughtBy:
      "rate limits: allow exactly the limit of 60 concurrent attempts, whatever the order of the counters",
    change: () => {
      const counts = new Map<string, number>();
      return {
        async consumeRateLimit({ counters }) {
          const read = counters.map(({ key, limit }) => ({ key, limit, count: counts.get(key) ?? 0 }));
          await othersToo();
          if (read.some(({ count, limit }) => count >= limit))
            return { allowed: false, retryAfterMs: 3_600_000 };
          for (const { key, count } of read) counts.set(key, count + 1);
          return { allowed: true, counted: read.map(({ key }) => ({ key, window: "" })) };
        },
        async releaseRateLimit(counted) {
          for (const { key } of counted) counts.set(key, Math.max(0, (counts.get(key) ?? 0) - 1));
        },
      };
    },
  },
  "some counters are incremented though another is full": {
    caughtBy: "rate limits: increment no counter when one is full",
    change: (good) => ({
      async consumeRateLimit({ counters, windowMs }) {
        const counted: CounterWindow[] = [];
        for (const counter of counters) {
          const verdict = await good.store.consumeRateLimit({ counters: [counter], windowMs });
          if (!verdict.allowed) return verdict;
          counted.push(...verdict.counted);
        }
        return { allowed: true, counted };
      },
    }),
  },
  "counters fall below zero": {
    caughtBy: "rate limits: never count below zero",
    change: (good) => {
      const credit = new Map<string, number>();
      return {
        async consumeRateLimit(request) {
          const [first] = request.counters;
          const left = credit.get(first?.key ?? "") ?? 0;
          if (first === undefined || left < 2) return good.store.consumeRateLimit(request);
          credit.set(first.key, left - 1);
          return { allowed: true, counted: [] };
        },
        async releaseRateLimit(counted) {
          for (const { key } of counted) credit.set(key, (credit.get(key) ?? 0) + 1);
          await good.store.releaseRateLimit(counted);
        },
      };
    },
  },
  "a released attempt decrements a later window": {
    caughtBy: "rate limits: do not release an attempt in a later window",
    change: (good) => {
      const newest = new Map<string, CounterWindow>();
      return {
        async consumeRateLimit(request) {
          const verdict = await good.store.consumeRateLimit(request);
          if (verdict.allowed) for (const each of verdict.counted) newest.set(each.key, each);
          return verdict;
        },
        releaseRateLimit: (counted) =>
          good.store.releaseRateLimit(counted.map((each) => newest.get(each.key) ?? each)),
      };
    },
  },
  "two requests with one key both begin": {
    caughtBy: "idempotency keys: are new for one of 32 concurrent callers in two processes",
    change: () => {
      const begun = new Map<string, { fingerprint: string; answer: StoredAnswer | undefined }>();
      return {
        async beginRequest({ scope, key, fingerprint }): Promise<RequestBeginning> {
          const earlier = begun.get(scope + key);
          await othersToo();
          if (earlier === undefined) {
            begun.set(scope + key, { fingerprint, answer: undefined });
            return { status: "new" };
          }
          if (earlier.fingerprint !== fingerprint) return { status: "different" };
          const { answer } = begun.get(scope + key) ?? earlier;
          return answer === undefined ? { status: "in-progress" } : { status: "done", answer };
        },
        async endRequest({ scope, key }, answer) {
          const earlier = begun.get(scope + key);
          if (answer === undefined) begun.delete(scope + key);
          else if (earlier !== undefined) begun.set(scope + key, { ...earlier, answer });
        },
      };
    },
  },
  "a stored answer is overwritten": {
    caughtBy: "idempotency keys: keep their first answer",
    change: (good) => {
      const latest = new Map<string, StoredAnswer>();
      return {
        async endRequest(name, answer) {
          if (answer !== undefined) latest.set(name.scope + name.key, answer);
          await good.store.endRequest(name, answer);
        },
        async beginRequest(request) {
          const begun = await good.store.beginRequest(request);
          if (begun.status !== "done") return begun;
          return { status: "done", answer: latest.get(request.scope + request.key) ?? begun.answer };
        },
      };
    },
  },
  "an idempotency key is valid in every scope": {
    caughtBy: "idempotency keys: are separate in each scope",
    change: (good) => ({
      beginRequest: (request) => good.store.beginRequest({ ...request, scope: "" }),
      endRequest: (name, answer) => good.store.endRequest({ ...name, scope: "" }, answer),
    }),
  },
};
