import { payments } from "./0001-payments.js";
import { operatorSettlement } from "./0002-operator-settlement.js";
import { paymentPage } from "./0003-payment-page.js";
import { attemptsRequestsKeys } from "./0004-attempts-requests-keys.js";
import { eventsAndRepeats } from "./0005-events-and-repeats.js";
import { databaseIdentity } from "./0006-database-identity.js";
import { eventQueues } from "./0007-event-queues.js";
import { dueAtTheGateway } from "./0008-due-at-the-gateway.js";
import { rulesOfRows } from "./0009-rules-of-rows.js";
import { foundByPeople } from "./0010-found-by-people.js";

/** One step, as SQL for a quoted schema name and for what identifies its database. */
export interface MigrationStep {
  readonly name: string;
  readonly sql: (schema: string, identity?: "server" | "tables") => string;
}

/** Every migration in order; the number of a migration is its place, from 1. */
export const migrations: readonly MigrationStep[] = [
  { name: "0001-payments", sql: payments },
  { name: "0002-operator-settlement", sql: operatorSettlement },
  { name: "0003-payment-page", sql: paymentPage },
  { name: "0004-attempts-requests-keys", sql: attemptsRequestsKeys },
  { name: "0005-events-and-repeats", sql: eventsAndRepeats },
  { name: "0006-database-identity", sql: databaseIdentity },
  { name: "0007-event-queues", sql: eventQueues },
  { name: "0008-due-at-the-gateway", sql: dueAtTheGateway },
  { name: "0009-rules-of-rows", sql: rulesOfRows },
  { name: "0010-found-by-people", sql: foundByPeople },
];
