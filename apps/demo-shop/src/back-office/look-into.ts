import type {
  DatabaseState,
  DeadLetter,
  JournaledCall,
  Ledger,
  ListedNotification,
  OverdueAccount,
  UnknownCall,
} from "@payapi/ledger";

/** What a person must look into. */
export interface LookInto {
  /** Calls of which nobody knows whether they moved money, or that went otherwise than asked. */
  readonly unknowns: readonly UnknownCall[];
  /** Notifications that fit no order. */
  readonly quarantined: readonly ListedNotification[];
  /** Notifications that contradict the record. */
  readonly conflicting: readonly ListedNotification[];
  /** Virtual accounts past their due date: perhaps paid, and the notification never came. */
  readonly unpaidAccounts: readonly OverdueAccount[];
  /** What the gateway said yes to and no database took. */
  readonly journaled: readonly JournaledCall[];
  /** Events that this shop's own code failed to take ten times. */
  readonly deadLetters: readonly DeadLetter[];
  readonly database: DatabaseState;
}

/** Who looks every day has looked at those before. */
const unpaidDays = 14;

/** Asks the ledger for everything that waits for a person. */
export async function lookInto(ledger: Ledger): Promise<LookInto> {
  const [unknowns, quarantined, conflicting, unpaidAccounts, journaled, deadLetters, database] =
    await Promise.all([
      ledger.unknowns(),
      ledger.notifications({ effect: "quarantined" }),
      ledger.notifications({ effect: "conflicting" }),
      ledger.overdueAccounts({ dueSince: new Date(Date.now() - unpaidDays * 86_400_000) }),
      ledger.journaled(),
      ledger.deadLetters(),
      ledger.database(),
    ]);
  return { unknowns, quarantined, conflicting, unpaidAccounts, journaled, deadLetters, database };
}
