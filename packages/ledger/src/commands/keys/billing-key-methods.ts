import type { BillingKeyStore } from "@payapi/core";
import type { LedgerContext } from "../context.js";
import { closeOrphanKey } from "./close-orphan.js";
import { reserveKeyDeletion, reserveKeyDeletionRetry, settleKeyDeletion } from "./delete-key.js";
import { importBillingKey } from "./import-key.js";
import { billingKeys, findKey, keySecrets, keyTimeline, orphanKeys, revealKey } from "./key-reports.js";
import type { BillingKeyExtras } from "./key-types.js";
import { whyNoKeys } from "./key-view.js";
import { markKeySending, reserveKey } from "./reserve-key.js";
import { rotateSecrets } from "./rotate-secrets.js";
import { settleKey } from "./settle-key.js";

/** Everything about billing keys, over any store. */
export function billingKeyMethods(context: LedgerContext): BillingKeyStore & BillingKeyExtras {
  return {
    whyNoKeys: () => whyNoKeys(context),
    reserveKey: async (request) => reserveKey(context, request),
    markKeySending: async (call) => markKeySending(context, call),
    settleKey: async (call, outcome) => settleKey(context, call, outcome),
    findKey: async (id) => findKey(context, id),
    revealKey: async (id) => revealKey(context, id),
    reserveKeyDeletion: async (id) => reserveKeyDeletion(context, id),
    settleKeyDeletion: async (call, outcome) => settleKeyDeletion(context, call, outcome),
    billingKeys: async (owner) => billingKeys(context, owner),
    importBillingKey: async (key) => importBillingKey(context, key),
    keyTimeline: async (id) => keyTimeline(context, id),
    orphanKeys: async (list) => orphanKeys(context, list),
    reserveKeyDeletionRetry: async (callId) => reserveKeyDeletionRetry(context, callId),
    closeOrphanKey: async (callId, word) => closeOrphanKey(context, callId, word),
    rotateSecrets: async () => rotateSecrets(context),
    keySecrets: () => keySecrets(context),
  };
}
