import type { Command } from "./command.js";
import { cancel } from "./commands/cancel.js";
import { doctor } from "./commands/doctor.js";
import { escrowStatus } from "./commands/escrow-status.js";
import { init } from "./commands/init.js";
import { link } from "./commands/link.js";
import { migrate } from "./commands/migrate.js";
import { prefix } from "./commands/prefix.js";
import { settle } from "./commands/settle.js";
import { unknowns } from "./commands/unknowns.js";
import { verifySignature } from "./commands/verify-signature.js";
import { worker } from "./commands/worker.js";

/** Every command there is. */
export const commands: readonly Command[] = [
  unknowns,
  settle,
  worker,
  cancel,
  link,
  prefix,
  escrowStatus,
  verifySignature,
  doctor,
  migrate,
  init,
];
