import type { LogEntry } from "@payapi/core/handler";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { Client, type ClientConfig } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { watchDatabase } from "../src/commands/accepted-database.js";
import { migrateLedger, openLedger } from "../src/index.js";
import { contextOf } from "../src/ledger.js";
import { openPostgresStore } from "../src/store/postgres/postgres-store.js";
import { ownDatabase, payapi, sql } from "./database.js";

async function server(options: Parameters<typeof startLocalPostgres>[0]) {
  const postgres = await startLocalPostgres(options);
  onTestFinished(() => postgres.stop());
  return postgres.url;
}

const refusal = (message: string) => ({
  code: "unsafe-database",
  message: expect.stringContaining(message),
});

describe("openLedger rejects a server that could lose commits", () => {
  it.each(["fsync", "full_page_writes"])("with %s off", async (setting) => {
    const database = await server({ settings: { [setting]: "off" } });
    await migrateLedger(database);
    await expect(openLedger({ payapi, database })).rejects.toMatchObject(refusal(`${setting} is off`));
  });

  it("that is a standby", async () => {
    const database = await server({ standby: true });
    await expect(openLedger({ payapi, database })).rejects.toMatchObject(refusal("standby"));
  });

  it("that is older than PostgreSQL 15", async () => {
    const database = await ownDatabase();
    await migrateLedger(database);
    // Its own word is all there is to go by.
    await sql(
      `SET allow_system_table_mods = on;
       ALTER FUNCTION pg_catalog.current_setting(text) RENAME TO current_setting_of_18;
       CREATE FUNCTION pg_catalog.current_setting(name text) RETURNS text STABLE LANGUAGE sql AS $$
         SELECT CASE name WHEN 'server_version_num' THEN '140013'
           ELSE pg_catalog.current_setting_of_18(name) END $$`,
      [],
      database,
    );
    await expect(openLedger({ payapi, database })).rejects.toMatchObject(refusal("PostgreSQL 15"));
  });
});

it("warns of an asynchronous standby", async () => {
  const database = await server({});
  await migrateLedger(database);
  const warnings = async () => {
    const warnings: LogEntry[] = [];
    const ledger = await openLedger({
      payapi,
      database,
      logger: (warning) => void warnings.push(warning),
    });
    await ledger.close();
    return warnings;
  };
  expect(await warnings()).toEqual([]);

  // As a standby says that it is one, before it asks for anything.
  const receiver = new Client({ connectionString: database, replication: "true" } as ClientConfig);
  receiver.on("error", () => {});
  await receiver.connect();
  expect(await warnings()).toEqual([
    expect.objectContaining({ level: "warn", code: "asynchronous-standby" }),
  ]);

  await sql("ALTER SYSTEM SET synchronous_standby_names = 'somebody'", [], database);
  await sql("SELECT pg_reload_conf()", [], database);
  await expect
    .poll(() => sql("SHOW synchronous_standby_names", [], database), { timeout: 30_000 })
    .toEqual([{ synchronous_standby_names: "somebody" }]);
  expect(await warnings()).toEqual([]);
});

it("warns when commits no longer wait for a standby, as when Patroni gives up a dead one", async () => {
  const database = await server({});
  await migrateLedger(database);
  const names = async (value: string) => {
    await sql(`ALTER SYSTEM SET synchronous_standby_names = '${value}'`, [], database);
    await sql("SELECT pg_reload_conf()", [], database);
    await expect
      .poll(() => sql("SHOW synchronous_standby_names", [], database), { timeout: 30_000 })
      .toEqual([{ synchronous_standby_names: value }]);
  };
  await names("somebody");
  const told: string[] = [];
  const store = await openPostgresStore(database);
  onTestFinished(() => store.close());
  const context = contextOf(payapi, store, {
    maxPauseMs: 60_000,
    logger: ({ code }) => void told.push(code),
  });
  const watch = watchDatabase(context);
  await watch();
  expect(told).toEqual([]);
  await names("");
  await watch();
  expect(told).toEqual(["standby-lost"]);
});
