import type { PayApi } from "@payapi/core";
import { openLedger } from "@payapi/ledger";

/** Run it once every process has both secrets. Afterwards remove `previous`. */
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
