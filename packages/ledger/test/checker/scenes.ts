import { decide } from "../../src/domain/decide.js";
import { deposits, issues, openLink, reversals, settleLinks } from "./accounts.js";
import {
  approvalOutcomes,
  cancelOutcomes,
  markSendings,
  reserveApproval,
  reserveCancel,
  reserveNetCancel,
  reservePage,
  silences,
  staleCancel,
} from "./calls.js";
import { escrowNotices, pageNotices } from "./notices.js";
import { repeats } from "./repeats.js";
import { corrections, foundPayments, resolutions, reviews } from "./staff.js";
import { type Decide, emptyState, type State, type Step } from "./state.js";
import { type Scene, take } from "./walk.js";

type StepsOf = (state: State) => readonly Step[];

/** The order after the first steps of a scene, each by its label. */
function after(stepsOf: StepsOf, labels: readonly string[]): State {
  return steps(emptyState(), stepsOf, labels);
}

function steps(from: State, stepsOf: StepsOf, labels: readonly string[]): State {
  return labels.reduce((state, label) => {
    const step = stepsOf(state).find((each) => each.label === label);
    const taken = step && take(decide as Decide, state, step);
    if (typeof taken !== "object") throw new Error(`No such step: ${label}`);
    return taken.after;
  }, from);
}

const staff: StepsOf = (state) => [...resolutions(state), ...reviews(state)];
const few = <Row>(rows: readonly Row[], most: number, step: Step): Step[] =>
  rows.length < most ? [step] : [];

const cards: StepsOf = (state) => [
  ...few(state.order.approvals, 3, reserveApproval(state, 1000)),
  ...few(state.order.approvals, 2, reserveApproval(state, 1500)),
  ...markSendings(state),
  ...approvalOutcomes(state),
  ...silences(state),
  ...staff(state),
];

const cancels: StepsOf = (state) => [
  ...few(state.order.cancels, 3, reserveCancel(state)),
  ...few(state.order.cancels, 3, reserveCancel(state, 400)),
  ...few(state.order.cancels, 3, staleCancel(state)),
  ...few(state.order.approvals, 2, reserveApproval(state, 1000)),
  ...markSendings(state),
  ...approvalOutcomes(state),
  ...cancelOutcomes(state),
  ...repeats(state),
  ...silences(state),
  ...staff(state),
];

const pages: StepsOf = (state) => [
  ...few(state.order.links, 2, openLink(state, "card", 1000)),
  ...settleLinks(state),
  ...(state.order.approvals.length < 2 ? reservePage(state, "P1") : []),
  ...few(state.order.approvals, 2, reserveApproval(state, 1000)),
  ...few(state.order.cancels, 2, reserveNetCancel(state)),
  ...few(state.order.cancels, 2, reserveCancel(state)),
  ...markSendings(state),
  ...approvalOutcomes(state),
  ...cancelOutcomes(state),
  ...repeats(state),
  ...pageNotices(state, "P1"),
  ...silences(state),
  ...staff(state),
];

const accounts: StepsOf = (state) => [
  ...few(state.order.links, 2, openLink(state, "vbank", 1000)),
  ...few(state.order.links, 2, openLink(state, "vbank", 1500)),
  ...settleLinks(state),
  ...issues(state),
  ...deposits(state, { second: true, strange: true }),
  ...reversals(state, { second: true }),
  ...few(state.order.cancels, 2, reserveCancel(state)),
  ...few(state.order.cancels, 2, reserveCancel(state, 400)),
  ...markSendings(state),
  ...cancelOutcomes(state),
  ...repeats(state),
  ...silences(state),
  ...staff(state),
];

const besides: StepsOf = (state) => [
  ...few(state.order.links, 2, openLink(state, "vbank", 1000)),
  ...few(state.order.links, 2, openLink(state, "vbank", 1500)),
  ...settleLinks(state),
  ...issues(state),
  ...deposits(state),
  ...reversals(state),
  ...few(state.order.approvals, 3, reserveApproval(state, 1000)),
  ...few(state.order.approvals, 3, reserveApproval(state, 1500)),
  ...few(state.order.cancels, 1, reserveCancel(state)),
  ...markSendings(state),
  ...approvalOutcomes(state),
  ...cancelOutcomes(state),
  ...silences(state),
  ...staff(state),
];

const reversed: StepsOf = (state) => [
  ...few(state.order.cancels, 2, reserveCancel(state)),
  ...few(state.order.cancels, 2, reserveCancel(state, 400)),
  ...markSendings(state),
  ...cancelOutcomes(state),
  ...repeats(state),
  ...deposits(state, { second: true }),
  ...reversals(state, { second: true }),
  ...silences(state),
  ...staff(state),
];

const escrow: StepsOf = (state) => [
  ...few(state.order.approvals, 1, reserveApproval(state, 1000)),
  ...few(state.order.cancels, 3, reserveCancel(state, 400)),
  ...few(state.order.cancels, 3, reserveCancel(state)),
  ...few(state.order.cancels, 3, reserveCancel(state, undefined, true)),
  ...markSendings(state),
  ...approvalOutcomes(state),
  ...cancelOutcomes(state),
  ...repeats(state),
  ...escrowNotices(state, [400, 600, 1000]),
  ...silences(state),
  ...staff(state),
];

const corrected: StepsOf = (state) => [
  ...few(state.order.approvals, 2, reserveApproval(state, 1000)),
  ...few(state.order.cancels, 2, reserveCancel(state)),
  ...few(state.order.cancels, 2, reserveCancel(state, 400)),
  ...markSendings(state),
  ...approvalOutcomes(state),
  ...cancelOutcomes(state),
  ...corrections(state),
  ...staff(state),
];

const console_: StepsOf = (state) => [
  ...few(state.order.approvals, 2, reserveApproval(state, 1000)),
  ...few(state.order.cancels, 1, reserveCancel(state, 400)),
  ...markSendings(state),
  ...approvalOutcomes(state),
  ...cancelOutcomes(state),
  ...foundPayments(state),
  ...silences(state),
  ...staff(state),
];

const unknownCard = after(cards, [
  "a card is to be charged 1000",
  "a1 is about to be sent",
  "a1 says: unknown",
]);
const paidByCard = after(cards, ["a card is to be charged 1000", "a1 is about to be sent", "a1 says: yes"]);
const linked = after(pages, ["a link for card and 1000 is requested", "the gateway made l1"]);
const account = [
  "a link for vbank and 1000 is requested",
  "the gateway made l1",
  "the browser shows account V-l1",
];
const issued = after(accounts, account);
const deposited = after(accounts, [...account, "deposit: deposit 1 to V-l1"]);

/** The depth of each scene: the number of steps after its first ones. */
export function scenes(depths: Readonly<Record<SceneName, number>>): Scene[] {
  return (Object.keys(all) as SceneName[]).map((name) => sceneOf(name, depths[name]));
}

export function sceneOf(name: SceneName, depth: number): Scene {
  return { name, depth, ...all[name] };
}

const all = {
  "a card": { from: emptyState(), stepsOf: cards },
  "cancels of a card": { from: paidByCard, stepsOf: cancels },
  "the payment page": { from: linked, stepsOf: pages },
  "an account": { from: issued, stepsOf: accounts },
  "an account beside a card": { from: issued, stepsOf: besides },
  "a reversal beside a cancel": { from: deposited, stepsOf: reversed },
  escrow: { from: paidByCard, stepsOf: escrow },
  "corrected resolutions": { from: unknownCard, stepsOf: corrected },
  "found payments": { from: emptyState(), stepsOf: console_ },
} as const satisfies Record<string, Pick<Scene, "from" | "stepsOf">>;

export type SceneName = keyof typeof all;

/** The state of a scene after some steps, each by its label. */
export function stateAfter(name: SceneName, labels: readonly string[]): State {
  return steps(all[name].from, all[name].stepsOf, labels);
}
