import type { Ledger } from "@payapi/ledger";

/** What a person must look into, every morning. */
export async function lookInto(ledger: Ledger) {
  const dueSince = new Date(Date.now() - 14 * 24 * 60 * 60_000); // those before were looked at
  return {
    unknowns: await ledger.payments.needsReview(), // calls to search the gateway's console for, by their oid
    quarantined: await ledger.notifications.list({ effect: "quarantined" }), // fit no order, or cannot be read
    mismatch: await ledger.notifications.list({ effect: "mismatch" }), // contradict the record
    unpaidAccounts: await ledger.payments.overdueAccounts({ dueSince }), // perhaps paid, and the notification never came
    journaled: await ledger.operations.journal(), // yes of the gateway that no database took
    deadLetters: await ledger.events.deadLetters(), // events your own code failed to take ten times
    orphanKeys: await ledger.keys.orphans(), // billing keys that may be alive at the gateway, and nobody uses
    consumers: await ledger.events.consumers(), // how many events wait for your own code, and since when
    database: await ledger.operations.database(), // { accepted: false }: nothing is sent
  };
}
