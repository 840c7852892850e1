import type { Sabotages } from "./sabotage.js";

export const keySabotages: Sabotages = {
  "no encryption secret is configured": {
    caughtBy: "billing keys: are accepted by a store that declares support for them",
    change: () => ({ whyNoKeys: () => "No secret was given" }),
  },
  "a replaced key stays active": {
    caughtBy:
      "replacing a billing key: keeps the id, stops the old key immediately and returns it for deletion",
    change: (good) => ({
      async settleKey(call, outcome) {
        const old = await good.store.revealKey(call.id);
        const settled = await good.store.settleKey(call, outcome);
        if (old === undefined || settled.retired === undefined) return settled;
        return { key: settled.key };
      },
    }),
  },
  "a replacement stops the old key before its success is known": {
    caughtBy: "replacing a billing key: leaves the old key in use until the replacement succeeds",
    change: (good) => ({
      async revealKey(id) {
        const stillRuns = await good.store.reserveKeyDeletion(id).catch(() => undefined);
        return stillRuns?.status === "refused" && stillRuns.reason === "in-progress"
          ? undefined
          : good.store.revealKey(id);
      },
    }),
  },
  "an issue of unknown outcome counts as a key": {
    caughtBy: "billing keys: are undefined when the issue is unknown",
    change: (good) => ({
      settleKey: async (call, outcome) => {
        const settled = await good.store.settleKey(call, outcome);
        return outcome.outcome === "unknown" ? { key: { ...settled.key, state: "active" } } : settled;
      },
    }),
  },
  "another owner's key can be replaced": {
    caughtBy:
      "replacing a billing key: is refused for a key that does not exist, is not active or belongs to another owner",
    change: (good) => ({
      async reserveKey(request) {
        const key = request.replaces === undefined ? undefined : await good.store.findKey(request.replaces);
        return good.store.reserveKey({ ...request, customerId: key?.customerId ?? request.customerId });
      },
    }),
  },
  "a refused deletion reactivates the key": {
    caughtBy: "deleting a billing key: leaves it stopped when it is refused, and may be repeated",
    change: (good) => ({
      async settleKeyDeletion(call, outcome) {
        const key = await good.store.settleKeyDeletion(call, outcome);
        return outcome.outcome === "succeeded" ? key : { ...key, state: "active" };
      },
    }),
  },
  "a repeated deletion deletes the key that took the replaced key's id": {
    caughtBy:
      "deleting a billing key: can be repeated by its call after another key took the id, and leaves that key in use",
    change: (good) => {
      const ids = new Map<string, string>();
      return {
        async settleKey(call, outcome) {
          const settled = await good.store.settleKey(call, outcome);
          if (settled.retired !== undefined) ids.set(settled.retired.callId, settled.retired.id);
          return settled;
        },
        reserveKeyDeletionRetry: (callId) => good.store.reserveKeyDeletion(ids.get(callId) ?? callId),
      };
    },
  },
  "an issue is sent twice": {
    caughtBy: "billing keys: are marked as sending by one of 8 concurrent callers in two processes",
    change: (good) => ({ markKeySending: (call) => good.store.markKeySending(call).catch(() => {}) }),
  },
};
