import { createPayApi, type PayApi } from "@payapi/core";
import { type Ledger, openLedger } from "@payapi/ledger";
import pg from "pg";
import { type AlarmList, openAlarms } from "./events/alarms.js";
import { type Fulfilment, openFulfilment } from "./events/fulfilment.js";
import { type OrderBook, openOrderBook } from "./orders.js";
import { readSettings, type ShopSettings } from "./settings.js";

/** What both of the shop's processes work with. */
export interface Shop {
  readonly settings: ShopSettings;
  /** The shop's own tables, and the ledger's. */
  readonly pool: pg.Pool;
  readonly orders: OrderBook;
  readonly fulfilment: Fulfilment;
  readonly alarms: AlarmList;
  readonly payapi: PayApi;
  readonly ledger: Ledger;
  close(): Promise<void>;
}

// Published with the sandbox on purpose: the client refuses it anywhere else. A real shop reads its keys from a vault.
const sandboxMerchant = {
  mid: "sandbox001",
  signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
  fieldKey: "1".repeat(32),
  fieldIv: "1".repeat(16),
};

/** Opens everything the settings name. */
export async function openShop(settings: ShopSettings): Promise<Shop> {
  const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: 10 });
  // Without a listener, an idle connection that the database closes would end the process.
  pool.on("error", (error) => console.error(`A database connection was lost: ${error.message}`));
  const payapi = createPayApi({ ...sandboxMerchant, environment: "sandbox", baseUrl: settings.sandboxUrl });
  const ledger = await openLedger({ payapi, database: pool, journal: settings.journal });
  return {
    settings,
    pool,
    orders: openOrderBook(pool),
    fulfilment: openFulfilment(pool),
    alarms: openAlarms(pool),
    payapi,
    ledger,
    async close() {
      await ledger.close();
      await pool.end();
    },
  };
}

// Next evaluates a module once for pages and once for route handlers; the connections should exist once.
const shared = globalThis as { [key: symbol]: Promise<Shop> | undefined };
const key = Symbol.for("ondam.shop");

/** The shop of this process, opened from the environment when it is first needed. */
export function getShop(): Promise<Shop> {
  shared[key] ??= openShop(readSettings()).catch((error: unknown) => {
    shared[key] = undefined;
    throw error;
  });
  return shared[key];
}
