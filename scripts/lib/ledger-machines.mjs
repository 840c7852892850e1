import { factsOf } from "../../packages/ledger/dist/domain/facts.js";

/** The facts in docs/ledger-states.md, and the sequences that lead to each state. */

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

const isResolved = (order) => a1(order)?.settledBy === "operator";

const cardFacts = {
  "another card approval is requested": () => ({ ...reserveCard, newId: "a2", at: at(100) }),
  "it is marked as sending": only((order) => a1(order)?.state === "reserved", mark("approval", "a1")),
  "the reply is a success": () => ofCard(yes),
  "the reply is a success with another amount": () => ofCard({ ...yes, price: 9_000 }),
  "the reply is a success without a transaction id": () => ofCard({ outcome: "succeeded", price }),
  "the reply is a success with another order's transaction id": () => ofCard({ ...yes, tid: "T-other" }),
  "the reply is a refusal": () => ofCard({ outcome: "refused", resultCode: "51" }),
  "the reply says that the order number was approved before": () =>
    ofCard({ outcome: "refused", resultCode: "1001" }),
  "the call was not sent": () => ofCard({ outcome: "not-sent" }),
  "no complete reply arrived": () => ofCard({ outcome: "unknown" }),
  "its process is silent": (order) => {
    const state = a1(order)?.state;
    return state === "reserved" || state === "sending" ? silence("approval", "a1", state) : undefined;
  },
  "an operator resolves it as moved": only(
    (order) => a1(order) !== undefined,
    resolution({ outcome: "moved", tid: "T1" }),
  ),
  "an operator resolves it as not moved": only(
    (order) => a1(order) !== undefined,
    resolution({ outcome: "not-moved" }),
  ),
  "an operator corrects the resolution to not moved": only(
    isResolved,
    resolution({ outcome: "not-moved", corrects: true }, 90),
  ),
  "an operator corrects the resolution to moved": only(
    isResolved,
    resolution({ outcome: "moved", tid: "T8", corrects: true }, 90),
  ),
  "the console has the payment": () => found({}),
  "the console has another payment of the order": () => found({ oid: "42-9", tid: "T9" }),
  "the console has the payment, cancelled": () => found({ cancelled: price }),
  "an operator resolves it as not moved within ten minutes": only(
    (order) => a1(order)?.state === "unknown",
    resolution({ outcome: "not-moved" }, 4),
  ),
};

const card = {
  title: "A card",
  intro: "One attempt to charge a card, or a billing key, for 10,000 won. An order has one active attempt.",
  stateOf: (order) => a1(order)?.state,
  setups: {
    "no attempt": [],
    reserved: [reserveCard],
    sending: sentCard,
    unknown: unknownCard,
    approved: [...sentCard, ofCard(yes)],
    declined: [...sentCard, ofCard({ outcome: "refused", resultCode: "51" })],
    not_sent: [...sentCard, ofCard({ outcome: "not-sent" })],
    "approved, as an operator resolved it": [...unknownCard, resolution({ outcome: "moved", tid: "T1" })],
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
    "A cancel of all 10,000 won of a paid order. A repeated full cancel can't refund more than the payment, so recovery repeats it identically if its outcome is unknown. A partial cancel is never repeated.",
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
    "another cancel is requested": () => ({ ...reserveCancel(), newId: "c2", at: at(100) }),
    "another approval is requested": () => ({ ...reserveCard, newId: "a2", at: at(100) }),
    "it is marked as sending": only((order) => c1(order)?.state === "reserved", markCancel),
    "the reply is a success": () => ofCancel(cancelYes),
    "the reply is a success with another amount": () => ofCancel({ ...cancelYes, price: 9_000 }),
    "the reply is a refusal": () => ofCancel({ outcome: "refused", resultCode: "51" }),
    "the reply says already cancelled": () => ofCancel(refusedAlready),
    "the call was not sent": () => ofCancel({ outcome: "not-sent" }),
    "no complete reply arrived": () => ofCancel({ outcome: "unknown" }),
    "its process is silent": (order) => {
      const state = c1(order)?.state;
      return state === "reserved" || state === "sending" ? silence("cancel", "c1", state) : undefined;
    },
    "recovery claims a repeat": only((order) => c1(order)?.state === "unknown" && !isClaimed(order), claim),
    "the repeat's reply is a success": only(isClaimed, repeated(cancelYes)),
    "the repeat's reply says already cancelled": only(isClaimed, repeated(refusedAlready)),
    "the repeat's reply is a refusal": only(isClaimed, repeated({ outcome: "refused", resultCode: "51" })),
    "an operator resolves it as moved": () => resolution({ outcome: "moved" }),
    "an operator resolves it as not moved": () => resolution({ outcome: "not-moved" }),
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
    "A virtual account awaits 10,000 won. The gateway reports each deposit through up to two channels: its deposit notification and the page's. Each channel reports a deposit once, so two reports by one channel, or reports more than ten minutes apart, are two deposits.",
  stateOf: (order) => a1(order)?.state,
  setups: {
    "awaiting deposit": waiting,
    "awaiting deposit, the order now costs 20,000": [
      ...waiting,
      { kind: "settle-link", token: "l10000", url: "u", at: at(1) },
      openLink("vbank", 20_000),
    ],
    "awaiting deposit, a card paid the order": [...waiting, ...cardBeside],
    deposited: [...waiting, deposit1],
    "deposited by both channels": [...waiting, deposit1, deposit1ByPage],
    "deposited twice": [...waiting, deposit1, deposit2],
    "reversed before its deposit was reported": [...waiting, reversal],
    "deposited, the shop's cancel is unknown": [
      ...waiting,
      deposit1,
      { ...reserveCancel(), at: at(210) },
      { ...markCancel, at: at(211), deadlineAt: at(212) },
      ofCancel({ outcome: "unknown" }),
    ],
    "deposited, the shop's repeated cancel was answered with already cancelled": [
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
    "an operator resolves it as deposited": () => resolution({ outcome: "moved", tid: "V1" }, 60 * 24 * 20),
    "an operator resolves it as not deposited": () => resolution({ outcome: "not-moved" }, 60 * 24 * 20),
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
    "The buyer authenticated on the gateway's page, and the shop requests the approval. If its outcome is unknown, a net cancel undoes it.",
  stateOf: (order) => a1(order)?.state,
  setups: {
    sending: pageTaken,
    unknown: pageUnknown,
    "unknown, a net cancel is in flight": undoing,
    "net-cancelled": [...undoing, ofUndo({ outcome: "succeeded", at: at(5) })],
    approved: [...pageTaken, ofCard(pageYes)],
    declined: [...pageTaken, ofCard({ outcome: "refused", resultCode: "51" })],
  },
  facts: {
    "a net cancel is requested": () => ({ ...netCancel, newId: "c9" }),
    "the approval's reply is a success": () => ofCard(pageYes),
    "the approval's reply is a refusal": () => ofCard({ outcome: "refused", resultCode: "51" }),
    "the page's notification reports the approval": () => approvedNotice,
    "the net cancel's reply is a success": only(
      (order) => c1(order)?.state === "sending",
      ofUndo({ outcome: "succeeded", at: at(5) }),
    ),
    "the net cancel's reply is a refusal": only(
      (order) => c1(order)?.state === "sending",
      ofUndo({ outcome: "refused", resultCode: "51" }),
    ),
    "the net cancel's outcome is unknown": only(
      (order) => c1(order)?.state === "sending",
      ofUndo({ outcome: "unknown" }),
    ),
    "an operator resolves it as approved": () =>
      resolution({ outcome: "moved", tid: "P1", about: "approval" }),
    "an operator resolves it as not approved": () => resolution({ outcome: "not-moved", about: "approval" }),
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
  title: "Refunds of escrow money",
  intro:
    "The gateway notifies of each cancel of an escrow payment, by the shop or in the gateway's console. The notification of a partial cancel has that cancel's own transaction id.",
  stateOf: (order) => c1(order)?.state,
  setups: {
    "paid, without a cancel of the shop": paid,
    "the shop's cancel of 4,000 is reserved": [...paid, part],
    "the shop's cancel of 4,000 is unknown": [...paid, part, markCancel, ofCancel({ outcome: "unknown" })],
    "the shop's cancel of 4,000 is done": [...paid, part, markCancel, ofCancel(partYes)],
    "the shop's cancel of 4,000 is unknown, a cancel in the console was notified": [
      ...paid,
      part,
      markCancel,
      ofCancel({ outcome: "unknown" }),
      escrowNotice("console", "K1", 4_000),
    ],
  },
  facts: {
    "a refund of 4,000 is notified with the id of the shop's cancel": () => escrowNotice("ours", "C1", 4_000),
    "a refund of 4,000 is notified with another id": () => escrowNotice("console 2", "K2", 4_000),
    "a full refund is notified": () => escrowNotice("all", "T1", price),
    "the shop's cancel's reply is a success": only(
      (order) => c1(order)?.sendingAt != null,
      ofCancel(partYes),
    ),
    "the shop's cancel's reply is a refusal": only(
      (order) => c1(order)?.state === "unknown",
      ofCancel({ outcome: "refused", resultCode: "51" }),
    ),
    "an operator resolves the shop's cancel as not moved": only(
      (order) => c1(order)?.state === "unknown",
      resolution({ outcome: "not-moved" }),
    ),
  },
};

export const machines = [card, cancel, page, accounts, escrow];
