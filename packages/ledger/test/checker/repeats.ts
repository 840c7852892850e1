import { factsOf } from "../../src/domain/facts.js";
import { alreadies, alreadyCode, codes, left, type Said, tidOf } from "./calls.js";
import { hour, type Movement, type State, type Step } from "./state.js";

/** Recovery repeats unknown full cancels and net cancels. */
export function repeats(state: State): Step[] {
  const { order, now } = state;
  return order.cancels.flatMap((row): Step[] => {
    const { id, repeats: number } = row;
    const at = new Date(now + hour);
    const until = new Date(at.getTime() + 90_000);
    const approval = order.approvals.find((each) => each.id === row.approvalId);
    const of = approval === undefined ? "" : tidOf(approval);
    const name = row.netCancel ? `undo ${of}` : `give ${id}`;
    const certainty = row.netCancel && approval?.state !== "approved" ? "likely" : "proved";
    const own: Movement = { id: name, of, won: -row.cancelPrice, certainty };
    const done = state.movements.some((each) => each.id === name);
    const can = done || left(state, of) >= row.cancelPrice;
    const isBlind = row.netCancel && left(state, of) === 0 && !done;
    const already = { outcome: "refused", resultCode: alreadyCode, code: "refused" } as const;
    const cancelledAt = row.sendingAt ?? at;
    const outcomes: readonly Said[] = [
      ...(isBlind ? [{ name: "yes", outcome: { outcome: "succeeded", at: cancelledAt } as const }] : []),
      ...(can
        ? [
            {
              name: "yes",
              outcome: {
                outcome: "succeeded",
                price: row.cancelPrice,
                remainingPrice: 0,
                at: cancelledAt,
              } as const,
              tells: [own],
            },
          ]
        : []),
      // The first call succeeded.
      ...(can && !isBlind
        ? [
            {
              name: "already cancelled, by the first",
              outcome: already,
              tells: [{ ...own, certainty: "likely" as const }],
            },
          ]
        : []),
      ...alreadies(state, of),
      { name: "no", outcome: { outcome: "refused", resultCode: "51" } },
      { name: "unknown", outcome: { outcome: "unknown" } },
      { name: "not sent", outcome: { outcome: "not-sent" } },
    ];
    const isRunning =
      state.sent.includes(`${id} again ${number}`) && !state.heard.includes(`${id} again ${number}`);
    return [
      { label: `${id} is to be repeated`, source: "command", fact: { kind: "claim-repeat", id, at, until } },
      // The process that claimed a repeat marks it once.
      ...(number > 0 && !state.sent.includes(`${id} again ${number}`)
        ? [
            {
              label: `repeat ${number} of ${id} is about to be sent`,
              source: "command" as const,
              fact: { kind: "mark-repeat" as const, id, number, at, deadlineAt: until, repeatAt: until },
              sends: `${id} again ${number}`,
            },
          ]
        : []),
      ...(isRunning
        ? outcomes.map(
            ({ name: what, outcome, tells = [] }): Step => ({
              label: `repeat ${number} of ${id} says: ${what}`,
              source: "report",
              fact: { kind: "repeat-outcome", id, number, facts: factsOf(outcome), at, codes },
              tells,
              hears: `${id} again ${number}`,
            }),
          )
        : []),
    ];
  });
}
