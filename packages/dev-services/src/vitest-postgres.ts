import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { type LocalPostgres, startLocalPostgres } from "./postgres.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the PostgreSQL server for this run: `inject("databaseUrl")`. */
    databaseUrl: string;
  }
}

/** Races open more connections than a shop does, and several test files run at once. */
const settings = { max_connections: "400" };

/** The server of this run. Every package's setup is a copy of this module in one process, so it is kept beside them. */
const shared = globalThis as { [key: symbol]: { server: Promise<LocalPostgres>; users: number } | undefined };
const key = Symbol.for("@payapi/dev-services/vitest");

/**
 * Global setup for vitest: one PostgreSQL server for the whole run, however many packages are in it. `DATABASE_URL` when
 * it is set, otherwise a local one that ends with the run. Test files share the server, so each should work in a schema
 * or database of its own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined && given !== "") {
    project.provide("databaseUrl", given);
    return async () => {};
  }
  shared[key] ??= { server: startLocalPostgres({ inMemory: true, settings }), users: 0 };
  const run = shared[key];
  run.users += 1;
  project.provide("databaseUrl", (await run.server).url);
  return async () => {
    run.users -= 1;
    if (run.users > 0) return;
    shared[key] = undefined;
    await (await run.server).stop();
  };
}
