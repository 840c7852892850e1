import type { Ledger } from "@payapi/ledger";

/** Everything that an operator checks daily. */
export async function lookInto(ledger: Ledger) {
  const dueSince = new Date(Date.now() - 14 * 24 * 60 * 60_000); // older accounts were checked before
  return {
    needsReview: await ledger.payments.needsReview(), // calls to look up in the gateway's console, by their oid
    quarantined: await ledger.notifications.list({ effect: "quarantined" }), // match no order, or can't be parsed
    mismatch: await ledger.notifications.list({ effect: "mismatch" }), // contradict the ledger
    unpaidAccounts: await ledger.payments.overdueAccounts({ dueSince }), // perhaps paid, with a lost notification
    journal: await ledger.operations.journal(), // approvals that could not be written to the database
    deadLetters: await ledger.events.deadLetters(), // events whose handler failed ten times
    orphanKeys: await ledger.keys.orphans(), // unused billing keys that may exist at the gateway
    consumers: await ledger.events.consumers(), // how many events wait for each consumer, and since when
    database: await ledger.operations.database(), // { accepted: false }: nothing is sent
  };
}
