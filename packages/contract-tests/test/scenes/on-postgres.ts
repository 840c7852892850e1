import { randomBytes } from "node:crypto";
import { openTimedLedger, type TimedLedgerOptions } from "@payapi/ledger/internal";
import { onTestFinished } from "vitest";
import { openSceneShop, type SceneOptions, type SceneShop } from "../../src/scenes/scene-shop.js";
import { databaseUrl, newSchema } from "../ledger/new-schema.js";

/** Both ways to serve a shop: the Express middleware, and the route handlers of Next.js. */
export const sceneMounts = ["express", "next"] as const;

const secrets = { current: randomBytes(32).toString("base64") };

/** A shop over PostgreSQL, with a schema of its own; gone at the end of the test. */
export async function onPostgres({
  ledger = {},
  ...options
}: Omit<SceneOptions, "openLedger"> & { readonly ledger?: TimedLedgerOptions }): Promise<
  SceneShop & { readonly schema: string }
> {
  const { schema, drop } = await newSchema();
  onTestFinished(drop);
  const patient = { maxPauseMs: 60_000, closeTimeoutMs: 0, secrets, ...ledger };
  const shop = await openSceneShop({
    ...options,
    openLedger: (payapi, logger) =>
      openTimedLedger({ payapi, database: databaseUrl, schema, logger, ...patient }),
  });
  onTestFinished(() => shop.close());
  return { ...shop, schema };
}
