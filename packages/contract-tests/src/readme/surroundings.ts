import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { migrateLedger } from "@payapi/ledger";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import pg from "pg";
import { readmeBlock } from "./examples.js";

/** What README.md tells a reader to have: a gateway, a database with the ledger's tables, and the settings. */
export interface Surroundings {
  readonly sandbox: Sandbox;
  readonly database: pg.Pool;
  readonly settings: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Sets them up as README.md says, with its own settings but for the addresses. */
export async function prepareSurroundings(databaseUrl: string): Promise<Surroundings> {
  const sandbox = await startSandbox({ port: 0 });
  const name = `readme_${randomBytes(6).toString("hex")}`;
  const server = quietPool(databaseUrl);
  await server.query(`create database ${name}`);
  const own = new URL(databaseUrl);
  own.pathname = `/${name}`;
  const database = quietPool(own.href);
  const port = await freePort();
  const settings = {
    ...readmeSettings(),
    PAYAPI_URL: sandbox.url,
    DATABASE_URL: own.href,
    PUBLIC_URL: `http://localhost:${port}`,
    PORT: String(port),
  };
  await migrateLedger(own.href);
  return {
    sandbox,
    database,
    settings,
    stop: async () => {
      await sandbox.close();
      await database.end();
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    },
  };
}

// Dropping the database also ends connections that are just being closed.
function quietPool(connectionString: string): pg.Pool {
  return new pg.Pool({ connectionString, max: 2 }).on("error", () => {});
}

function readmeSettings(): Record<string, string> {
  const lines = readmeBlock("A shop in five minutes", "sh", "PAYAPI_MID=").trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
