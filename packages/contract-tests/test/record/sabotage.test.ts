import type { FullRecord, RequestBeginning, StoredAnswer } from "@payapi/core";
import { type RecordPart, recordContract } from "@payapi/core/testing";
import type { Ledger } from "@payapi/ledger";
import { createLedger, createMemoryStore } from "@payapi/ledger/store";
import { expect, it } from "vitest";

/** What a record does differently from a correct one, and the case that must say so. */
interface Sabotage {
  readonly part: RecordPart;
  readonly caughtBy: string;
  /** What stands in the way of the correct record's methods; `another` is a correct record over the same data. */
  readonly change: (good: Ledger) => Partial<FullRecord>;
}

const payapi = { mid: "sabotaged", environment: "sandbox" } as const;
const patient = { maxPauseMs: 60_000 };

/** Lets every other caller that is under way come to the same point: what races over a database. */
const othersToo = () => new Promise((resolve) => setImmediate(resolve));

const sabotages: Record<string, Sabotage> = {
  "two concurrent reservations both succeed": {
    part: "payments",
    caughtBy: "approvals: are reserved for one of 32 concurrent callers in two processes",
    change: (good) => ({
      async reserveApproval(request) {
        const order = await good.findOrder(request.orderId);
        await othersToo();
        const reservation = await good.reserveApproval(request);
        if (reservation.status === "reserved" || order !== undefined) return reservation;
        // Looked first and wrote later: the order was free a moment ago.
        const { orderId, price } = request;
        return {
          status: "reserved",
          call: { kind: "approval", id: crypto.randomUUID(), orderId, oid: crypto.randomUUID(), price },
        };
      },
    }),
  },
  "an unknown frees the order": {
    part: "payments",
    caughtBy: "approvals: are refused for an order that is unknown",
    change: (good) => ({
      settle: (call, outcome) =>
        good.settle(call, outcome.outcome === "unknown" ? { ...outcome, outcome: "not-sent" } : outcome),
    }),
  },
  "a call is sent by whoever wants to": {
    part: "payments",
    caughtBy: "marking as sending: is possible once",
    change: (good) => ({ markSending: (call) => good.markSending(call).catch(() => {}) }),
  },
  "a call that was given up is sent": {
    part: "payments",
    caughtBy: "marking as sending: is refused after another process gave the call up",
    change: (good) => ({
      async markSending(call) {
        const order = await good.findOrder(call.orderId);
        if (order?.status !== "not-sent") await good.markSending(call);
      },
    }),
  },
  "a second holder is told that it may settle": {
    part: "payments",
    caughtBy: "marking as sending: succeeds for one of 8 at once in two processes",
    change: (good) => ({
      markSending: (call) =>
        good.markSending(call).catch(() => {
          throw new Error("The call may not be sent");
        }),
    }),
  },
  "settling twice makes a contradiction of it": {
    part: "payments",
    caughtBy: "settling: changes nothing the second time",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.findOrder(call.orderId);
        const again = order?.status === "paid" && outcome.outcome === "succeeded";
        return good.settle(call, again ? { ...outcome, outcome: "moved" } : outcome);
      },
    }),
  },
  "a reply's price is not compared": {
    part: "payments",
    caughtBy: "settling: does not take a success with another price for a payment",
    change: (good) => ({
      settle: (call, { price: _, ...outcome }) => good.settle(call, outcome),
    }),
  },
  "a late fact is not taken": {
    part: "payments",
    caughtBy: "settling: takes the fact that ends an unknown",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.findOrder(call.orderId);
        return order?.status === "unknown" ? order : good.settle(call, outcome);
      },
    }),
  },
  "a later refusal frees a paid order": {
    part: "payments",
    caughtBy: "settling: never frees a paid order because of a later refused one",
    change: (good) => {
      const freed = new Set<string>();
      return {
        async settle(call, outcome) {
          const order = await good.findOrder(call.orderId);
          if (call.kind === "approval" && order?.status === "paid" && outcome.outcome === "refused") {
            freed.add(call.orderId);
          }
          return good.settle(call, outcome);
        },
        reserveApproval: (request) =>
          good.reserveApproval(
            freed.has(request.orderId) ? { ...request, orderId: `${request.orderId}-again` } : request,
          ),
      };
    },
  },
  "a cancel exceeds what remains": {
    part: "payments",
    caughtBy: "cancels: are refused for more than remains",
    change: (good) => ({
      async reserveCancel(request) {
        const reservation = await good.reserveCancel(request);
        if (reservation.status === "reserved" || request.part === undefined) return reservation;
        if (reservation.reason !== "remaining-differs") return reservation;
        return good.reserveCancel({ orderId: request.orderId });
      },
    }),
  },
  "a repeated click cancels twice": {
    part: "payments",
    caughtBy: "cancels: are refused when a click is repeated",
    change: (good) => ({
      async reserveCancel(request) {
        const order = await good.findOrder(request.orderId);
        if (request.part === undefined || order?.status !== "partially-cancelled")
          return good.reserveCancel(request);
        const { cancelPrice } = request.part;
        const part = { cancelPrice, confirmPrice: order.remainingPrice - cancelPrice };
        return good.reserveCancel({ ...request, part });
      },
    }),
  },
  "an unknown cancel is freed by a refusal": {
    part: "payments",
    caughtBy: "cancels: stay unknown when a repetition is refused",
    change: (good) => ({
      async settle(call, outcome) {
        const order = await good.settle(call, outcome);
        if (call.kind !== "cancel" || outcome.outcome !== "refused") return order;
        return { ...order, status: "paid" };
      },
    }),
  },
  "a counter is read before it is written": {
    part: "payments",
    caughtBy:
      "attempts: are allowed to no more than the limit of 60 at once, whatever the order of the counters",
    change: () => {
      const counts = new Map<string, number>();
      return {
        async countAttempt({ counters }) {
          const read = counters.map(({ key, limit }) => ({ key, limit, count: counts.get(key) ?? 0 }));
          await othersToo();
          if (read.some(({ count, limit }) => count >= limit))
            return { allowed: false, retryAfterMs: 3_600_000 };
          for (const { key, count } of read) counts.set(key, count + 1);
          return { allowed: true };
        },
        async forgiveAttempt(keys) {
          for (const key of keys) counts.set(key, Math.max(0, (counts.get(key) ?? 0) - 1));
        },
      };
    },
  },
  "the first counters count though the last one is full": {
    part: "payments",
    caughtBy: "attempts: count nowhere when one counter is full",
    change: (good) => ({
      async countAttempt({ counters, windowMs }) {
        for (const counter of counters) {
          const verdict = await good.countAttempt({ counters: [counter], windowMs });
          if (!verdict.allowed) return verdict;
        }
        return { allowed: true };
      },
    }),
  },
  "counters go below zero": {
    part: "payments",
    caughtBy: "attempts: never count below zero",
    change: (good) => {
      const credit = new Map<string, number>();
      return {
        async countAttempt(request) {
          const [first] = request.counters;
          const left = credit.get(first?.key ?? "") ?? 0;
          if (first === undefined || left < 2) return good.countAttempt(request);
          credit.set(first.key, left - 1);
          return { allowed: true };
        },
        async forgiveAttempt(keys) {
          for (const key of keys) credit.set(key, (credit.get(key) ?? 0) + 1);
          await good.forgiveAttempt(keys);
        },
      };
    },
  },
  "two requests with one key both begin": {
    part: "payments",
    caughtBy: "requests: are new for one of 32 at once in two processes",
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
  "a done answer is overwritten": {
    part: "payments",
    caughtBy: "requests: keep their first answer",
    change: (good) => {
      const latest = new Map<string, StoredAnswer>();
      return {
        async endRequest(name, answer) {
          if (answer !== undefined) latest.set(name.scope + name.key, answer);
          await good.endRequest(name, answer);
        },
        async beginRequest(request) {
          const begun = await good.beginRequest(request);
          if (begun.status !== "done") return begun;
          return { status: "done", answer: latest.get(request.scope + request.key) ?? begun.answer };
        },
      };
    },
  },
  "a key is not scoped": {
    part: "payments",
    caughtBy: "requests: have keys that mean nothing outside their scope",
    change: (good) => ({
      beginRequest: (request) => good.beginRequest({ ...request, scope: "" }),
      endRequest: (name, answer) => good.endRequest({ ...name, scope: "" }, answer),
    }),
  },
  "a replaced key stays active": {
    part: "billing-keys",
    caughtBy:
      "replacing a billing key: keeps the id, stops the old key at once and gives it back to be deleted",
    change: (good) => ({
      async settleKey(call, outcome) {
        const old = await good.revealKey(call.id);
        const settled = await good.settleKey(call, outcome);
        if (old === undefined || settled.retired === undefined) return settled;
        return { key: settled.key };
      },
    }),
  },
  "a replacement stops the old key before it is known to succeed": {
    part: "billing-keys",
    caughtBy: "replacing a billing key: leaves the old key in use until then",
    change: (good) => ({
      async revealKey(id) {
        const stillRuns = await good.reserveKeyDeletion(id).catch(() => undefined);
        return stillRuns?.status === "refused" && stillRuns.reason === "in-progress"
          ? undefined
          : good.revealKey(id);
      },
    }),
  },
  "an unknown issue is given out as a key": {
    part: "billing-keys",
    caughtBy: "billing keys: are not there when the issue is unknown",
    change: (good) => ({
      settleKey: async (call, outcome) => {
        const settled = await good.settleKey(call, outcome);
        return outcome.outcome === "unknown" ? { key: { ...settled.key, state: "active" } } : settled;
      },
    }),
  },
  "another owner's key may be replaced": {
    part: "billing-keys",
    caughtBy:
      "replacing a billing key: is refused for a key that is not there, not active or not the owner's",
    change: (good) => ({
      async reserveKey(request) {
        const key = request.replaces === undefined ? undefined : await good.findKey(request.replaces);
        return good.reserveKey({ ...request, owner: key?.owner ?? request.owner });
      },
    }),
  },
  "a refused deletion brings the key back": {
    part: "billing-keys",
    caughtBy: "deleting a billing key: leaves it stopped when it is refused, and may be repeated",
    change: (good) => ({
      async settleKeyDeletion(call, outcome) {
        const key = await good.settleKeyDeletion(call, outcome);
        return outcome.outcome === "succeeded" ? key : { ...key, state: "active" };
      },
    }),
  },
  "an issue is sent twice": {
    part: "billing-keys",
    caughtBy: "billing keys: are sent by one of 8 at once in two processes",
    change: (good) => ({ markKeySending: (call) => good.markKeySending(call).catch(() => {}) }),
  },
};

/** The contract over a record that was changed so. */
function contractOf(part: RecordPart, change: Sabotage["change"]) {
  const good = createLedger(payapi, createMemoryStore(), patient);
  const record: FullRecord = { ...good, ...change(good) };
  const open = async () => ({ record, another: record, mid: payapi.mid, close: async () => {} });
  return recordContract({ open, parts: [part] });
}

it.each(Object.entries(sabotages))("catches a record in which %s", async (_, { part, caughtBy, change }) => {
  const caught = contractOf(part, change).cases.find(({ name }) => name === caughtBy);
  if (caught === undefined) throw new Error(`The contract has no case ${caughtBy}`);
  await expect(caught.run()).rejects.toThrow();
  const same = contractOf(part, () => ({})).cases.find(({ name }) => name === caughtBy);
  await expect(same?.run()).resolves.toBeUndefined();
});

it("gives no two cases the same name", () => {
  const { cases } = recordContract({
    parts: ["payments", "billing-keys", "page", "notifications"],
    open: async () => {
      throw new Error("Not to be opened for their names");
    },
  });
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});
