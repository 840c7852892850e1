import { writeData } from "../../domain/events.js";
import type { KeyEventKind } from "../../outbox/event-types.js";
import type { KeyTransition } from "../../store/key-rows.js";
import type { LedgerTransaction, TransactionOptions } from "../../store/port.js";
import { type LedgerContext, newId } from "../context.js";
import { viewKey } from "./key-view.js";

/** Runs `work` as one transaction, in which an event is written for each key that was issued, changed or deleted by it. */
export function changeKeys<T>(
  { store, mid }: Pick<LedgerContext, "store" | "mid">,
  work: (tx: LedgerTransaction) => Promise<T>,
  options?: TransactionOptions,
): Promise<T> {
  return store.transaction(async (tx) => {
    const lines: KeyTransition[] = [];
    const keys = {
      ...tx.keys,
      async addKeyTransition(line: KeyTransition) {
        await tx.keys.addKeyTransition(line);
        lines.push(line);
      },
    };
    const result = await work({ ...tx, keys });
    for (const line of lines) await addEvent(mid, tx, line);
    return result;
  }, options);
}

async function addEvent(mid: string, tx: LedgerTransaction, line: KeyTransition): Promise<void> {
  const { keyId, rowId, to, at } = line;
  if (to !== "active" && to !== "deleted") return;
  const rows = await tx.keys.rowsOfKey(mid, keyId);
  const row = rows.find(({ id }) => id === rowId);
  // The gateway has deleted the key of an old card; that of the new one lives.
  if (row === undefined || (to === "deleted" && viewKey(rows)?.state !== "deleted")) return;
  const issued: KeyEventKind = row.replaces === null ? "key-issued" : "key-changed";
  await tx.events.addEvent({
    id: newId(),
    mid,
    kind: to === "active" ? issued : ("key-deleted" satisfies KeyEventKind),
    stream: `key:${keyId}`,
    at,
    data: writeData({ keyId, owner: row.owner, keyKind: row.kind }),
  });
}
