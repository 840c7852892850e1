import type { NotificationReceipt } from "@payapi/core";
import type { NotificationKind } from "@payapi/core/notifications";
import type { NotificationReason } from "../domain/notification-rows.js";

/** What the ledger offers for notifications beside core's `NotificationStore`. */
export interface NotificationExtras {
  /** What the gateway notified about, newest first. */
  notifications(options?: NotificationListOptions): Promise<readonly ListedNotification[]>;
  /**
   * Judges a quarantined notification again as one from a listed source, with the word of an operator; says what became of it.
   * One that is `unrecognised` is ignored by it: whoever releases it has looked into what it says.
   *
   * @throws LedgerError `no-such-call` if none that is quarantined has this id; `masked-tid` if it must be given with its `tid`;
   * `invalid-argument` if the `tid` is not the one that was notified. Nothing was changed then.
   */
  releaseNotification(id: string, word: NotificationWord): Promise<NotificationReceipt>;
}

/** Who vouches for a notification, and by what it was seen to be true; kept for ever. Not for card data. */
export interface NotificationWord {
  readonly actor: string;
  readonly evidence: string;
  /**
   * Its transaction, as the gateway's console shows it. Needed only where `tidIsMasked`, because a stranger may have written it and
   * its digits might be a card's; compared with what was notified.
   */
  readonly tid?: string;
}

export interface NotificationListOptions {
  /** Only those with this effect; `quarantined` and `conflicting` ones are for an operator. */
  readonly effect?: NotificationReceipt["effect"];
  /** At most this many, 50; at most 500. */
  readonly limit?: number;
  /** The `position` of the last notification of the page before. */
  readonly before?: number;
}

/** A notification in a list. */
export interface ListedNotification {
  readonly id: string;
  /** Where it stands in the list: rises with every notification. */
  readonly position: number;
  readonly receivedAt: Date;
  readonly kind: NotificationKind;
  /** What it reports: its `event`, or its `status` for escrow. */
  readonly event: string;
  readonly effect: NotificationReceipt["effect"];
  /** Why it was not simply applied. */
  readonly reason?: NotificationReason;
  readonly orderId?: string;
  readonly oid?: string;
  readonly tid: string;
  /** Whether `tid` is kept masked, since a stranger may have written it: whoever releases the notification must name it. */
  readonly tidIsMasked: boolean;
  /** Won it is about. */
  readonly price?: number;
  readonly account?: string;
  readonly occurredAt?: Date;
  readonly source: { readonly address?: string; readonly listed: boolean };
  /** The operator who released it from quarantine. */
  readonly released?: Omit<NotificationWord, "tid"> & { readonly at: Date };
  /** How often it came again. */
  readonly repeats: number;
  /** Every field as it came, under the gateway's own names; secrets are redacted. */
  readonly fields: Readonly<Record<string, string>>;
}
