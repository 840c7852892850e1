import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { startLocalPostgres } from "./postgres.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Connection string of the PostgreSQL server for this run: `inject("databaseUrl")`. */
    databaseUrl: string;
  }
}

/**
 * Global setup for vitest: one PostgreSQL server for the whole run, `DATABASE_URL` when it is set, otherwise a local one
 * that ends with the run. Test files share the server, so each should work in a schema or database of its own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL;
  if (given !== undefined && given !== "") {
    project.provide("databaseUrl", given);
    return async () => {};
  }
  const postgres = await startLocalPostgres();
  project.provide("databaseUrl", postgres.url);
  return () => postgres.stop();
}
