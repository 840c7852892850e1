import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PayApi, Secret } from "@payapi/core";
import { type Ledger, migrateLedger, openLedger } from "@payapi/ledger";
import { type PaymentLink, type Sandbox, startSandbox, type Transaction } from "@payapi/sandbox";
import pg from "pg";
import { expect } from "vitest";
import { type Ask, Client } from "./client.js";
import { expectExactProblem } from "./expect.js";
import type { Mount, MountTraits, Situation, StartMount, WireAnswer } from "./mount.js";
import { ledgerSecrets, sandboxPayApi } from "./shop.js";

/** One mount with its gateway, its database schema and its ledger, as the tests see them. */
export class World extends Client {
  readonly traits: MountTraits;
  #parts: { sandbox: Sandbox; ledger: Ledger; pool: pg.Pool; mount: Mount; folder: string } | undefined;
  #test = "";
  #orders = 0;
  readonly #schema = `contract_${randomBytes(6).toString("hex")}`;

  constructor(traits: MountTraits) {
    super();
    this.traits = traits;
  }

  async start(startMount: StartMount, databaseUrl: string): Promise<void> {
    const sandbox = await startSandbox({ port: 0 });
    const folder = await mkdtemp(join(tmpdir(), "payapi-contract-"));
    const LOG_FILE = join(folder, "log.jsonl");
    await writeFile(LOG_FILE, "");
    const schema = this.#schema;
    await migrateLedger(databaseUrl, { schema });
    const ledger = await openLedger({
      payapi: sandboxPayApi(sandbox.url),
      database: databaseUrl,
      schema,
      secrets: ledgerSecrets,
      // Some cases leave a call open on purpose.
      closeTimeoutMs: 0,
    });
    const mount = await startMount({
      SANDBOX_URL: sandbox.url,
      DATABASE_URL: databaseUrl,
      LEDGER_SCHEMA: schema,
      LOG_FILE,
    });
    this.#parts = {
      sandbox,
      ledger,
      mount,
      folder,
      pool: new pg.Pool({ connectionString: databaseUrl, max: 2 }),
    };
  }

  async stop(): Promise<void> {
    if (this.#parts === undefined) return;
    const { mount, ledger, sandbox, pool, folder } = this.#parts;
    await mount.close();
    await ledger.close();
    await sandbox.close();
    await pool.query(`drop schema "${this.#schema}" cascade`);
    await pool.end();
    await rm(folder, { recursive: true });
  }

  /** Begins a test. */
  begin(title: string): void {
    this.transcript.begin(title);
    this.#test = createHash("sha256").update(title).digest("hex").slice(0, 6);
    this.#orders = 0;
  }

  /** A new order. Its id is the same in every run, so that answers can be compared. */
  order(price = 15_000, customerId = "alice"): string {
    this.#orders += 1;
    return `o-${price}-${customerId}-${this.#test}-${this.#orders}`;
  }

  /**
   * Checks the handler's answer; where the mount's exceptions say that it never comes, only what comes instead.
   *
   * @returns whether it was the handler's
   */
  async unless(
    situation: Situation | undefined,
    send: (ask: Ask) => Promise<WireAnswer>,
    check: (answer: WireAnswer) => void,
  ): Promise<boolean> {
    const exception = situation && this.traits.exceptions[situation];
    if (exception === undefined) {
      check(await send({}));
      return true;
    }
    const { status, problem, because } = exception;
    const answer = await send({ skipped: true });
    expect({ because, status: answer.status }).toEqual({ because, status });
    if (problem !== undefined) {
      const { code, ...texts } = problem;
      expectExactProblem(answer, status, code, texts);
    }
    return false;
  }

  protected get mount(): Mount {
    return this.#running.mount;
  }

  protected get gatewayOrigin(): string {
    return new URL(this.sandbox.url).origin;
  }

  get sandbox(): Sandbox {
    return this.#running.sandbox;
  }

  /** The gateway's client, for what happens behind the shop's back. */
  get payapi(): PayApi {
    return sandboxPayApi(this.sandbox.url);
  }

  get ledger(): Ledger {
    return this.#running.ledger;
  }

  /** The transactions of an order in the gateway's book. */
  paymentsOf(orderId: string): readonly Transaction[] {
    return this.sandbox.book.transactions.filter(({ oid }) => oid.startsWith(`${orderId}-`));
  }

  /** The links to the payment page that the gateway made for an order. */
  async linksOf(orderId: string): Promise<readonly PaymentLink[]> {
    const links = await Promise.all(
      this.sandbox.book.links.map(async (link) => {
        const made = await this.ledger.store.findLink(new URL(link.nextUrl).pathname.split("/").at(-1) ?? "");
        return made?.orderId === orderId ? [link] : [];
      }),
    );
    return links.flat();
  }

  /** The links of an order in the gateway's book. */
  async linkPayments(orderId: string): Promise<readonly Transaction[]> {
    const oids = (await this.linksOf(orderId)).map(({ oid }) => oid);
    return this.sandbox.book.transactions.filter(({ oid }) => oids.includes(oid));
  }

  /** An escrow order that was paid at the payment window. */
  async escrowOrder(price: number): Promise<string> {
    const orderId = this.order(price);
    const reservation = await this.ledger.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status === "refused") throw new Error(reservation.reason);
    const { call } = reservation;
    await this.ledger.store.markSending(call);
    const { tid } = this.sandbox.outside.payWithEscrow({ oid: call.oid, price });
    await this.ledger.store.settle(call, { outcome: "succeeded", tid, price });
    return orderId;
  }

  /** An active billing key of a customer, issued once. */
  async billingKeyOf(owner: string): Promise<string> {
    const [known] = await this.ledger.keys.list(owner);
    const id = known?.id ?? (await this.importMobileKey(owner, "K".repeat(20))).id;
    this.transcript.hide(id, "<key>");
    return id;
  }

  /** A phone's billing key, as the payment window issues it. */
  importMobileKey(customerId: string, billkey: string): Promise<{ id: string }> {
    return this.ledger.keys.import({ customerId, kind: "mobile", billkey: new Secret(billkey) });
  }

  /** Does something, and says how many requests reached the gateway meanwhile. */
  async gatewayRequestsDuring(work: () => Promise<unknown>): Promise<number> {
    const before = this.sandbox.book.requests.length;
    await work();
    return this.sandbox.book.requests.length - before;
  }

  /** Lets calls for this order, whose customerId must be `held`, wait just before they are sent until `work` is done. */
  async whileHeld<T>(orderId: string, work: () => Promise<T>): Promise<T> {
    const client = await this.#running.pool.connect();
    try {
      await client.query("select pg_advisory_lock(hashtext($1))", [orderId]);
      return await work();
    } finally {
      await client.query("select pg_advisory_unlock_all()");
      client.release();
    }
  }

  /** Every line the handler logged. */
  async log(): Promise<Record<string, unknown>[]> {
    const text = await readFile(join(this.#running.folder, "log.jsonl"), "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  /** Everything that is left to read: answers, log, the server's output, every row of the database. */
  async traces(): Promise<{ answers: string; log: string; output: string; database: string }> {
    const { pool, mount } = this.#running;
    const tables = await pool.query<{ name: string }>(
      "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'",
      [this.#schema],
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const found = await pool.query<{ row: string }>(`select t::text as row from ${name} t`);
      rows.push(...found.rows.map(({ row }) => row));
    }
    return {
      answers: JSON.stringify(this.answers),
      log: JSON.stringify(await this.log()),
      output: mount.output(),
      database: rows.join("\n"),
    };
  }

  get #running() {
    if (this.#parts === undefined) throw new Error("the world has not started");
    return this.#parts;
  }
}
