import assert from "node:assert/strict";
import { assertMatches, atOnce } from "./assertions.js";
import type { ContractCase } from "./contract-case.js";
import { definePageCases, type OpenPageContract } from "./hosted-payment-steps.js";
import { assertRefused, newOrder, price } from "./payment-steps.js";

/** What core's handler relies on in every `LinkStore`. */
export function linkCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("links", open, {
    "are created once and found by their token": async (steps) => {
      const orderId = newOrder();
      const link = await steps.making(orderId);
      assertMatches(link, { orderId, price, payType: "card", state: "making" });
      assert.match(link.token, /^[A-Za-z0-9_-]{22}$/);
      assert.match(link.oid, /^[A-Za-z0-9_-]{1,30}$/);
      const hours = (link.expiresAt.getTime() - Date.now()) / 3_600_000;
      assert(hours > 71 && hours < 73, "A link is not open for 72 hours");
      assert.deepEqual(await steps.another.findLink(link.token), link);
      assert.equal(await steps.store.findLink(`${link.token.slice(1)}x`), undefined);
      assert.equal(await steps.store.findLink("\u0000"), undefined);
      assert.equal(await steps.order(orderId), undefined);
    },

    "are created once for concurrent requests of two processes": async (steps) => {
      const orderId = newOrder();
      const results = await atOnce(32, steps, (store) => store.openLink({ orderId, price, payType: "card" }));
      assert.equal(results.filter(({ status }) => status === "reserved").length, 1);
      for (const result of results) if (result.status === "refused") assertRefused(result, "in-progress");
    },

    "are returned again while they are open": async (steps) => {
      const link = await steps.link();
      assertMatches(link, { state: "open", url: `https://pay.example/${link.token}` });
      const results = await atOnce(8, steps, (store) =>
        store.openLink({ orderId: link.orderId, price, payType: "card" }),
      );
      for (const result of results) assert.deepEqual(result, { status: "existing", link });
    },

    "are closed when no address was received for them": async (steps) => {
      const { token, orderId, oid } = await steps.making();
      await steps.store.settleLink(token, undefined);
      assertMatches(await steps.store.findLink(token), { state: "closed" });
      const second = await steps.making(orderId);
      assert.notEqual(second.oid, oid);
      assert.notEqual(second.token, token);
    },

    "are closed when the buyer returns": async (steps) => {
      const { token, orderId } = await steps.link();
      await steps.store.closeLink(token);
      await steps.store.closeLink(token);
      assertMatches(await steps.store.findLink(token), { state: "closed" });
      await steps.making(orderId);
    },

    "are replaced for another price or method": async (steps) => {
      const first = await steps.link();
      const second = await steps.link(first.orderId, "card", price + 1);
      const third = await steps.link(first.orderId, "vbank", price + 1);
      for (const { token } of [first, second]) {
        assertMatches(await steps.store.findLink(token), { state: "closed" });
      }
      assertMatches(await steps.store.findLink(third.token), { state: "open", payType: "vbank" });
    },

    "are not reopened once they are closed": async (steps) => {
      const { token } = await steps.making();
      await steps.store.closeLink(token);
      await steps.store.settleLink(token, "https://pay.example/late");
      assertMatches(await steps.store.findLink(token), { state: "closed" });
    },

    "are refused for an order that is paid": async (steps) => {
      const { orderId, order } = await steps.ended("succeeded");
      assert.deepEqual(await steps.openLink(orderId), { status: "refused", reason: "already-paid", order });
    },

    "are refused while an approval is running": async (steps) => {
      const { orderId } = await steps.sent();
      assertRefused(await steps.openLink(orderId), "in-progress");
    },

    "are refused while the outcome of an approval is unknown": async (steps) => {
      const { orderId } = await steps.ended("unknown");
      assertRefused(await steps.openLink(orderId), "outcome-unknown");
    },

    "get unique order numbers, whatever the order ids": async (steps) => {
      const oids: string[] = [];
      for (const prefix of ["a", "a-L1", "a-1", "주문 7", "x".repeat(200), "a&b=c"]) {
        const orderId = `${newOrder().slice(6)}${prefix}`.slice(0, 200);
        for (let round = 0; round < 2; round++) {
          const link = await steps.making(orderId);
          await steps.store.closeLink(link.token);
          const reservation = await steps.store.reserveApproval({ orderId, price, payType: "card" });
          assert(reservation.status === "reserved");
          await steps.store.settle(reservation.call, { outcome: "not-sent" });
          oids.push(link.oid, reservation.call.oid);
        }
      }
      assert.equal(new Set(oids).size, oids.length);
      for (const oid of oids) assert.match(oid, /^[A-Za-z0-9_-]{1,30}$/);
    },
  });
}
