import type { Sabotages } from "./sabotage.js";

export const keySabotages: Sabotages = {
  "nothing is there to encrypt keys under": {
    caughtBy: "billing keys: can be kept, as far as the store says",
    change: () => ({ whyNoKeys: () => "No secret was given" }),
  },
  "a replaced key stays active": {
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
    caughtBy: "billing keys: are not there when the issue is unknown",
    change: (good) => ({
      settleKey: async (call, outcome) => {
        const settled = await good.settleKey(call, outcome);
        return outcome.outcome === "unknown" ? { key: { ...settled.key, state: "active" } } : settled;
      },
    }),
  },
  "another owner's key may be replaced": {
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
    caughtBy: "deleting a billing key: leaves it stopped when it is refused, and may be repeated",
    change: (good) => ({
      async settleKeyDeletion(call, outcome) {
        const key = await good.settleKeyDeletion(call, outcome);
        return outcome.outcome === "succeeded" ? key : { ...key, state: "active" };
      },
    }),
  },
  "the key that took a replaced one's id is deleted in its place": {
    caughtBy:
      "deleting a billing key: may be repeated by its call once another key has the id, and leaves that key in use",
    change: (good) => {
      const ids = new Map<string, string>();
      return {
        async settleKey(call, outcome) {
          const settled = await good.settleKey(call, outcome);
          if (settled.retired !== undefined) ids.set(settled.retired.callId, settled.retired.id);
          return settled;
        },
        reserveKeyDeletionRetry: (callId) => good.reserveKeyDeletion(ids.get(callId) ?? callId),
      };
    },
  },
  "an issue is sent twice": {
    caughtBy: "billing keys: are sent by one of 8 at once in two processes",
    change: (good) => ({ markKeySending: (call) => good.markKeySending(call).catch(() => {}) }),
  },
};
