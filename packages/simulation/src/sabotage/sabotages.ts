import { escrowMistakes } from "./escrow.js";
import { eventMistakes } from "./events.js";
import { journalMistakes } from "./journal.js";
import { keyMistakes } from "./keys.js";
import { ledgerMistakes } from "./ledger.js";
import { replyMistakes } from "./replies.js";
import type { Sabotage } from "./sabotage.js";
import { staffMistakes } from "./staff.js";
import { wireMistakes } from "./wire.js";

/** Every mistake that the simulation is shown to find, by name. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  ...wireMistakes,
  ...replyMistakes,
  ...journalMistakes,
  ...keyMistakes,
  ...escrowMistakes,
  ...eventMistakes,
  ...ledgerMistakes,
  ...staffMistakes,
};
