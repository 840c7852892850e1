import { randomUUID } from "node:crypto";
import type { Secret } from "@payapi/core";
import { LedgerError } from "../../errors.js";
import type { KeyVault } from "../key-rows.js";
import {
  type KeyRow,
  type KeyRows,
  type KeyTransition,
  orphanStateOf,
  runningKeyStates,
} from "../key-rows.js";
import { UniqueConflict } from "../port.js";
import { pageOf, type Undoable, UndoMap } from "./memory-tables.js";

export function createMemoryKeys(): { tables: readonly Undoable[]; rows: KeyRows } {
  const table = new UndoMap<KeyRow>();
  const lines = new UndoMap<KeyTransition>();
  let rowCount = 0;
  let lineCount = 0;

  const rowsOfKey = async (mid: string, keyId: string) =>
    table.select((row) => row.mid === mid && row.keyId === keyId);
  const rowsOfCustomer = async (mid: string, customerId: string) =>
    table.select((row) => row.mid === mid && row.customerId === customerId);

  const toBeDeleted = (mid: string) =>
    table
      .select((row) => row.mid === mid && row.state === "deleting")
      .flatMap(({ id, deleteAt }) => (deleteAt === null ? [] : [{ at: deleteAt, id }]));

  function put(row: KeyRow): KeyRow {
    const others = table.select((other) => sharesId(other, row) && other.id !== row.id);
    if (row.state === "active" && others.some(({ state }) => state === "active")) {
      throw new UniqueConflict("billing_keys_one_active");
    }
    if (isRunning(row) && others.some(isRunning)) throw new UniqueConflict("billing_keys_one_running");
    const holdsKey = row.state === "active" || row.state === "deleting";
    if (holdsKey !== (row.encryptedKey !== null)) {
      throw new LedgerError(
        "broken-rule",
        "A row would break the rule that a key is there while it may be used",
      );
    }
    table.set(row.id, row);
    return row;
  }

  return {
    tables: [table, lines],
    rows: {
      rowsOfKey,
      rowsOfCustomer,
      lockKey: rowsOfKey,
      lockCustomer: rowsOfCustomer,
      findRow: async (mid, rowId) => {
        const row = table.get(rowId);
        return row?.mid === mid ? row : undefined;
      },
      staleIssues: async (mid, { reservedBefore, deadlineBefore, limit, after }) =>
        table
          .select(
            (row) =>
              row.mid === mid &&
              (after === undefined || row.id > after) &&
              ((row.state === "reserved" && row.createdAt < reservedBefore) ||
                (row.state === "sending" && row.deadlineAt !== null && row.deadlineAt < deadlineBefore)),
          )
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit),
      dueDeletions: async (mid, page) => pageOf(toBeDeleted(mid), page),
      countDueDeletions: async (mid, now) => toBeDeleted(mid).filter(({ at }) => at <= now).length,
      orphans: async (mid, { now, limit, before = Number.POSITIVE_INFINITY, state }) =>
        table
          .select((row) => {
            const found = orphanStateOf(row, now);
            const isMeant = state === undefined ? found !== undefined : found === state;
            return row.mid === mid && row.position < before && isMeant;
          })
          .sort((a, b) => b.position - a.position)
          .slice(0, limit),
      encryptedOtherwise: async (mid, prefix, { after, limit }) =>
        table
          .select(
            ({ mid: of, id, encryptedKey }) =>
              of === mid &&
              encryptedKey !== null &&
              !encryptedKey.startsWith(prefix) &&
              (after === undefined || id > after),
          )
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit),
      countEncrypted: async (mid) => {
        const counts = new Map<string, number>();
        for (const { encryptedKey } of table.select((row) => row.mid === mid)) {
          const [fingerprint] = encryptedKey?.split(":") ?? [];
          if (fingerprint !== undefined) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
        }
        return [...counts]
          .map(([fingerprint, keys]) => ({ fingerprint, keys }))
          .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
      },
      keyTransitions: async (mid, keyId) => lines.select((line) => line.mid === mid && line.keyId === keyId),
      insertKey: async (row) => put({ ...newKey, ...row, position: ++rowCount }),
      moveKey: async (rowId, from, change) => {
        const row = table.get(rowId);
        return row !== undefined && from.includes(row.state) ? put({ ...row, ...change }) : undefined;
      },
      reencrypt: async (rowId, from, to) => {
        const row = table.get(rowId);
        if (row?.encryptedKey !== from) return false;
        put({ ...row, encryptedKey: to });
        return true;
      },
      addKeyTransition: async (line) => lines.set(String(++lineCount), line),
    },
  };
}

const newKey = {
  state: "reserved",
  encryptedKey: null,
  resultCode: null,
  resultMessage: null,
  failureCode: null,
  settledBy: null,
  sendingAt: null,
  deadlineAt: null,
  settledAt: null,
  issuedAt: null,
  deletionEndsAt: null,
  deleteAt: null,
} as const;

function sharesId(one: KeyRow, another: KeyRow): boolean {
  return one.mid === another.mid && one.keyId === another.keyId;
}

function isRunning({ state }: KeyRow): boolean {
  return runningKeyStates.some((each) => each === state);
}

/** Keeps billing keys in the memory of this process. Rows hold only a reference to the key. */
export function createMemoryVault(): KeyVault {
  const kept = new Map<string, Secret>();
  const prefix = "memory:";
  return {
    prefix,
    roleOf: (fingerprint) => (prefix === `${fingerprint}:` ? "current" : undefined),
    encrypt(billkey) {
      const encryptedKey = `${prefix}${randomUUID()}`;
      kept.set(encryptedKey, billkey);
      return encryptedKey;
    },
    decrypt(encryptedKey) {
      const billkey = kept.get(encryptedKey);
      if (billkey === undefined)
        throw new LedgerError("unreadable-key", "The billing key is not in the memory of this process");
      return billkey;
    },
  };
}
