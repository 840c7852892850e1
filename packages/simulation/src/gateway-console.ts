import { maskCardNumbers } from "@payapi/core";
import type { ListedNotification } from "@payapi/ledger";
import type { InProcessSandbox } from "@payapi/sandbox/in-process";

/** The gateway writes times to the second. */
const toTheSecondMs = 1_000;

/** What the staff finds in the gateway's console about a notification: its transaction, if the console shows what it tells of. */
export function tidShownFor(sandbox: InProcessSandbox, notification: ListedNotification): string | undefined {
  const { kind, event, oid, price, occurredAt } = notification;
  const { book } = sandbox;
  const isShown = (tid: string) => maskCardNumbers(tid) === maskCardNumbers(notification.tid);
  const isThen = (at: string) => {
    const passed = Date.parse(at) - (occurredAt?.getTime() ?? 0);
    return 0 <= passed && passed < toTheSecondMs;
  };
  if (event === "account-issued") {
    return book.accounts.find((account) => account.oid === oid && isShown(account.tid))?.tid;
  }
  const paid = book.transactions.filter((each) => each.oid === oid);
  if (kind === "escrow") {
    const isCancel = (cancel: { readonly price: number }) => price === undefined || cancel.price === price;
    const cancelled = paid.filter(({ cancels }) => cancels.some(isCancel));
    const shown = cancelled.flatMap(({ tid, cancels }) => [
      tid,
      ...cancels.filter(isCancel).map((cancel) => cancel.tid),
    ]);
    return cancelled.length === 0 ? undefined : (shown.find(isShown) ?? notification.tid);
  }
  if (event === "reversed") {
    const isReversal = (cancel: (typeof paid)[number]["cancels"][number]) =>
      cancel.kind === "reversal" && cancel.price === price && isThen(cancel.at);
    return paid.find(({ tid, cancels }) => isShown(tid) && cancels.some(isReversal))?.tid;
  }
  return paid.find((each) => isShown(each.tid) && each.price === price && isThen(each.approvedAt))?.tid;
}
