/** A shop's server that will be killed: `node shop-process.js`, with {@link ShopProcessSettings} in its environment. */
import { readFileSync } from "node:fs";
import { createPayApi } from "@payapi/core";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import { openLedger } from "@payapi/ledger";
import express from "express";
import { notificationKey, priceOf, type ShopProcessSettings, shopOrigin } from "./shop-settings.js";

const settings = process.env as unknown as ShopProcessSettings;
const payapi = createPayApi({
  environment: "sandbox",
  baseUrl: settings.SANDBOX_URL,
  ca: readFileSync(settings.CA_FILE, "utf8"),
  mid: "sandbox001",
  signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
  fieldKey: "1".repeat(32),
  fieldIv: "1".repeat(16),
  timeoutMs: 3_000,
});
const ledger = await openLedger({
  payapi,
  database: settings.DATABASE_URL,
  schema: settings.LEDGER_SCHEMA,
  journal: settings.JOURNAL,
  // As short as the calls of a living neighbour may take: recovery gives some of them up under its hands, as it may.
  reservedTimeoutMs: 300,
  callTimeoutMs: 3_000,
  sendingGraceMs: 0,
});
await ledger.operations.recover();

const app = express();
app.use(
  "/payments",
  createPayApiMiddleware({
    payapi,
    ledger,
    orders: { find: async (id) => ({ id, price: priceOf(id), buyerName: "홍길동" }) },
    context: () => undefined,
    authorize: () => true,
    publicUrl: shopOrigin,
    basePath: "/payments",
    groups: ["cards", "orders", "cancels", "notifications"],
    notificationKey,
    rateLimits: { perAddress: 10_000, perCard: 10_000, perCustomer: 10_000, perOrder: 1_000 },
    logger: () => {},
  }),
);
app.listen(Number(settings.PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${settings.PORT}\nReady`);
});
