import { createHash } from "node:crypto";
import type { IssuedAccount, LinkRequest, LinkReservation, OrderPayment, PageLink } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { type Draft, transitionOf } from "./order.js";
import { given, refused, viewOrder, whyNotApproved } from "./order-status.js";
import type { AccountFields, ApprovalRow, ApprovalState, LinkRow } from "./rows.js";
import { isAnothers } from "./settle-approval.js";

const nothingYet = {
  resultCode: null,
  resultMessage: null,
  failureCode: null,
  reportedPrice: null,
  tid: null,
  authTid: null,
  accountNumber: null,
  accountBank: null,
  accountHolder: null,
  accountDueAt: null,
  applNum: null,
  approvedAt: null,
  remaining: 0,
  held: 0,
  openCancel: null,
  settledBy: null,
  mismatchAt: null,
  mismatches: [],
  deposits: [],
  netCancelAt: null,
  sendingAt: null,
  deadlineAt: null,
  settledAt: null,
} as const;

/** The number of the order's next attempt. */
export function nextAttemptNo({ order: { approvals } }: Draft): number {
  return (approvals.at(-1)?.attemptNo ?? 0) + 1;
}

/** Adds an attempt in its first state. */
export function addAttempt(
  draft: Draft,
  row: Pick<ApprovalRow, "id" | "attemptNo" | "oid" | "payType" | "price" | "state" | "createdAt"> &
    Partial<Pick<ApprovalRow, "authTid" | keyof AccountFields>>,
  { actor = null, tid = null }: { readonly actor?: string | null; readonly tid?: string | null } = {},
): ApprovalRow {
  const { mid, orderId } = draft;
  const approval = draft.putApproval({ ...nothingYet, mid, orderId, ...row });
  const entry = { at: row.createdAt, from: null, to: row.state, actor };
  draft.audit({ ...transitionOf({ kind: "approval", approval }, entry), tid });
  return approval;
}

/** Adds an attempt that no call of ours made: the payment page did. */
export function addAttemptOfPage(
  draft: Draft,
  { oid, payType, price }: LinkRow,
  made: {
    readonly id: string;
    readonly tid: string;
    readonly state: ApprovalState;
    readonly at: Date;
    readonly account: AccountFields;
    readonly actor?: string;
  },
): ApprovalRow {
  const { id, tid, state, at, account, actor = null } = made;
  const attemptNo = nextAttemptNo(draft);
  const row = { id, attemptNo, oid, payType, price, state, authTid: tid, createdAt: at, ...account };
  return addAttempt(draft, row, { actor, tid });
}

/** Keeps what was not known of an attempt's account. Another number under the same transaction is not taken. */
export function completeAccount(draft: Draft, row: ApprovalRow, account: AccountFields): ApprovalRow {
  if (row.payType !== "vbank" || !isSameAccount(row.accountNumber, account.accountNumber)) return row;
  const complete = {
    accountNumber: row.accountNumber ?? account.accountNumber,
    accountBank: row.accountBank ?? account.accountBank,
    accountHolder: row.accountHolder ?? account.accountHolder,
    accountDueAt: row.accountDueAt ?? account.accountDueAt,
  };
  const isNews = (Object.keys(complete) as (keyof AccountFields)[]).some(
    (field) => row[field] === null && complete[field] !== null,
  );
  return isNews ? draft.changeApproval(row.id, complete) : row;
}

/** Hyphens are ignored, and an unknown account matches any. */
export function isSameAccount(one: string | null, other: string | null): boolean {
  return one === null || other === null || one.replaceAll("-", "") === other.replaceAll("-", "");
}

/**
 * The attempt that a transaction of the payment page belongs to. A buyer may have brought it back to another link of the order than
 * the one it was made by: it is the order's all the same.
 */
export function attemptWithTid(
  approvals: readonly ApprovalRow[],
  oid: string,
  tid: string,
): ApprovalRow | undefined {
  const withTid = approvals.filter((row) => row.tid === tid || row.authTid === tid);
  return withTid.find((row) => row.oid === oid) ?? withTid[0];
}

const maxLength = 30;

/**
 * The order number for the gateway: the order id and the number of the attempt, so that the gateway's console can be
 * searched by order, and no two attempts ever share one.
 *
 * Thirty characters of `[A-Za-z0-9_-]`, the least any of the gateway's services takes. An order id that does not fit
 * is replaced by a hash. A plain one always ends in `-<attempt>` and a hashed one in `_<attempt>`, so that no order id
 * can imitate the hash of another.
 */
export function oidFor(orderId: string, attemptNo: number): string {
  return join(orderId, String(attemptNo));
}

/**
 * The order number of a link to the payment page, as {@link oidFor}, ending in `L<link>`: no attempt's ends so, since the
 * number of an attempt has no letter.
 */
export function linkOidFor(orderId: string, linkNo: number): string {
  return join(orderId, `L${linkNo}`);
}

function join(orderId: string, number: string): string {
  const plain = `${orderId}-${number}`;
  if (plain.length <= maxLength && /^[A-Za-z0-9_-]+$/.test(orderId)) return plain;
  const hash = createHash("sha256").update(orderId, "utf8").digest("hex").slice(0, 20);
  return `${hash}_${number}`;
}

/** Whether an order number is one of this order's attempts or links. */
export function isOidOf(orderId: string, oid: string): boolean {
  const number = /[-_](L?[1-9]\d{0,8})$/.exec(oid)?.[1];
  return number !== undefined && join(orderId, number) === oid;
}

/** The order that an order number names: `hashed` if it holds a hash of the order id, `foreign` if it is not one of ours. */
export function orderOfOid(oid: string): { readonly orderId: string } | "hashed" | "foreign" {
  if (/^[0-9a-f]{20}_L?[1-9]\d{0,8}$/.test(oid)) return "hashed";
  const orderId = /^(.+)-L?[1-9]\d{0,8}$/.exec(oid)?.[1];
  return orderId !== undefined && isOidOf(orderId, oid) ? { orderId } : "foreign";
}

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
