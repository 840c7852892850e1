import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { CallOutcome, ReservedCall } from "@payapi/core";
import type { SettledFacts } from "../domain/facts.js";
import { LedgerError } from "../errors.js";

/** A file of the journal. */
export interface JournalFile {
  readonly name: string;
  readonly entry?: JournalEntry;
  /** Why there is no `entry`: a system error code, or `no-entry` for a file without a valid entry. */
  readonly unreadable?: string;
}

/** Keeps outcomes on the disk of this machine while the database is unreachable: approvals of the gateway, and calls that were not sent. */
export interface Journal {
  /** Writes an entry durably; resolves to its file name. */
  keep(call: ReservedCall, facts: SettledFacts): Promise<string>;
  /** The entries of this ledger, and unreadable files. */
  files(): Promise<readonly JournalFile[]>;
  /** Removes an entry that is settled in the database. Another process may have removed it already. */
  remove(name: string): Promise<void>;
}

/** The ledger that entries belong to; several ledgers may share a folder. */
export interface JournalOwner {
  readonly mid: string;
  readonly schema: string;
}

/** The suffix of a file that is being written. A process that dies leaves one with a partial entry, or a complete one. */
const unfinished = ".unfinished";
const abandonedMs = 60 * 60_000;

/**
 * Opens a folder as a journal. Each entry is a file of its own that gets its final name once it is complete, so entries are never partial and
 * any number of processes may share the folder without a lock.
 *
 * @throws LedgerError `invalid-argument` if the folder can't be written
 */
export async function openJournal(folder: string, owner: JournalOwner): Promise<Journal> {
  if (folder === "") {
    throw new LedgerError("invalid-argument", "journal is empty: give the path of a folder, or leave it out");
  }
  const path = resolve(folder);
  const journal = journalIn(path, owner);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await clearAbandoned(path);
    const trial = join(path, `${randomUUID()}.json${unfinished}`);
    await writeDurably(trial, "");
    await rm(trial);
  } catch (error) {
    throw new LedgerError(
      "invalid-argument",
      `journal must be a folder that this process can write to, and ${path} is not`,
      { cause: error },
    );
  }
  return journal;
}

function journalIn(path: string, owner: JournalOwner): Journal {
  return {
    async keep(call, facts) {
      const name = `${randomUUID()}.json`;
      const whole = join(path, name);
      await writeDurably(`${whole}${unfinished}`, writeEntry({ ...owner, at: new Date(), call, facts }));
      await rename(`${whole}${unfinished}`, whole);
      await syncFolder(path);
      return name;
    },

    async files() {
      const names = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
      const files: JournalFile[] = [];
      // One after the other: a long outage leaves more files than a process may open at once.
      for (const name of names) {
        const file = await fileOf(path, name);
        if (file !== undefined && mayBeOf(owner, file)) files.push(file);
      }
      return files;
    },

    remove: (name) => rm(join(path, name), { force: true }),
  };
}

/** An unreadable file may belong to any ledger, so every ledger lists it. */
function mayBeOf({ mid, schema }: JournalOwner, { entry }: JournalFile): boolean {
  return entry === undefined || (entry.mid === mid && entry.schema === schema);
}

/** `undefined` if another process removed the entry meanwhile. */
async function fileOf(path: string, name: string): Promise<JournalFile | undefined> {
  try {
    const entry = readEntry(await readFile(join(path, name), "utf8"));
    return entry === undefined ? { name, unreadable: "no-entry" } : { name, entry };
  } catch (error) {
    const unreadable = codeOf(error);
    // One unreadable file must not hide the others.
    return unreadable === "ENOENT" ? undefined : { name, unreadable };
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a new file name durable. Windows does this by itself, and can't open a folder. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function clearAbandoned(path: string): Promise<void> {
  const names = (await readdir(path)).filter((name) => name.endsWith(unfinished));
  for (const name of names) {
    try {
      const file = join(path, name);
      const { mtimeMs } = await stat(file);
      if (Date.now() - mtimeMs <= abandonedMs) continue;
      // A complete or unreadable file gets its final name, so that it is listed.
      if (await isPart(file)) await rm(file, { force: true });
      else await rename(file, file.slice(0, -unfinished.length));
    } catch {
      // Another process cleared it first, or this one lacks the rights. The ledger opens anyway.
    }
  }
}

async function isPart(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text !== undefined && readEntry(text) === undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unreadable";
}

/** A call that the gateway approved, or that was not sent after it was marked. It holds no message of the reply and no card data. */
export interface JournalEntry {
  readonly mid: string;
  readonly schema: string;
  /** When the entry was written. */
  readonly at: Date;
  readonly kind: ReservedCall["kind"];
  readonly id: string;
  readonly orderId: string;
  /** The order number in the gateway's console; only for an approval. */
  readonly oid?: string;
  /** The gateway's name of the payment method; only for an approval. */
  readonly payType?: string;
  /** The requested amount, in won. */
  readonly price: number;
  readonly outcome: CallOutcome;
}

/** An entry as one line of JSON. Written from checked facts, so that it holds nothing that the tables would not. */
export function writeEntry({
  mid,
  schema,
  at,
  call,
  facts,
}: {
  readonly mid: string;
  readonly schema: string;
  readonly at: Date;
  readonly call: ReservedCall;
  readonly facts: SettledFacts;
}): string {
  const { kind, id, orderId } = call;
  return `${JSON.stringify({
    version: 1,
    mid,
    schema,
    at,
    kind,
    id,
    orderId,
    ...(call.kind === "approval"
      ? { oid: call.oid, payType: call.payType, price: call.price }
      : { price: call.cancelPrice }),
    outcome: {
      outcome: facts.outcome,
      tid: facts.tid,
      cancelTid: facts.cancelTid,
      applNum: facts.applNum,
      payType: facts.payType,
      partlyCancellable: facts.partlyCancellable,
      price: facts.reportedPrice,
      remainingPrice: facts.reportedRemaining,
      resultCode: facts.resultCode,
      code: facts.failureCode,
      at: facts.at,
    },
  })}\n`;
}

/** Parses an entry; `undefined` if the text is not a valid one. */
export function readEntry(text: string): JournalEntry | undefined {
  const read = parse(text);
  if (read?.version !== 1 || (read.kind !== "approval" && read.kind !== "cancel")) return undefined;
  const [mid, schema, id, orderId] = [read.mid, read.schema, read.id, read.orderId].map(textOf);
  const [at, price, outcome] = [timeOf(read.at), wonOf(read.price), outcomeOf(read.outcome)];
  if (mid === undefined || schema === undefined || id === undefined || orderId === undefined)
    return undefined;
  if (at === undefined || price === undefined || outcome === undefined) return undefined;
  return {
    mid,
    schema,
    at,
    kind: read.kind,
    id,
    orderId,
    price,
    outcome,
    ...present("oid", textOf(read.oid)),
    ...present("payType", textOf(read.payType)),
  };
}

const outcomes = ["succeeded", "moved", "not-sent"] as const;

function outcomeOf(value: unknown): CallOutcome | undefined {
  const outcome = isFields(value) && outcomes.find((each) => each === value.outcome);
  if (!isFields(value) || !outcome) return undefined;
  return {
    outcome,
    ...present("tid", textOf(value.tid)),
    ...present("cancelTid", textOf(value.cancelTid)),
    ...present("applNum", textOf(value.applNum)),
    ...present("payType", textOf(value.payType)),
    ...present(
      "partlyCancellable",
      typeof value.partlyCancellable === "boolean" ? value.partlyCancellable : undefined,
    ),
    ...present("price", wonOf(value.price)),
    ...present("remainingPrice", wonOf(value.remainingPrice)),
    ...present("resultCode", textOf(value.resultCode)),
    ...present("code", textOf(value.code)),
    ...present("at", timeOf(value.at)),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    // Half an entry is none.
    return undefined;
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function wonOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function timeOf(value: unknown): Date | undefined {
  const time = new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function present<Name extends string, T>(
  name: Name,
  value: T | undefined,
): Record<Name, T> | Record<never, never> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, T>);
}
