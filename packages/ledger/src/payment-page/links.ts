import { randomBytes } from "node:crypto";
import type { LinkRequest, LinkReservation, PageLink } from "@payapi/core";
import { checkApprovalRequest, checkText } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { inAcceptedDatabase } from "../database-identity/accepted-database.js";
import { LedgerError } from "../errors.js";
import { linkOidFor } from "../oid.js";
import { given } from "../order-view.js";
import { refused, whyNotApproved } from "../why-not.js";
import type { LinkChange, LinkRow } from "./link-rows.js";

const openMs = 72 * 60 * 60_000;

/**
 * Reserves the order's only link, or returns why it can't be reserved.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function openLink(context: LedgerContext, request: LinkRequest): Promise<LinkReservation> {
  checkApprovalRequest(request);
  const { mid } = context;
  const { orderId, price, payType } = request;
  // A buyer pays by a link without another call of ours, and the payment of this very order may be what was lost.
  return inAcceptedDatabase(context, async (tx): Promise<LinkReservation> => {
    const links = await tx.links.lock(mid, orderId);
    const seen = await tx.ordersRows(mid, [orderId]);
    const reason = whyNotApproved(orderId, seen);
    if (reason !== undefined) return refused(orderId, reason, seen);

    const now = context.now(tx);
    const live = links.find(({ state }) => state !== "closed");
    const found = live && whatToDoWith(live, request, now, makingMs(context));
    if (found === "wait") return refused(orderId, "in-progress", seen);
    if (live !== undefined && found === "give") return { status: "existing", link: viewLink(live) };
    if (live !== undefined) await tx.links.move(live.token, [live.state], { state: "closed", closedAt: now });

    const linkNo = (links.at(-1)?.linkNo ?? 0) + 1;
    const link = await tx.links.insert({
      token: randomBytes(16).toString("base64url"),
      mid,
      orderId,
      linkNo,
      oid: linkOidFor(orderId, linkNo),
      payType,
      price,
      createdAt: now,
      openUntil: new Date(now.getTime() + openMs),
    });
    // Somebody else was faster, and is waiting for the gateway.
    if (link === undefined) return refused(orderId, "in-progress", seen);
    return { status: "reserved", link: viewLink(link) };
  });
}

/** Keeps the address of a link, or closes one that has none. One that was given up meanwhile stays closed. */
export function settleLink(context: LedgerContext, token: string, url: string | undefined): Promise<void> {
  if (url !== undefined) checkText("url", url, 2_000);
  return changeLink(context, token, ["making"], (now) =>
    url === undefined ? { state: "closed", closedAt: now } : { state: "open", url },
  );
}

export function closeLink(context: LedgerContext, token: string): Promise<void> {
  return changeLink(context, token, ["making", "open"], (now) => ({ state: "closed", closedAt: now }));
}

export function findLink(context: LedgerContext, token: string): Promise<PageLink | undefined> {
  return context.store.read(async (tx) => {
    const link = isToken(token) ? await tx.links.byToken(context.mid, token) : undefined;
    return link && viewLink(link);
  });
}

/** A link whose address did not arrive by then has lost its process. */
function makingMs({ times }: LedgerContext): number {
  return times.callTimeoutMs + times.sendingGraceMs;
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

async function changeLink(
  context: LedgerContext,
  token: string,
  from: readonly LinkRow["state"][],
  change: (now: Date) => LinkChange,
): Promise<void> {
  await context.store.transaction(async (tx) => {
    const link = isToken(token) ? await tx.links.byToken(context.mid, token) : undefined;
    if (link === undefined) throw new LedgerError("no-such-call", "No link has this token");
    await tx.links.move(token, from, change(context.now(tx)));
  });
}

/** A text that comes with the browser; PostgreSQL would refuse a NUL. */
function isToken(token: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(token);
}

function viewLink(row: LinkRow): PageLink {
  const { token, orderId, oid, price, payType, state, url, openUntil } = row;
  return { token, orderId, oid, price, payType, state, ...given({ url }), expiresAt: openUntil };
}
