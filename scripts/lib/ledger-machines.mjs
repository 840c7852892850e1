import { factsOf } from "../../packages/ledger/dist/domain/facts.js";

/** The facts that the page of states shows, and the sequences that lead to each state. */

const start = Date.parse("2026-05-01T03:00:00Z");
const at = (minutes) => new Date(start + minutes * 60_000);
const orderId = "42";
const price = 10_000;
const note = { actor: "kim", evidence: "console", seenEntries: 0 };

const reserveCard = {
  kind: "reserve-approval",
  request: { orderId, price, payType: "card" },
  newId: "a1",
  at: at(0),
};
const reservePage = (oid) => ({
  kind: "reserve-approval",
  request: { orderId, price, payType: "card", page: { oid, tid: "P1" } },
  newId: "a1",
  at: at(0),
});
const mark = (kind, id) => ({ kind: "mark-sending", call: { kind, id }, at: at(1), deadlineAt: at(2) });
const reply = (kind, id, outcome) => ({
  kind: "outcome",
  call: { kind, id },
  facts: factsOf(outcome),
  at: at(2),
  alreadyCancelledCodes: ["01"],
});
const silence = (kind, id, state) => ({
  kind: "silence",
  call: { kind, id, state },
  outcome: state === "reserved" ? "not-sent" : "unknown",
  at: at(5),
});
const resolution = (fields, minutes = 60) => ({
  kind: "resolution",
  resolution: { ...note, ...fields },
  at: at(minutes),
  sendingGraceMs: 30_000,
});
const found = (fields) => ({
  kind: "found-payment",
  found: { oid: "42-1", tid: "T1", price, cancelled: 0, payType: "card", ...fields },
  newId: "f1",
  at: at(60),
  note,
});
const refusedAlready = { outcome: "refused", code: "refused", resultCode: "01" };

const yes = { outcome: "succeeded", tid: "T1", price };
const ofCard = (outcome) => reply("approval", "a1", outcome);
const sentCard = [reserveCard, mark("approval", "a1")];
const unknownCard = [...sentCard, ofCard({ outcome: "unknown" })];
const only = (test, fact) => (order) =>
  test(order) ? (typeof fact === "function" ? fact(order) : fact) : undefined;
const a1 = ({ approvals }) => approvals.find(({ id }) => id === "a1");
const c1 = ({ cancels }) => cancels.find(({ id }) => id === "c1");

const cardFacts = {
  "another card is to be charged": () => ({ ...reserveCard, newId: "a2", at: at(100) }),
  "it is about to be sent": only((order) => a1(order)?.state === "reserved", mark("approval", "a1")),
  "the reply says yes": () => ofCard(yes),
  "the reply says yes, another amount": () => ofCard({ ...yes, price: 9_000 }),
  "the reply says yes, without a transaction id": () => ofCard({ outcome: "succeeded", price }),
  "the reply says yes, in another order's transaction": () => ofCard({ ...yes, tid: "T-other" }),
  "the reply says no": () => ofCard({ outcome: "refused", resultCode: "51" }),
  "the reply says that the order number was approved before": () =>
    ofCard({ outcome: "refused", resultCode: "1001" }),
  "nothing was sent": () => ofCard({ outcome: "not-sent" }),
  "no complete reply came": () => ofCard({ outcome: "unknown" }),
  "its process fell silent": (order) => {
    const state = a1(order)?.state;
    return state === "reserved" || state === "sending" ? silence("approval", "a1", state) : undefined;
  },
  "an operator saw that it moved": only(
    (order) => a1(order) !== undefined,
    resolution({ outcome: "moved", tid: "T1" }),
  ),
  "an operator saw that it did not move": only(
    (order) => a1(order) !== undefined,
    resolution({ outcome: "not-moved" }),
  ),
  "the console has the payment": () => found({}),
  "the console has another payment of the order": () => found({ oid: "42-9", tid: "T9" }),
  "the console has the payment, cancelled": () => found({ cancelled: price }),
  "an operator saw within ten minutes that it did not move": only(
    (order) => a1(order)?.state === "unknown",
    resolution({ outcome: "not-moved" }, 4),
  ),
};

const card = {
  title: "A card",
  intro: "One attempt to charge a card, or a billing key, for 10,000 won. An order has one live attempt.",
  stateOf: (order) => a1(order)?.state,
  setups: {
    "no attempt": [],
    reserved: [reserveCard],
    sending: sentCard,
    unknown: unknownCard,
    approved: [...sentCard, ofCard(yes)],
    declined: [...sentCard, ofCard({ outcome: "refused", resultCode: "51" })],
    not_sent: [...sentCard, ofCard({ outcome: "not-sent" })],
    settled_not_moved: [...unknownCard, resolution({ outcome: "not-moved" })],
    approved_mismatch: [...sentCard, ofCard({ ...yes, price: 9_000 })],
    approved_no_tid: [...sentCard, ofCard({ outcome: "succeeded", price })],
    mismatch: [...sentCard, ofCard({ ...yes, tid: "T-other" })],
  },
  facts: cardFacts,
};

const reserveCancel = (part) => ({
  kind: "reserve-cancel",
  request: {
    orderId,
    ...(part === undefined ? {} : { part: { cancelPrice: part, confirmPrice: price - part } }),
  },
  newId: "c1",
  at: at(10),
});
const markCancel = { ...mark("cancel", "c1"), at: at(11), deadlineAt: at(12) };
const ofCancel = (outcome) => ({ ...reply("cancel", "c1", outcome), at: at(13) });
const paid = [...sentCard, ofCard(yes)];
const sentCancel = [...paid, reserveCancel(), markCancel];
const unknownCancel = [...sentCancel, ofCancel({ outcome: "unknown" })];
const claim = { kind: "claim-repeat", id: "c1", at: at(20), until: at(22) };
const repeated = (outcome) => ({
  kind: "repeat-outcome",
  id: "c1",
  number: 1,
  facts: factsOf(outcome),
  at: at(21),
  codes: ["01"],
});
const isClaimed = (order) => (c1(order)?.repeats ?? 0) > 0;
const cancelYes = { outcome: "succeeded", price, remainingPrice: 0 };

const cancel = {
  title: "A full cancel",
  intro:
    "All 10,000 won of a paid order are to be given back. A full cancel is bounded by its transaction, so recovery repeats it identically where its outcome is unknown; a partial one is never repeated.",
  stateOf: (order) => c1(order)?.state,
  setups: {
    reserved: [...paid, reserveCancel()],
    sending: sentCancel,
    unknown: unknownCancel,
    "unknown, being repeated": [...unknownCancel, claim],
    done: [...sentCancel, ofCancel(cancelYes)],
    refused: [...sentCancel, ofCancel({ outcome: "refused", resultCode: "51" })],
    not_sent: [...sentCancel, ofCancel({ outcome: "not-sent" })],
    settled_not_moved: [...unknownCancel, resolution({ outcome: "not-moved" })],
    mismatch: [...sentCancel, ofCancel({ ...cancelYes, price: 9_000 })],
  },
  facts: {
    "another cancel is asked for": () => ({ ...reserveCancel(), newId: "c2", at: at(100) }),
    "another approval is asked for": () => ({ ...reserveCard, newId: "a2", at: at(100) }),
    "it is about to be sent": only((order) => c1(order)?.state === "reserved", markCancel),
    "the reply says yes": () => ofCancel(cancelYes),
    "the reply says yes, another amount": () => ofCancel({ ...cancelYes, price: 9_000 }),
    "the reply says no": () => ofCancel({ outcome: "refused", resultCode: "51" }),
    "the reply says already cancelled": () => ofCancel(refusedAlready),
    "nothing was sent": () => ofCancel({ outcome: "not-sent" }),
    "no complete reply came": () => ofCancel({ outcome: "unknown" }),
    "its process fell silent": (order) => {
      const state = c1(order)?.state;
      return state === "reserved" || state === "sending" ? silence("cancel", "c1", state) : undefined;
    },
    "recovery asks to repeat it": only((order) => c1(order)?.state === "unknown" && !isClaimed(order), claim),
    "the repeat's reply says yes": only(isClaimed, repeated(cancelYes)),
    "the repeat's reply says already cancelled": only(isClaimed, repeated(refusedAlready)),
    "the repeat's reply says no": only(isClaimed, repeated({ outcome: "refused", resultCode: "51" })),
    "an operator saw that it moved": () => resolution({ outcome: "moved" }),
    "an operator saw that it did not move": () => resolution({ outcome: "not-moved" }),
  },
};

const notice =
  (kind, name, reported, changes = {}) =>
  (order) => ({
    kind: "notification",
    reported: {
      mid: "shop",
      oid: undefined,
      price,
      payType: "vbank",
      account: "110-1",
      ...nothing,
      ...reported,
    },
    row: {
      id: "n",
      mid: "shop",
      dedupeKey: name,
      beside: false,
      fingerprint: name,
      kind,
      event: reported.what,
      listed: true,
      receivedAt: at(200),
      oid: reported.oid,
      tid: reported.tid,
      price,
    },
    believed: true,
    isReleased: false,
    reportedOtherwise: false,
    newId: `a${order.approvals.length + 1}`,
    ...changes,
  });
const nothing = { bankCode: undefined, applNum: undefined, at: undefined };
const openLink = (payType, wanted = price) => ({
  kind: "open-link",
  request: { orderId, price: wanted, payType },
  token: `l${wanted}`,
  at: at(wanted === price ? 0 : 90),
  makingMs: 60_000,
});
const account = { oid: "42-L1", tid: "V1" };
const issued = notice("mobile", "issued", { ...account, what: "issued" });
const first = { ...account, what: "paid", at: at(100) };
const deposit1 = notice("deposit", "deposit 1", first);
const deposit1ByPage = notice("mobile", "deposit 1 by the page", first);
const deposit2 = notice("deposit", "deposit 2", { ...first, at: at(160) });
const reversal = notice("deposit", "reversal 1", { ...account, what: "reversed", at: at(180) });
const waiting = [openLink("vbank"), issued];
const cardBeside = [
  { ...reserveCard, newId: "a9", at: at(50) },
  mark("approval", "a9"),
  reply("approval", "a9", yes),
];

const accounts = {
  title: "A virtual account",
  intro:
    "An account waits for 10,000 won. The gateway reports each deposit by up to two channels: its deposit notification and the page's. Each channel reports a deposit once, so two reports by one channel, or reports that lie more than ten minutes apart, are two deposits.",
  stateOf: (order) => a1(order)?.state,
  setups: {
    "awaiting deposit": waiting,
    "awaiting deposit, the order costs 20,000 by now": [
      ...waiting,
      { kind: "settle-link", token: "l10000", url: "u", at: at(1) },
      openLink("vbank", 20_000),
    ],
    "awaiting deposit, a card paid the order": [...waiting, ...cardBeside],
    deposited: [...waiting, deposit1],
    "deposited by both channels": [...waiting, deposit1, deposit1ByPage],
    "deposited twice": [...waiting, deposit1, deposit2],
    "reversed before its deposit was reported": [...waiting, reversal],
    "deposited, a cancel of ours is unknown": [
      ...waiting,
      deposit1,
      { ...reserveCancel(), at: at(210) },
      { ...markCancel, at: at(211), deadlineAt: at(212) },
      ofCancel({ outcome: "unknown" }),
    ],
    "deposited, our cancel was repeated: already cancelled": [
      ...waiting,
      deposit1,
      reserveCancel(),
      markCancel,
      ofCancel({ outcome: "unknown" }),
      claim,
      repeated(refusedAlready),
    ],
  },
  facts: {
    "a deposit is reported": () => deposit1,
    "the same deposit is reported by the page": () => deposit1ByPage,
    "a second deposit is reported": () => deposit2,
    "a second deposit is reported by the page": () =>
      notice("mobile", "deposit 2 by the page", { ...first, at: at(160) }),
    "a deposit of another amount is reported": () => notice("deposit", "other", { ...first, price: 9_000 }),
    "a deposit to another account is reported": () =>
      notice("deposit", "other account", { ...first, account: "999" }),
    "a stranger reports a deposit": () => notice("deposit", "stranger", first, { believed: false }),
    "a reversal is reported": () => reversal,
    "an operator saw a deposit": () => resolution({ outcome: "moved", tid: "V1" }, 60 * 24 * 20),
    "an operator saw that no deposit came": () => resolution({ outcome: "not-moved" }, 60 * 24 * 20),
  },
};

const pageTaken = [openLink("card"), reservePage("42-L1"), mark("approval", "a1")];
const pageUnknown = [...pageTaken, ofCard({ outcome: "unknown" })];
const netCancel = { kind: "reserve-cancel", request: { orderId, netCancel: true }, newId: "c1", at: at(3) };
const undoing = [...pageUnknown, netCancel, { ...mark("cancel", "c1"), at: at(3), deadlineAt: at(4) }];
const pageYes = { ...yes, tid: "P1", at: at(1) };
const ofUndo = (outcome) => ({ ...reply("cancel", "c1", outcome), at: at(5) });
const approvedNotice = notice("mobile", "approved", {
  oid: "42-L1",
  tid: "P1",
  payType: "card",
  account: undefined,
  what: "paid",
  at: at(1),
});

const page = {
  title: "The payment page",
  intro:
    "The buyer authenticated on the gateway's page, and we approve. Where that is unknown, a net cancel undoes it.",
  stateOf: (order) => a1(order)?.state,
  setups: {
    sending: pageTaken,
    unknown: pageUnknown,
    "unknown, a net cancel is under way": undoing,
    "net-cancelled": [...undoing, ofUndo({ outcome: "succeeded", at: at(5) })],
    approved: [...pageTaken, ofCard(pageYes)],
    declined: [...pageTaken, ofCard({ outcome: "refused", resultCode: "51" })],
  },
  facts: {
    "a net cancel is asked for": () => ({ ...netCancel, newId: "c9" }),
    "the approval's reply says yes": () => ofCard(pageYes),
    "the approval's reply says no": () => ofCard({ outcome: "refused", resultCode: "51" }),
    "the page notifies that it approved": () => approvedNotice,
    "the net cancel's reply says yes": only(
      (order) => c1(order)?.state === "sending",
      ofUndo({ outcome: "succeeded", at: at(5) }),
    ),
    "the net cancel's reply says no": only(
      (order) => c1(order)?.state === "sending",
      ofUndo({ outcome: "refused", resultCode: "51" }),
    ),
    "the net cancel comes to nothing known": only(
      (order) => c1(order)?.state === "sending",
      ofUndo({ outcome: "unknown" }),
    ),
    "an operator saw that it was approved": () =>
      resolution({ outcome: "moved", tid: "P1", about: "approval" }),
    "an operator saw that it was not": () => resolution({ outcome: "not-moved", about: "approval" }),
  },
};

const part = { ...reserveCancel(4_000) };
const partYes = { outcome: "succeeded", price: 4_000, remainingPrice: 6_000, cancelTid: "C1" };
const escrowNotice = (name, tid, won) =>
  notice("escrow", name, {
    oid: "42-1",
    tid,
    price: won,
    payType: "card",
    account: undefined,
    what: "cancelled",
    at: at(300),
  });

const escrow = {
  title: "Escrow money that goes back",
  intro:
    "The gateway notifies of each cancel of an escrow payment: of ours and of those in its console. The notification of a partial cancel names that cancel's own transaction.",
  stateOf: (order) => c1(order)?.state,
  setups: {
    "paid, no cancel of ours": paid,
    "our cancel of 4,000 is reserved": [...paid, part],
    "our cancel of 4,000 is unknown": [...paid, part, markCancel, ofCancel({ outcome: "unknown" })],
    "our cancel of 4,000 is done": [...paid, part, markCancel, ofCancel(partYes)],
    "our cancel of 4,000 is unknown, the console's was notified": [
      ...paid,
      part,
      markCancel,
      ofCancel({ outcome: "unknown" }),
      escrowNotice("console", "K1", 4_000),
    ],
  },
  facts: {
    "notified: 4,000 went back in our cancel's transaction": () => escrowNotice("ours", "C1", 4_000),
    "notified: 4,000 went back in another transaction": () => escrowNotice("console 2", "K2", 4_000),
    "notified: all went back": () => escrowNotice("all", "T1", price),
    "our cancel's reply says yes": only((order) => c1(order)?.sendingAt != null, ofCancel(partYes)),
    "our cancel's reply says no": only(
      (order) => c1(order)?.state === "unknown",
      ofCancel({ outcome: "refused", resultCode: "51" }),
    ),
    "an operator saw that our cancel did not move": only(
      (order) => c1(order)?.state === "unknown",
      resolution({ outcome: "not-moved" }),
    ),
  },
};

export const machines = [card, cancel, page, accounts, escrow];
