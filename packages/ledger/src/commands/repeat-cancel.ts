import type { CallOutcome, OrderPayment } from "@payapi/core";
import type { Repeat } from "../domain/repeats.js";
import { factsOf } from "../domain/reply-facts.js";
import type { DueCall } from "../store/port.js";
import { changeOrder } from "./change-order.js";
import type { LedgerContext } from "./context.js";
import { deadlineFrom, inTimeToSend } from "./mark-sending.js";
import { idsOf, keepTrying, withJournal } from "./settle.js";

/** The right to one more repeat of an unknown cancel, with the numbers of the first call; `undefined` if somebody else has it. */
export function claimRepeat(context: LedgerContext, { id, orderId }: DueCall): Promise<Repeat | undefined> {
  return changeOrder(
    context,
    orderId,
    (at) => ({ kind: "claim-repeat", id, at, until: endOfRepeat(context, at) }),
    { onlyIfAccepted: true },
  );
}

/** Makes durable that the first byte of a repeat may leave. Marking may come long after the claim: the next repeat waits for it all the same. */
export function markRepeat(context: LedgerContext, { call: { id, orderId }, number }: Repeat): Promise<void> {
  return inTimeToSend(context, (checkClock) =>
    changeOrder(
      context,
      orderId,
      (at) => {
        checkClock(at);
        const deadlineAt = deadlineFrom(context, at);
        return { kind: "mark-repeat", id, number, at, deadlineAt, repeatAt: endOfRepeat(context, at) };
      },
      { onlyIfAccepted: true },
    ),
  );
}

function endOfRepeat(context: LedgerContext, at: Date): Date {
  return new Date(deadlineFrom(context, at).getTime() + context.times.sendingGraceMs);
}

/** Keeps what came of a repeat. */
export function settleRepeat(
  context: LedgerContext,
  { call, number }: Repeat,
  outcome: CallOutcome,
): Promise<OrderPayment> {
  const { alreadyCancelledCodes: codes } = context;
  const { id, orderId } = call;
  const facts = factsOf(outcome);
  const write = () =>
    changeOrder(context, orderId, (at) => ({ kind: "repeat-outcome", id, number, facts, at, codes }), {
      ask: idsOf(facts),
    });
  return withJournal(context, call, facts, (net) => keepTrying(context, () => net.during(write)));
}
