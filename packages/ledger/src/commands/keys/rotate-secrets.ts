import { LedgerUnavailableError } from "../../errors.js";
import type { KeyRow } from "../../store/key-rows.js";
import type { LedgerContext } from "../context.js";
import { changeKeys } from "./change-keys.js";
import type { SecretRotation } from "./key-types.js";
import { vaultOf } from "./key-view.js";

const batchSize = 100;

/** Encrypts anew whatever is not encrypted under the current secret. What one run leaves, the next one finds. */
export async function rotateSecrets(context: LedgerContext): Promise<SecretRotation> {
  const { prefix } = vaultOf(context);
  let rotated = 0;
  let after: string | undefined;
  const errors: unknown[] = [];
  for (;;) {
    const page = { after, limit: batchSize };
    const rows = await context.store.read((tx) => tx.keys.sealedOtherwise(context.mid, prefix, page));
    for (const row of rows) {
      try {
        if (await rotateRow(context, row)) rotated++;
      } catch (error) {
        if (error instanceof LedgerUnavailableError) throw error;
        errors.push(error);
      }
    }
    after = rows.at(-1)?.id;
    if (rows.length < batchSize) break;
  }
  // One key that cannot be read must not keep the others from being rotated.
  if (errors.length > 0) throw errors[0];
  return { rotated };
}

/** `false` when somebody else was faster: the key was deleted, or rotated there. */
async function rotateRow(context: LedgerContext, { id, mid, sealed }: KeyRow): Promise<boolean> {
  if (sealed === null) return false;
  const vault = vaultOf(context);
  const place = { mid, rowId: id };
  const anew = vault.seal(vault.open(sealed, place), place);
  return changeKeys(context, (tx) => tx.keys.reseal(id, sealed, anew));
}
