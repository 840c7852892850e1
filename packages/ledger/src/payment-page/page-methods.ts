import type { PageRecord } from "@payapi/core";
import type { LedgerContext } from "../context.js";
import { awaitDeposit } from "./keep-account.js";
import { closeLink, findLink, openLink, settleLink } from "./links.js";

/** Everything about the payment page's links and accounts, over any store. */
export function pageMethods(context: LedgerContext): PageRecord {
  return {
    openLink: async (request) => openLink(context, request),
    settleLink: async (token, url) => settleLink(context, token, url),
    findLink: async (token) => findLink(context, token),
    closeLink: async (token) => closeLink(context, token),
    awaitDeposit: async (account) => awaitDeposit(context, account),
  };
}
