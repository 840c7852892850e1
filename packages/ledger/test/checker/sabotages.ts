import { type Fact, decide as right } from "../../src/domain/decide.js";
import type { Changes } from "../../src/domain/order.js";
import type { ApprovalRow, Order } from "../../src/domain/rows.js";
import type { SceneName } from "./scenes.js";
import { type Decide, hour } from "./state.js";

/** A mistake in the decision, and the scene that shows it. */
export interface Sabotage {
  readonly name: string;
  readonly scene: SceneName;
  readonly decide: Decide;
  /** The problem that the checker must report. */
  readonly finds: RegExp;
  /** Whether it takes seconds to find. */
  readonly isDeep?: true;
}

const decide = right as Decide;

/** Calls the real `decide` with another order or fact. */
function asked(change: (order: Order, fact: Fact) => readonly [Order, Fact]): Decide {
  return (order, fact) => decide(...change(order, fact));
}

/** Changes the result of `decide`. */
function decided(change: (changes: Changes, fact: Fact, order: Order) => Partial<Changes>): Decide {
  return (order, fact) => {
    const decision = decide(order, fact);
    return { ...decision, changes: { ...decision.changes, ...change(decision.changes, fact, order) } };
  };
}

function withApprovals(order: Order, change: (row: ApprovalRow) => Partial<ApprovalRow>): Order {
  return { ...order, approvals: order.approvals.map((row) => ({ ...row, ...change(row) })) };
}

const isPaid = (fact: Fact) => fact.kind === "notification" && fact.reported.what === "paid";
const isNews = (fact: Fact, what: string) => fact.kind === "notification" && fact.reported.what === what;

export const sabotages: readonly Sabotage[] = [
  {
    name: "forgets the posting of an approval",
    scene: "a card",
    decide: decided((_, { kind }) => (kind === "outcome" ? { postings: [] } : {})),
    finds: /books have 0 won, and 1000 were proved/,
  },
  {
    name: "posts one side only",
    scene: "a card",
    decide: decided(({ postings }) => ({
      postings: postings.map((posting) => ({ ...posting, entries: posting.entries.slice(0, 1) })),
    })),
    finds: /does not sum to zero/,
  },
  {
    name: "books a deposit again when the other channel reports it",
    scene: "an account",
    decide: asked((order, fact) =>
      isPaid(fact) && fact.kind === "notification"
        ? [withApprovals(order, () => ({ deposits: [] })), { ...fact, row: { ...fact.row, kind: "deposit" } }]
        : [order, fact],
    ),
    finds: /books have/,
  },
  {
    name: "takes silence for a call that was not sent",
    scene: "a card",
    decide: asked((order, fact) => [
      order,
      fact.kind === "silence" ? { ...fact, outcome: "not-sent" } : fact,
    ]),
    finds: /given up by silence/,
  },
  {
    name: "accepts another amount than was asked",
    scene: "a card",
    decide: asked((order, fact) => [
      order,
      fact.kind === "outcome" ? { ...fact, facts: { ...fact.facts, reportedPrice: null } } : fact,
    ]),
    finds: /books have 1000 won, and 1100 were proved/,
  },
  {
    name: "accepts another order's transaction",
    scene: "a card",
    decide: asked((order, fact) => [{ ...order, taken: { tids: [], cancelTids: [] } }, fact]),
    finds: /paid without a proof/,
  },
  {
    name: "lets a second approval live beside an unknown one",
    scene: "a card",
    decide: asked((order, fact) => [
      fact.kind === "reserve-approval"
        ? withApprovals(order, ({ state }) => (state === "unknown" ? { state: "declined" } : {}))
        : order,
      fact,
    ]),
    finds: /may be charged|two approvals/,
  },
  {
    name: "ignores that the order costs something else by now",
    scene: "an account",
    decide: asked((order, fact) => {
      if (fact.kind !== "notification") return [order, fact];
      return [{ ...order, links: order.links.filter(({ oid }) => oid === fact.reported.oid) }, fact];
    }),
    finds: /what the order cost before/,
  },
  {
    name: "believes an operator before the gateway must have answered",
    scene: "a card",
    decide: asked((order, fact) => [
      order,
      fact.kind === "resolution" ? { ...fact, at: new Date(fact.at.getTime() + 400 * hour) } : fact,
    ]),
    finds: /believed: too early/,
  },
  {
    name: "gives back more than remains",
    scene: "cancels of a card",
    decide: asked((order, fact) => [
      fact.kind === "reserve-cancel" ? withApprovals(order, ({ price }) => ({ remaining: price })) : order,
      fact,
    ]),
    finds: /won are to be refunded|remain/,
  },
  {
    name: "frees a payment while its cancel is open",
    scene: "cancels of a card",
    decide: decided(({ approvals }, { kind }) =>
      kind === "reserve-cancel"
        ? { approvals: approvals.map((row) => ({ ...row, openCancel: null, held: 0 })) }
        : {},
    ),
    finds: /two cancels|refunded|hold/,
  },
  {
    name: "marks a call without changing its state",
    scene: "a card",
    decide: decided((_, { kind }) => (kind === "mark-sending" ? { approvals: [] } : {})),
    finds: /may be sent twice/,
  },
  {
    name: "repeats a partial cancel",
    scene: "cancels of a card",
    decide: asked((order, fact) => [
      fact.kind === "claim-repeat"
        ? { ...order, cancels: order.cancels.map((row) => ({ ...row, repeatAt: row.createdAt })) }
        : order,
      fact,
    ]),
    finds: /a partial cancel is repeated/,
  },
  {
    name: "believes a stranger",
    scene: "an account",
    decide: asked((order, fact) => [
      order,
      fact.kind === "notification" ? { ...fact, believed: true } : fact,
    ]),
    finds: /a stranger changed the order|books have/,
  },
  {
    name: "tells nobody that an order needs review",
    scene: "a card",
    decide: decided(({ events }) => ({ events: events.filter(({ kind }) => kind !== "needs-review") })),
    finds: /no event reports it/,
  },
  {
    name: "does not book escrow money that the console gave back",
    scene: "escrow",
    decide: decided((_, fact) => (isNews(fact, "cancelled") ? { postings: [] } : {})),
    finds: /books have 1000 won, and 600 were proved/,
  },
  {
    name: "takes the console's cancel for an earlier one of ours of the same amount",
    scene: "escrow",
    decide: decided((_, fact, { cancels }) => {
      const isSame = cancels.some(
        (row) =>
          row.state === "done" && fact.kind === "notification" && row.cancelPrice === fact.reported.price,
      );
      return isNews(fact, "cancelled") && isSame ? { approvals: [], postings: [], events: [] } : {};
    }),
    finds: /books have 600/,
  },
  {
    name: "takes the notification of our cancel for the console's where the reply named another amount",
    scene: "escrow",
    decide: asked((order, fact) => {
      const isMismatched = order.cancels.some(
        ({ reportedPrice, cancelPrice }) => reportedPrice !== null && reportedPrice !== cancelPrice,
      );
      if (fact.kind !== "notification" || !isMismatched) return [order, fact];
      return [order, { ...fact, reported: { ...fact.reported, tid: "K9" } }];
    }),
    finds: /books have -?\d+ won, and .* were proved|order of arrival/,
  },
  {
    name: "books a deposit again that came while a card was charged",
    scene: "an account beside a card",
    decide: asked((order, fact) => [
      isPaid(fact) ? withApprovals(order, () => ({ mismatches: [] })) : order,
      fact,
    ]),
    isDeep: true,
    finds: /books have 2000 won, and 1000 were proved|order of arrival/,
  },
  {
    name: "books the reversal again that made our cancel say already cancelled",
    scene: "a reversal beside a cancel",
    decide: asked((order, fact) => [
      isNews(fact, "reversed")
        ? { ...order, cancels: order.cancels.map((row) => ({ ...row, failureCode: null })) }
        : order,
      fact,
    ]),
    isDeep: true,
    finds: /books have -1000 won, and 0/,
  },
  {
    name: "takes already cancelled for a cancel of ours though the bank took the deposit back",
    scene: "a reversal beside a cancel",
    decide: asked((order, fact) => [
      fact.kind === "repeat-outcome"
        ? withApprovals(order, ({ mismatches }) => ({
            mismatches: mismatches.filter(({ kind }) => kind !== "reversal"),
          }))
        : order,
      fact,
    ]),
    isDeep: true,
    finds: /books have -1000 won, and 0|order of arrival/,
  },
  {
    name: "keeps an order off the list though money of it is booked after its review",
    scene: "escrow",
    decide: decided((_, __, { reviewed }) => (reviewed ? { reviewed } : {})),
    isDeep: true,
    finds: /stays reviewed/,
  },
  {
    name: "forgets the posting of a correction",
    scene: "corrected resolutions",
    decide: decided((_, fact) =>
      fact.kind === "resolution" && fact.resolution.corrects === true ? { postings: [] } : {},
    ),
    finds: /books have/,
  },
  {
    name: "corrects what a report has confirmed",
    scene: "corrected resolutions",
    decide: asked((order, fact) =>
      fact.kind === "resolution" && fact.resolution.corrects === true
        ? [withApprovals(order, () => ({ settledBy: "operator" })), fact]
        : [order, fact],
    ),
    finds: /an operator is believed: it is confirmed/,
  },
  {
    name: "forgets that a found payment was refunded",
    scene: "found payments",
    decide: asked((order, fact) => [
      order,
      fact.kind === "found-payment" ? { ...fact, found: { ...fact.found, cancelled: 0 } } : fact,
    ]),
    finds: /books have/,
  },
];
