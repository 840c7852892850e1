import type { Command } from "./command.js";
import { cancel } from "./commands/cancel.js";
import { close } from "./commands/close.js";
import { database } from "./commands/database.js";
import { doctor } from "./commands/doctor.js";
import { events } from "./commands/events.js";
import { init } from "./commands/init.js";
import { journal } from "./commands/journal.js";
import { keys } from "./commands/keys.js";
import { migrate } from "./commands/migrate.js";
import { notifications } from "./commands/notifications.js";
import { orders } from "./commands/orders.js";
import { resolve } from "./commands/resolve.js";
import { review } from "./commands/review.js";
import { worker } from "./commands/worker.js";

/** Every command there is. */
export const commands: readonly Command[] = [
  review,
  resolve,
  orders,
  close,
  notifications,
  keys,
  events,
  journal,
  database,
  worker,
  cancel,
  doctor,
  migrate,
  init,
];
