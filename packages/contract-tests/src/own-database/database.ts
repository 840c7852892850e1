import type { Pool, PoolClient } from "pg";

/** Everything `work` writes is on disk when this resolves, and nothing of it is there when it rejects. */
export async function inTransaction<T>(pool: Pool, work: (db: PoolClient) => Promise<T>): Promise<T> {
  const db = await pool.connect();
  let broken = true;
  try {
    await db.query("BEGIN; SET LOCAL synchronous_commit = on");
    const result = await work(db);
    await db.query("COMMIT");
    broken = false;
    return result;
  } catch (error) {
    broken = await db.query("ROLLBACK").then(
      () => false,
      () => true,
    );
    throw error;
  } finally {
    db.release(broken);
  }
}

export function isUniqueViolation(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "23505";
}

/** A mistake that asking again does not mend. */
export class RecordError extends Error {
  constructor(
    message: string,
    readonly code?: "not-yours",
  ) {
    super(message);
  }
}

export function checkWon(won: number, least: number): void {
  if (!Number.isSafeInteger(won) || won < least) throw new RecordError("An amount must be whole won");
}
