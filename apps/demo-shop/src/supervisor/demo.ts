import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { migrateLedger } from "@payapi/ledger";
import { startSandbox } from "@payapi/sandbox";
import { mintTicket } from "../back-office/staff.js";
import { migrateShop } from "../shop/schema.js";
import type { Child } from "./child.js";
import { openDataFolder, writeOperatorFile } from "./data-folder.js";
import { findPort, startServer } from "./ports.js";

export interface DemoOptions {
  /** 4000, 4001 and 4010 unless said; a busy one gives way to the next free one, 0 takes any. */
  readonly ports?: { readonly storefront?: number; readonly backOffice?: number; readonly sandbox?: number };
  /** A PostgreSQL of your own; otherwise `DATABASE_URL`, otherwise one that lives as long as the demo. */
  readonly databaseUrl?: string;
  /** The folder of the ledger's journal: beside the database, as long as that lives; `.journal` here for one of your own. */
  readonly journal?: string;
  readonly log?: (line: string) => void;
  /** Gives up starting; what was started already is stopped. */
  readonly signal?: AbortSignal;
}

export type Demo = Awaited<ReturnType<typeof startDemo>>;

const home = fileURLToPath(new URL("../../", import.meta.url));
const storefrontScript = fileURLToPath(new URL("./storefront-server.js", import.meta.url));
const backOfficeScript = fileURLToPath(new URL("../back-office/main.js", import.meta.url));

/** With a database that outlives the demo, the journal is kept until the next start. */
const keptJournal = join(home, ".journal");

/** Starts gateway, database, storefront and back office, in that order, and resolves when both servers listen. */
export async function startDemo(options: DemoOptions = {}) {
  const { ports = {}, log = () => {}, signal } = options;
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const data = await openDataFolder();
    cleanups.push(() => data.remove());
    const ownUrl = options.databaseUrl ?? (process.env.DATABASE_URL || undefined);
    const databaseUrl = ownUrl ?? (await openDatabase(cleanups));
    const journal = options.journal ?? (ownUrl === undefined ? join(data.path, "journal") : keptJournal);
    const operatorFile = await writeOperatorFile(data.path, { databaseUrl, journal });
    signal?.throwIfAborted();
    const sandboxAt = ports.sandbox ?? 4010;
    const sandbox = await startSandbox({ port: sandboxAt === 0 ? 0 : await findPort(sandboxAt) });
    cleanups.push(() => sandbox.close());
    await migrateLedger(databaseUrl);
    await migrateShop(databaseUrl);
    signal?.throwIfAborted();

    const staffSecret = randomBytes(32).toString("base64url");
    const shared = {
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      LEDGER_JOURNAL: journal,
      SANDBOX_URL: sandbox.url,
    };
    const children = new Set<Child>();
    const kill = () => {
      for (const child of children) child.kill();
    };
    // Also if this process ends by an error.
    process.once("exit", kill);
    cleanups.push(async () => {
      await Promise.all([...children].map((child) => child.stop()));
      process.off("exit", kill);
    });
    const [storefrontAt, backOfficeAt] = [ports.storefront ?? 4000, ports.backOffice ?? 4001];
    const storefrontPort = await findPort(storefrontAt);
    const backOfficePort = await findPort(backOfficeAt, new Set([storefrontPort]));
    const common = { log, holds: data.guardian };
    const [storefront, backOffice] = await Promise.all([
      startServer({ port: storefrontPort, wanted: storefrontAt, children, signal }, (url, port) => ({
        ...common,
        name: "storefront",
        script: storefrontScript,
        args: [home, "127.0.0.1", String(port)],
        env: { ...shared, PUBLIC_ORIGIN: url, NEXT_TELEMETRY_DISABLED: "1" },
        listens: /Ready in/,
      })),
      startServer({ port: backOfficePort, wanted: backOfficeAt, children, signal }, (url) => ({
        ...common,
        name: "back-office",
        script: backOfficeScript,
        env: { ...shared, PUBLIC_ORIGIN: url, STAFF_SECRET: staffSecret },
        listens: /The back office is open/,
      })),
    ]);
    // The URLs for deposits and escrow, which a merchant registers with the real gateway once.
    sandbox.notifications.register({
      depositUrl: `${storefront.url}/payments/notifications/deposit`,
      escrowUrl: `${storefront.url}/payments/notifications/escrow`,
    });
    let links = 0;
    return {
      storefrontUrl: storefront.url,
      backOfficeUrl: backOffice.url,
      sandboxUrl: sandbox.url,
      databaseUrl,
      /** The file with the settings of the operators' CLI for this demo; it is deleted with the demo. */
      operatorFile,
      sandbox,
      /** A new link for another member of the staff: 직원 1, 직원 2 … */
      staffLink(): string {
        links += 1;
        return `${backOffice.url}/enter?ticket=${mintTicket(staffSecret, `직원 ${links}`)}`;
      },
      output: () => [...children].map((child) => child.output()).join("\n"),
      /** Resolves with the reason when one of the servers ends by itself. */
      died: Promise.race([...children].map((child) => child.died)),
      /** Stops everything: first the servers, then the gateway, then the database. */
      stop,
      /** Ends the servers without waiting for requests; `stop` still has to be called. */
      kill,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openDatabase(cleanups: (() => Promise<unknown>)[]): Promise<string> {
  const postgres = await startLocalPostgres();
  cleanups.push(() => postgres.stop());
  return postgres.url;
}
