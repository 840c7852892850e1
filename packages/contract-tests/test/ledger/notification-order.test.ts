import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NewPages, pagesOf } from "./hosted-payment-states.js";
import { newTid, price } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

/** The reports about one virtual account, in the order of their events. */
const story = ["returned", "accountIssued", "mobileDeposited", "deposited", "reversed"] as const;
type Heard = (typeof story)[number];

const runs = { memory: 300, PostgreSQL: 20 };

describe.each(rooms)("facts in any order, in %s", (name, open) => {
  const room = openedRoom(open);

  async function endOf(pages: NewPages, heard: readonly Heard[], paidOtherwise: boolean) {
    const { orderId, oid } = await pages.link("vbank");
    const tid = newTid();
    if (paidOtherwise) await pay(pages, orderId);
    for (const what of heard) {
      if (what === "returned") {
        await pages.ledger.store.awaitDeposit({ orderId, oid, price, tid, account: "1234567890123" });
      } else {
        await pages.ledger.store.receiveNotification(pages.samples[what]({ oid, tid }));
      }
    }
    const order = await pages.ledger.payments.find(orderId);
    const [listed] = (await pages.ledger.payments.list()).filter((each) => each.orderId === orderId);
    return {
      order: { ...order, orderId: "", oid: order?.oid === oid, tid: order?.tid === tid },
      attempts: listed?.attempts,
      balance: await pages.ledger.payments.balance(orderId),
      needsPerson: (await pages.ledger.payments.needsReview()).some((each) => each.orderId === orderId),
    };
  }

  async function pay({ ledger }: NewPages, orderId: string) {
    const reservation = await ledger.store.reserveApproval({ orderId, price, payType: "card" });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(reservation.call);
    await ledger.store.settle(reservation.call, { outcome: "succeeded", tid: newTid(), price });
  }

  it("lead to the same state as in their true order, however often each is repeated", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...story), { minLength: 1, maxLength: 9 }),
        fc.boolean(),
        async (heard, paidOtherwise) => {
          const inOrder = story.filter((what) => heard.includes(what));
          const pages = pagesOf(await room.ledgers());
          const mixed = await endOf(pages, heard, paidOtherwise);
          const expected = await endOf(pages, inOrder, paidOtherwise);
          expect(mixed).toEqual(expected);
        },
      ),
      { numRuns: runs[name] },
    );
  });

  const replies = ["succeeded", "unknown", "refused"] as const;

  it.each(replies)(
    "lead to the same state whether the notification or a reply of %s comes first",
    async (outcome) => {
      const end = async (notifiedFirst: boolean) => {
        const pages = pagesOf(await room.ledgers());
        const { orderId, oid, tid, call } = await pages.sent();
        const reply = outcome === "succeeded" ? { tid: newTid(), price } : {};
        const settle = () => pages.ledger.store.settle(call, { outcome, ...reply });
        const notify = () => pages.ledger.store.receiveNotification(pages.samples.approved({ oid, tid }));
        if (notifiedFirst) await notify();
        await settle();
        if (!notifiedFirst) await notify();
        const order = await pages.ledger.payments.find(orderId);
        const { gateway } = await pages.ledger.payments.balance(orderId);
        return { status: order?.status, own: order?.tid === tid, remaining: order?.remainingPrice, gateway };
      };
      expect(await end(true)).toEqual(await end(false));
    },
  );
});
