import { randomBytes } from "node:crypto";
import {
  type IssuedAccount,
  type LinkRequest,
  type LinkStore,
  maskCardNumbers,
  type PageLink,
} from "@payapi/core";
import { viewLink } from "../domain/attempts.js";
import type { AccountFields, LinkRow } from "../domain/rows.js";
import { LedgerError } from "../errors.js";
import { changeOrder } from "./change-order.js";
import { checkApprovalRequest, checkText, checkTid, checkWon } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";

/** Links to the payment page, and the virtual accounts that the page issues. */
export function pageMethods(context: LedgerContext): LinkStore {
  return {
    openLink: async (request) => openLink(context, request),
    async settleLink(token, url) {
      if (url !== undefined) checkText("url", url, 2_000);
      const { orderId } = await linkOf(context, token);
      await changeOrder(context, orderId, (at) => ({ kind: "settle-link", token, url, at }));
    },
    async closeLink(token) {
      const { orderId } = await linkOf(context, token);
      await changeOrder(context, orderId, (at) => ({ kind: "close-link", token, at }));
    },
    async findLink(token): Promise<PageLink | undefined> {
      const link = isToken(token) ? await context.store.link(context.mid, token) : undefined;
      return link && viewLink(link);
    },
    async awaitDeposit(issued) {
      checkIssued(issued);
      const id = newId();
      const account = fieldsOf(issued);
      return changeOrder(
        context,
        issued.orderId,
        (at) => ({ kind: "account-issued", issued, account, newId: id, at }),
        { ask: { tids: [issued.tid] } },
      );
    },
  };
}

/** Needs the accepted database: the buyer can pay with the link at once, and the lost rows may say that the order is already paid. */
function openLink(context: LedgerContext, request: LinkRequest) {
  checkApprovalRequest(request);
  // A link that has no URL by then is abandoned: its process has ended.
  const makingMs = context.times.callTimeoutMs + context.times.sendingGraceMs;
  const token = randomBytes(16).toString("base64url");
  return changeOrder(
    context,
    request.orderId,
    (at) => ({ kind: "open-link", request, token, at, makingMs }),
    { onlyIfAccepted: true },
  );
}

async function linkOf({ store, mid }: LedgerContext, token: string): Promise<LinkRow> {
  const link = isToken(token) ? await store.link(mid, token) : undefined;
  if (link === undefined) {
    throw new LedgerError("no-such-call", "No link has this token: use the token that openLink returned");
  }
  return link;
}

/** Tokens come from the browser. Checked here, since PostgreSQL would fail on a NUL character. */
function isToken(token: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(token);
}

function fieldsOf({ account, bankCode, accountHolder, dueAt }: IssuedAccount): AccountFields {
  return {
    accountNumber: account,
    accountBank: bankCode ?? null,
    accountHolder: accountHolder === undefined ? null : maskCardNumbers(accountHolder),
    accountDueAt: dueAt ?? null,
  };
}

function checkIssued({ orderId, oid, price, tid, account, bankCode, accountHolder, dueAt }: IssuedAccount) {
  checkText("orderId", orderId, 200);
  checkText("oid", oid, 40);
  checkWon("price", price, 1);
  checkTid("tid", tid);
  if (typeof account !== "string" || !/^[0-9-]{1,30}$/.test(account)) {
    throw new LedgerError(
      "invalid-argument",
      "account must be an account number: 1 to 30 digits and hyphens",
    );
  }
  if (bankCode !== undefined) checkText("bankCode", bankCode, 20);
  if (accountHolder !== undefined) checkText("accountHolder", accountHolder, 100);
  if (dueAt !== undefined && !Number.isFinite(dueAt.getTime())) {
    throw new LedgerError("invalid-argument", "dueAt must be a valid Date");
  }
}
