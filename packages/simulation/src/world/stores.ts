import { createHash, randomUUID } from "node:crypto";
import { migrateLedger } from "@payapi/ledger";
import {
  createKeyVault,
  createMemoryStore,
  type LedgerStore,
  openPostgresStore,
} from "@payapi/ledger/internal";
import { Pool } from "pg";

/** The store that the shop of one seed works over. */
export interface SeedStore {
  readonly store: LedgerStore;
  /** Drops everything that was stored. */
  drop(): Promise<void>;
}

export function memoryStore(): SeedStore {
  return { store: createMemoryStore(), drop: async () => {} };
}

/** Opens a store in a schema of its own on a PostgreSQL server. */
export async function postgresStore(databaseUrl: string): Promise<SeedStore> {
  const schema = `simulation_${randomUUID().replaceAll("-", "")}`;
  const pool = new Pool({ connectionString: databaseUrl });
  const drop = async () => {
    await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
    await pool.end();
  };
  try {
    await migrateLedger(pool, { schema });
    const store = await openPostgresStore(pool, schema);
    // The rules read the keys that the ledger encrypted.
    const secret = createHash("sha256").update("simulation").digest();
    return { store: { ...store, vault: createKeyVault([secret]) }, drop };
  } catch (error) {
    await drop();
    throw error;
  }
}
