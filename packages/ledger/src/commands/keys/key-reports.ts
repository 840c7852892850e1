import type { BillingKey, Secret } from "@payapi/core";
import { LedgerError } from "../../errors.js";
import { type KeyRow, orphanStates } from "../../store/key-rows.js";
import { checkLimit } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import type { KeySecret, KeyTimelineLine, OrphanKey, OrphanListOptions } from "./key-types.js";
import { vaultOf, viewKey } from "./key-view.js";

export function findKey(context: LedgerContext, id: string): Promise<BillingKey | undefined> {
  vaultOf(context);
  return context.store.read(async (tx) => viewKey(await tx.keys.rowsOfKey(context.mid, id)));
}

export async function revealKey(context: LedgerContext, id: string): Promise<Secret | undefined> {
  const vault = vaultOf(context);
  const rows = await context.store.read((tx) => tx.keys.rowsOfKey(context.mid, id));
  const active = rows.find(({ state }) => state === "active");
  if (active?.sealed == null) return undefined;
  return vault.open(active.sealed, { mid: active.mid, rowId: active.id });
}

export async function billingKeys(context: LedgerContext, owner: string): Promise<readonly BillingKey[]> {
  vaultOf(context);
  const rows = await context.store.read((tx) => tx.keys.rowsOfOwner(context.mid, owner));
  const ids = [...new Set(rows.map(({ keyId }) => keyId))];
  return ids
    .map((id) => viewKey(rows.filter(({ keyId }) => keyId === id)))
    .filter((key) => key !== undefined);
}

export async function orphanKeys(
  context: LedgerContext,
  options: OrphanListOptions = {},
): Promise<readonly OrphanKey[]> {
  const { limit, state } = options;
  if (limit !== undefined) checkLimit(limit);
  if (state !== undefined && !orphanStates.includes(state)) {
    throw new LedgerError("invalid-argument", `state must be one of ${orphanStates.join(", ")}`);
  }
  const rows = await context.store.read((tx) =>
    tx.keys.orphans(context.mid, { ...options, now: context.now(tx) }),
  );
  return rows.map(orphanOf);
}

function orphanOf(row: KeyRow): OrphanKey {
  const { keyId, id, position, owner, kind, createdAt, deleteAt, resultCode, resultMessage } = row;
  return {
    id: keyId,
    callId: id,
    position,
    owner,
    kind,
    state: row.state === "deleting" ? "deleting" : "unknown",
    createdAt,
    retrying: row.state === "deleting" && deleteAt !== null,
    ...(resultCode === null ? {} : { resultCode }),
    ...(resultMessage === null ? {} : { resultMessage }),
  };
}

export async function keyTimeline(context: LedgerContext, id: string): Promise<readonly KeyTimelineLine[]> {
  const lines = await context.store.read((tx) => tx.keys.keyTransitions(context.mid, id));
  return lines.map(({ rowId, mid: _, keyId: __, ...line }) => {
    const present = Object.entries(line).filter(([, value]) => value !== null);
    return { callId: rowId, ...Object.fromEntries(present) } as KeyTimelineLine;
  });
}

export async function keySecrets({ store, mid, vault }: LedgerContext): Promise<readonly KeySecret[]> {
  const counts = await store.read((tx) => tx.keys.countSealed(mid));
  return counts.map(({ fingerprint, keys }) => ({
    fingerprint,
    role: vault?.roleOf(fingerprint) ?? "missing",
    keys,
  }));
}
