import type { IssuedAccount, LinkRequest, LinkReservation, OrderPayment, PageLink } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { addAttemptOfPage, attemptWithTid, completeAccount } from "./new-attempt.js";
import { linkOidFor } from "./oid.js";
import type { Draft } from "./order.js";
import { given, viewOrder, whyNotApproved } from "./order-status.js";
import { refused } from "./reservations.js";
import type { AccountFields, LinkRow } from "./rows.js";
import { isAnothers } from "./settle-approval.js";

/** How long the gateway takes payments by a link. */
const openMs = 72 * 60 * 60_000;

/** Gives the order's open link, reserves a new one, or returns why neither can be. */
export function openLink(
  draft: Draft,
  {
    request,
    token,
    at,
    makingMs,
  }: {
    readonly request: LinkRequest;
    /** Of the new link, if it comes to one. */
    readonly token: string;
    readonly at: Date;
    /** How long after it was reserved a link may be without its address. */
    readonly makingMs: number;
  },
): LinkReservation {
  const { order, orderId, mid } = draft;
  const { payType, price } = request;
  const reason = whyNotApproved(orderId, order);
  if (reason !== undefined) return refused(order, reason);
  const live = order.links.find(({ state }) => state !== "closed");
  const found = live && whatToDoWith(live, request, at, makingMs);
  if (found === "wait") return refused(order, "in-progress");
  if (live !== undefined && found === "give") return { status: "existing", link: viewLink(live) };
  if (live !== undefined) draft.putLink({ ...live, state: "closed", closedAt: at });
  const linkNo = (order.links.at(-1)?.linkNo ?? 0) + 1;
  const link = draft.putLink({
    token,
    mid,
    orderId,
    linkNo,
    oid: linkOidFor(orderId, linkNo),
    payType,
    price,
    state: "making",
    url: null,
    createdAt: at,
    openUntil: new Date(at.getTime() + openMs),
    closedAt: null,
  });
  return { status: "reserved", link: viewLink(link) };
}

/** Keeps the address of a link, or closes one that has none. One that was given up meanwhile stays closed. */
export function settleLink(
  draft: Draft,
  { token, url, at }: { readonly token: string; readonly url: string | undefined; readonly at: Date },
): undefined {
  const link = draft.order.links.find((row) => row.token === token);
  if (link?.state !== "making") return;
  draft.putLink(
    url === undefined ? { ...link, state: "closed", closedAt: at } : { ...link, state: "open", url },
  );
}

export function closeLink(
  draft: Draft,
  { token, at }: { readonly token: string; readonly at: Date },
): undefined {
  const link = draft.order.links.find((row) => row.token === token);
  if (link === undefined || link.state === "closed") return;
  draft.putLink({ ...link, state: "closed", closedAt: at });
}

/** Keeps that the payment page issued an account, as the buyer's browser says. No money moves by it. */
export function awaitDeposit(
  draft: Draft,
  {
    issued,
    account,
    newId: id,
    at,
  }: {
    readonly issued: IssuedAccount;
    readonly account: AccountFields;
    readonly newId: string;
    readonly at: Date;
  },
): OrderPayment {
  const { order, orderId } = draft;
  const { oid, price, tid } = issued;
  const link = order.links.find((row) => row.oid === oid);
  if (link?.price !== price || link.payType !== "vbank") {
    throw new LedgerError(
      "invalid-argument",
      "oid must be of a link for a virtual account of this order with this price",
    );
  }
  const known = attemptWithTid(order.approvals, oid, tid);
  if (known !== undefined) completeAccount(draft, known, account);
  else if (isAnothers(draft, undefined, tid)) {
    throw new LedgerError("tid-used", "The transaction is another payment's");
  } else {
    addAttemptOfPage(draft, link, { id, tid, state: "awaiting_deposit", at, account });
  }
  const payment = viewOrder(orderId, draft.order);
  if (payment === undefined) throw new LedgerError("broken-rule", "An account was kept for no order");
  return payment;
}

function whatToDoWith(
  live: LinkRow,
  { price, payType }: LinkRequest,
  now: Date,
  makingMs: number,
): "give" | "wait" | "replace" {
  if (live.state === "making")
    return now.getTime() - live.createdAt.getTime() < makingMs ? "wait" : "replace";
  return live.price === price && live.payType === payType && now < live.openUntil ? "give" : "replace";
}

export function viewLink(row: LinkRow): PageLink {
  const { token, orderId, oid, price, payType, state, url, openUntil } = row;
  return { token, orderId, oid, price, payType, state, ...given({ url }), expiresAt: openUntil };
}
