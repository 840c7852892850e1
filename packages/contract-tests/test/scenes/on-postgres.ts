import { randomBytes } from "node:crypto";
import { openTimedLedger, type TimedLedgerOptions } from "@payapi/ledger/internal";
import { onTestFinished } from "vitest";
import { openSceneShop, type SceneOptions, type SceneShop } from "../../src/scenes/scene-shop.js";
import { databaseUrl, newSchema } from "../ledger/new-schema.js";

/** Both ways to serve a shop: the Express middleware, and the route handlers of Next.js. */
export const sceneMounts = ["express", "next"] as const;

const secrets = { current: randomBytes(32).toString("base64") };

/** One schema for the shops of all files, each of which is a merchant of its own. It goes with the run's database. */
let shared: ReturnType<typeof newSchema> | undefined;

function sharedSchema(): ReturnType<typeof newSchema> {
  shared ??= newSchema();
  return shared;
}

async function droppedAtEnd(): ReturnType<typeof newSchema> {
  const own = await newSchema();
  onTestFinished(own.drop);
  return own;
}

/** The options of a shop over PostgreSQL. */
interface OnPostgres extends Omit<SceneOptions, "openLedger"> {
  readonly ledger?: TimedLedgerOptions;
  /** Whether the shop changes what all merchants of a schema share. */
  readonly ownSchema?: boolean;
}

/** A shop over PostgreSQL; gone at the end of the test. */
export async function onPostgres({
  ledger = {},
  ownSchema = false,
  ...options
}: OnPostgres): Promise<SceneShop & { readonly schema: string }> {
  const { schema } = await (ownSchema ? droppedAtEnd() : sharedSchema());
  const patient = { maxPauseMs: 60_000, closeTimeoutMs: 0, secrets, ...ledger };
  const shop = await openSceneShop({
    ...options,
    openLedger: (payapi, logger) =>
      openTimedLedger({ payapi, database: databaseUrl, schema, logger, ...patient }),
  });
  onTestFinished(() => shop.close());
  return { ...shop, schema };
}
