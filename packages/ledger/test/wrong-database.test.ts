import { inspect } from "node:util";
import { expect, it } from "vitest";
import { migrateLedger, openLedger } from "../src/index.js";
import { databaseUrl, payapi } from "./database.js";

const password = "canary-password";
it.each([
  ["cannot be reached (ECONNREFUSED)", "unavailable", `postgres://someone:${password}@127.0.0.1:1/postgres`],
  [
    "SQLSTATE 3D000: the server has no database of this name",
    "unavailable",
    Object.assign(new URL(databaseUrl), { pathname: "/no_such_database" }).href,
  ],
  ["is not a connection string", "invalid-argument", `postgres://someone:${password}@:x:/`],
  ["is not a connection string", "invalid-argument", `mysql://someone:${password}@127.0.0.1/shop`],
  ["is not a connection string", "invalid-argument", `host=127.0.0.1 password=${password}`],
  ["database is missing", "invalid-argument", ""],
])("says of a wrong database %j, without the password: %#", async (message, code, database) => {
  const error = await openLedger({ payapi, database }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(password);
  await expect(migrateLedger(database)).rejects.toMatchObject({ code });
});
