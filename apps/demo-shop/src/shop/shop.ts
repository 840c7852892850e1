import { createPayApi } from "@payapi/core";
import { openLedger } from "@payapi/ledger";
import { oncePerProcess } from "@payapi/next-route-handlers";
import { sandboxMerchant } from "@payapi/sandbox";
import pg from "pg";
import { openFulfilment } from "./events/fulfilment.js";
import { openOrderBook } from "./orders.js";

/** The settings of the shop's processes. The supervisor sets them; the build reads none of them. */
export interface ShopSettings {
  readonly databaseUrl: string;
  /** The folder of the ledger's journal. */
  readonly journal: string;
  readonly sandboxUrl: string;
  /** This process's own address, as browsers see it. */
  readonly publicOrigin: string;
}

export function readSettings(env: NodeJS.ProcessEnv = process.env): ShopSettings {
  return {
    databaseUrl: required(env, "DATABASE_URL"),
    journal: required(env, "LEDGER_JOURNAL"),
    sandboxUrl: required(env, "SANDBOX_URL"),
    publicOrigin: new URL(required(env, "PUBLIC_ORIGIN")).origin,
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set; \`npm run demo\` starts the shop with everything it needs`);
  }
  return value;
}

/** The objects that both of the shop's processes use. */
export type Shop = Awaited<ReturnType<typeof openShop>>;

export async function openShop(settings: ShopSettings) {
  const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: 10 });
  // Without a listener, an idle connection that the database closes would end the process.
  pool.on("error", (error) => console.error(`A database connection was lost: ${error.message}`));
  // The sandbox's published keys, which the client rejects elsewhere. A real shop reads its keys from a secret store.
  const payapi = createPayApi({ ...sandboxMerchant, environment: "sandbox", baseUrl: settings.sandboxUrl });
  const ledger = await openLedger({ payapi, database: pool, journal: settings.journal });
  return {
    settings,
    pool,
    orders: openOrderBook(pool),
    fulfilment: openFulfilment(pool),
    payapi,
    ledger,
    async close() {
      await ledger.close();
      await pool.end();
    },
  };
}

/** The shop of this process, opened from the environment at first use. */
export const getShop = oncePerProcess("ondam.shop", () => openShop(readSettings()));
