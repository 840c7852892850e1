import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { migrateLedger } from "../src/index.js";
import { ownDatabase, sql } from "./database.js";

/** Everything of a schema that its tables promise, as PostgreSQL itself writes it down. */
async function catalogOf(url: string) {
  const [{ columns, constraints, indexes, triggers, functions }] = await sql(
    `WITH tables AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'payapi'::regnamespace AND relkind = 'r')
     SELECT
       (SELECT json_agg(format('%s.%s %s%s %s', relname, attname, format_type(atttypid, atttypmod),
          CASE WHEN attnotnull THEN ' not null' END, pg_get_expr(adbin, adrelid)) ORDER BY relname, attnum)
        FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0
        LEFT JOIN pg_attrdef ON adrelid = tables.oid AND adnum = attnum) AS columns,
       (SELECT json_agg(format('%s %s', conname, pg_get_constraintdef(pg_constraint.oid)) ORDER BY 1, conname)
        FROM tables JOIN pg_constraint ON conrelid = tables.oid) AS constraints,
       (SELECT json_agg(pg_get_indexdef(indexrelid) ORDER BY indexrelid::regclass::text)
        FROM tables JOIN pg_index ON indrelid = tables.oid) AS indexes,
       (SELECT json_agg(pg_get_triggerdef(pg_trigger.oid) ORDER BY relname, tgname)
        FROM tables JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal) AS triggers,
       (SELECT json_agg(pg_get_functiondef(oid) ORDER BY proname)
        FROM pg_proc WHERE pronamespace = 'payapi'::regnamespace) AS functions`,
    [],
    url,
  );
  return {
    columns,
    constraints,
    indexes,
    triggers,
    functions: functions.map((each: string) => each.replaceAll('"payapi"', "payapi")),
  };
}

it("schema.sql creates the tables that migrateLedger creates", async () => {
  const [byHand, migrated] = await Promise.all([ownDatabase(), ownDatabase()]);
  const file = await readFile(new URL("../schema.sql", import.meta.url), "utf8");
  await sql("CREATE SCHEMA payapi", [], byHand);
  await sql(
    "CREATE TABLE payapi.migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)",
    [],
    byHand,
  );
  await sql(file, [], byHand);
  await migrateLedger(migrated);
  const catalog = await catalogOf(migrated);
  expect(catalog).toEqual(await catalogOf(byHand));
  expect(catalog.columns).toContain("approvals.price bigint not null ");
  expect(catalog.functions).toHaveLength(6);
});
