import { expect, it } from "vitest";
import { viewOrder } from "../../src/domain/order-status.js";
import { type SceneName, stateAfter } from "./scenes.js";

/** The order after some steps of a scene, with its status and its books. */
function after(name: SceneName, ...labels: string[]) {
  const { order, books } = stateAfter(name, labels);
  return { status: viewOrder(order.orderId, order)?.status, ...books };
}

const cancelSaysAlready = [
  "all that remains is to be refunded",
  "c1 is about to be sent",
  "c1 says: unknown",
  "c1 is to be repeated",
  "repeat 1 of c1 is about to be sent",
  "repeat 1 of c1 says: already cancelled",
];

it("books a reversal once that made the repeat of our cancel say already cancelled", () => {
  const scene = "a reversal beside a cancel";
  expect(after(scene, ...cancelSaysAlready)).toMatchObject({ status: "cancelled", gateway: 0 });
  const reversed = after(scene, ...cancelSaysAlready, "deposit: reversal 1 of V-l1");
  expect(reversed).toMatchObject({ status: "needs-review", gateway: 0 });
});

it("books the reversal of a second deposit beside a cancel that said already cancelled", () => {
  const both = ["deposit: deposit 2 to V-l1", "deposit: reversal 1 of V-l1", "deposit: reversal 2 of V-l1"];
  expect(after("a reversal beside a cancel", ...cancelSaysAlready, ...both)).toMatchObject({ gateway: 0 });
});

it("books the reversal of a second deposit beside a cancel that an operator stated and that is already cancelled", () => {
  const stated = ["all that remains is to be refunded", "c1 is about to be sent", "an operator: c1 moved"];
  const steps = [...stated, "c1 says: already cancelled", "deposit: deposit 2 to V-l1"];
  expect(after("a reversal beside a cancel", ...steps, "deposit: reversal 2 of V-l1")).toMatchObject({
    gateway: 0,
  });
});

it.each([
  [
    [
      "deposit: deposit 2 to V-l1",
      "deposit: reversal 2 of V-l1",
      "deposit: reversal 1 of V-l1",
      "deposit: deposit 1 to V-l1",
    ],
  ],
  [
    [
      "deposit: deposit 1 to V-l1",
      "deposit: deposit 2 to V-l1",
      "deposit: reversal 1 of V-l1",
      "deposit: reversal 2 of V-l1",
    ],
  ],
])("books two deposits and their reversals in any order: %j", (labels) => {
  expect(after("an account", ...labels)).toMatchObject({ status: "needs-review", gateway: 0 });
});

it("books a deposit once that arrived while a card was charged, for each channel that repeats it", () => {
  const deposited = ["a card is to be charged 1000", "deposit: deposit 1 to V-l1", "a2 says: not sent"];
  const again = after("an account beside a card", ...deposited, "mobile: deposit 1 to V-l1, by the page");
  expect(again).toMatchObject({ status: "needs-review", gateway: 1000, suspense: -1000 });
});

it("books escrow money that the console gave back beside our cancel of the same amount", () => {
  const ours = ["400 is to be refunded", "c1 is about to be sent", "c1 says: yes"];
  const both = after("escrow", ...ours, "escrow: escrow: the console gave 400 back, 1");
  expect(both).toMatchObject({ status: "needs-review", gateway: 200, paid: -600, suspense: 400 });
});

it("books escrow money of the console once our unknown cancel turns out to have done nothing", () => {
  const unknown = ["400 is to be refunded", "c1 is about to be sent", "c1 says: unknown"];
  const console_ = "escrow: escrow: the console gave 400 back, 1";
  expect(after("escrow", ...unknown, console_)).toMatchObject({ status: "unknown", gateway: 1000 });
  const settled = after("escrow", ...unknown, console_, "an operator: c1 did not move");
  expect(settled).toMatchObject({ status: "needs-review", gateway: 600 });
});

it("books escrow money once, whether our cancel's news comes before its reply or after the console's", () => {
  const sent = ["400 is to be refunded", "c1 is about to be sent"];
  const news = ["escrow: escrow: the console gave 400 back, 1", "escrow: escrow: c1 gave 400 back"];
  for (const each of [news, news.toReversed()]) {
    expect(after("escrow", ...sent, ...each, "c1 says: yes")).toMatchObject({ gateway: 200 });
  }
});

it.each([
  ["all that remains", 1000, -100],
  ["400", 400, 500],
])("books a refund of %s once whose reply and notification name different amounts", (what, won, left) => {
  const replied = [
    `${what} is to be refunded`,
    "c1 is about to be sent",
    "c1 says: yes, 100 more than it gave",
  ];
  const notified = `escrow: escrow: c1 gave ${won} back`;
  for (const labels of [
    [...replied, notified],
    [...replied.slice(0, 2), notified, ...replied.slice(2)],
  ]) {
    expect(after("escrow", ...labels)).toMatchObject({ status: "needs-review", gateway: left });
  }
});

it("needs review again when the notification of a reviewed cancel names another amount than its reply", () => {
  const reviewed = [
    "400 is to be refunded",
    "c1 is about to be sent",
    "c1 says: yes, 100 more than it gave",
    "an operator: closed the review",
  ];
  expect(stateAfter("escrow", reviewed).order.reviewed).toBe(true);
  expect(stateAfter("escrow", [...reviewed, "escrow: escrow: c1 gave 400 back"]).order.reviewed).toBe(false);
});

it("reassigns a notification to the cancel whose reply names its transaction later", () => {
  const first = ["400 is to be refunded", "c1 is about to be sent", "an operator: c1 did not move"];
  const second = ["400 is to be refunded", "c2 is about to be sent"];
  const late = "c1 says: yes, in another cancel's transaction";
  const news = ["escrow: escrow: c2 gave 400 back", "c2 says: yes"];
  for (const each of [news, news.toReversed()]) {
    expect(after("escrow", ...first, ...second, late, ...each)).toMatchObject({ gateway: 600 });
  }
});

it("books refunds of the console once that made our cancel say already cancelled", () => {
  const steps = [
    "all that remains is to be refunded",
    "c1 is about to be sent",
    "c1 is silent: unknown",
    "c1 is to be repeated",
    "escrow: escrow: the console gave 400 back, 1",
    "escrow: escrow: the console gave 600 back, 2",
    "c1 says: already cancelled",
  ];
  expect(after("escrow", ...steps)).toMatchObject({ status: "needs-review", gateway: 0, paid: -1000 });
});

it("books nothing for a console's partial refund without an amount", () => {
  const ours = ["400 is to be refunded", "c1 is about to be sent", "c1 says: yes, another rest"];
  const silent = "escrow: escrow: the console gave all 600 back, 1, no amount";
  expect(after("escrow", ...ours, silent)).toMatchObject({ status: "needs-review", gateway: 600 });
});

it("books the amount of an approval when the page names it, after a reply that did not", () => {
  const moved = [
    "the page's payment P1 of link o-L1 is to be approved",
    "a1 is about to be sent",
    "a1 says: moved",
  ];
  expect(after("the payment page", ...moved)).toMatchObject({ gateway: 0 });
  const named = after("the payment page", ...moved, "mobile: P1 was approved");
  expect(named).toMatchObject({ status: "needs-review", gateway: 1000, suspense: -1000 });
});

it("books a cancel's refund when its repeat proves it, after a reply that did not", () => {
  const steps = [
    "all that remains is to be refunded",
    "c1 is about to be sent",
    "c1 is silent: unknown",
    "c1 is to be repeated",
    "repeat 1 of c1 is about to be sent",
    "c1 says: yes, in another cancel's transaction",
  ];
  expect(after("cancels of a card", ...steps)).toMatchObject({ gateway: 1000 });
  const proved = after("cancels of a card", ...steps, "repeat 1 of c1 says: yes");
  expect(proved).toMatchObject({ status: "needs-review", gateway: 0 });
});

it("does not repeat the net cancel of an approval that is known by now", () => {
  const steps = [
    "the page's payment P1 of link o-L1 is to be approved",
    "a1 is about to be sent",
    "a1 is silent: unknown",
    "the page's approval is to be undone",
    "c1 is about to be sent",
    "a1 says: yes, another amount",
    "c1 says: unknown",
    "c1 is to be repeated",
  ];
  expect(stateAfter("the payment page", steps).order.cancels).toMatchObject([
    { state: "unknown", repeats: 0 },
  ]);
});

it("books a found payment once that was found beside an attempt that ended since", () => {
  const steps = [
    "a card is to be charged 1000",
    "the console has T9",
    "a1 says: not sent",
    "the console has T9",
  ];
  expect(after("found payments", ...steps)).toMatchObject({ status: "needs-review", gateway: 1000 });
});

it("books no money of a found payment that was refunded, beside another attempt or with another amount", () => {
  const beside = ["a card is to be charged 1000", "the console has T9, cancelled"];
  expect(after("found payments", ...beside)).toMatchObject({ status: "needs-review", gateway: 0 });
  const charged = ["a card is to be charged 1000", "a1 is about to be sent"];
  for (const reply of ["a1 says: yes, another amount", "a1 says: yes, without a transaction"]) {
    const steps = [...charged, reply, "the console has T-a1, cancelled"];
    expect(after("found payments", ...steps)).toMatchObject({ status: "needs-review", gateway: 0 });
  }
});

it("books an attempt's own money beside another payment that was found before", () => {
  const steps = [
    "a card is to be charged 1000",
    "a1 is about to be sent",
    "the console has T9",
    "an operator: a1 did not move",
    "a1 says: yes, without a transaction",
  ];
  expect(after("found payments", ...steps)).toMatchObject({ status: "needs-review", gateway: 2000 });
});

it("corrects the attempt that the operator names", () => {
  const both = [
    "an operator: a1 did not move",
    "a card is to be charged 1000",
    "a2 is about to be sent",
    "a2 says: unknown",
    "an operator: a2 moved",
    "an operator: a1 moved after all",
  ];
  expect(after("corrected resolutions", ...both)).toMatchObject({
    status: "needs-review",
    gateway: 2000,
    paid: -1000,
  });
});
