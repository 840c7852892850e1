import type { PayApi } from "@payapi/core";
import { openLedger } from "@payapi/ledger";

/** Once every process runs with both secrets. Afterwards leave `previous` out. */
export async function rotateSecret(
  payapi: PayApi,
  place: { readonly database: string; readonly schema: string },
  secrets: { readonly current: string; readonly previous: readonly string[] },
): Promise<number> {
  const ledger = await openLedger({ payapi, ...place, secrets });
  try {
    return (await ledger.keys.rotateSecrets()).rotated;
  } finally {
    await ledger.close();
  }
}
