import type { ApprovalRow, CancelRow } from "@payapi/ledger/internal";
import type { Transaction } from "@payapi/sandbox";
import type { HeardYes } from "../world/gateway.js";
import { isAlarm, isCharge, isOf, movedNothing } from "./legal-steps.js";
import type { SeenOrder } from "./observer.js";

/** The success replies that the shop received, and whether they were right. */
export class HeardReplies {
  constructor(readonly list: readonly HeardYes[]) {}

  /** The reply to an approval, if it arrived and was wrong. */
  wrongFor(row: ApprovalRow): HeardYes | undefined {
    return this.list.find((yes) => isWrong(yes) && this.#isAbout(yes, row));
  }

  /** The replies to a cancel and its repeats. */
  forCancel(cancel: CancelRow, payment: ApprovalRow): readonly HeardYes[] {
    const tid = cancel.netCancel ? payment.authTid : payment.tid;
    return this.list.filter(
      (yes) =>
        yes.tid === tid &&
        (yes.operation === "payments.cancelPartially"
          ? yes.cancelPrice === cancel.cancelPrice && yes.confirmPrice === cancel.confirmPrice
          : yes.operation === cancel.operation),
    );
  }

  /** Whether a reply to any call of an order was wrong. */
  areWrong({ approvals, cancels }: SeenOrder): boolean {
    return (
      approvals.some((row) => this.wrongFor(row) !== undefined) ||
      cancels.some((cancel) => {
        const payment = approvals.find(({ id }) => id === cancel.approvalId);
        return payment !== undefined && this.forCancel(cancel, payment).some(isWrong);
      })
    );
  }

  /**
   * The difference between the books that a wrong reply causes until an operator reviews it: the gateway's won, less the ledger's, which
   * books the amounts of the replies.
   */
  leftBetween(seen: SeenOrder, booked: readonly Transaction[]): number {
    const posted = (isIts: (posting: SeenOrder["postings"][number]) => boolean) =>
      seen.postings
        .filter(isIts)
        .flatMap(({ entries }) => entries)
        .reduce((sum, { account, amount }) => sum + (account === "gateway" ? amount : 0), 0);
    const wrong = seen.approvals.filter((row) => {
      const isLeft = isAlarm(row.state) || (movedNothing(row.state) && row.mismatchAt !== null);
      return isLeft && this.wrongFor(row) !== undefined;
    });
    const ofApprovals = wrong.map((row) => {
      const taken = booked.find((paid) => isOf(row, paid))?.remaining ?? 0;
      return taken - posted(({ approvalId }) => approvalId === row.id);
    });
    const ofCancels = seen.cancels.map((cancel) => {
      const payment = seen.approvals.find(({ id }) => id === cancel.approvalId);
      if (cancel.state !== "mismatch" || payment === undefined || wrong.includes(payment)) return 0;
      if (!this.forCancel(cancel, payment).some(isWrong)) return 0;
      const paid = booked.find((each) => isOf(payment, each));
      // A net cancel may arrive before the payment, and then refunds nothing.
      const isInBook = paid?.cancels.some(
        ({ price, remaining }) => price === cancel.cancelPrice && remaining === cancel.confirmPrice,
      );
      const given = isInBook ? cancel.cancelPrice : 0;
      return -given - posted(({ cancelId }) => cancelId === cancel.id);
    });
    return [...ofApprovals, ...ofCancels].reduce((sum, won) => sum + won, 0);
  }

  /** A state that only a wrong reply can cause. */
  falseCertainty({ approvals, cancels }: SeenOrder): string | undefined {
    for (const row of approvals) {
      const heard = this.wrongFor(row);
      if (heard === undefined || row.mismatchAt !== null || row.settledBy !== "call") continue;
      // The net cancel that undid it did not depend on the reply.
      const isUndone = row.state === "net_cancelled";
      if (!isAlarm(row.state) && row.state !== "unknown" && !isUndone) {
        return `${row.oid} is ${row.state}, by a reply with a wrong ${heard.wrong}`;
      }
    }
    for (const cancel of cancels) {
      const payment = approvals.find(({ id }) => id === cancel.approvalId);
      const isOurs = cancel.settledBy === "call" || cancel.settledBy === "recovery";
      // It may have ended by "already cancelled" instead of a success.
      const isByYes = cancel.resultCode !== "01";
      if (payment === undefined || cancel.state !== "done" || !isOurs || !isByYes) continue;
      const heard = this.forCancel(cancel, payment);
      if (heard.length > 0 && heard.every(isWrong) && payment.mismatchAt === null) {
        return `a cancel of ${payment.oid} is done, by a reply with a wrong ${heard[0]?.wrong}`;
      }
    }
    return undefined;
  }

  #isAbout({ operation, oid, tid }: HeardYes, row: ApprovalRow): boolean {
    if (operation === "page.approve") return row.authTid !== null && tid === row.authTid;
    return isCharge(operation) && oid === row.oid;
  }
}

/** An unreadable reply proves nothing and states nothing wrong. */
function isWrong({ wrong }: HeardYes): boolean {
  return wrong !== undefined && wrong !== "garbage";
}
