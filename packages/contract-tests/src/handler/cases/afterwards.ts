import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import { knownAnswers } from "../../facts/index.js";
import { declinedCard, goodCard } from "../client.js";
import { ledgerSecrets } from "../shop.js";
import type { World } from "../world.js";
import { refund } from "./escrow.js";

export function describeAfterwards(world: World): void {
  describe("after every other case", () => {
    it("no answer, log, output or row contains card data", async () => {
      const secrets = [goodCard.cardNumber, declinedCard.cardNumber, goodCard.registNo].flatMap((text) => [
        text,
        encrypted(text),
        encodeURIComponent(encrypted(text)),
      ]);
      secrets.push(encrypted(goodCard.passwd), knownAnswers.merchant.signKey, knownAnswers.mkey);
      secrets.push(refund.refundAccount, ledgerSecrets.current);
      const keys = await world.ledger.keys.list("alice");
      const revealed = await Promise.all(keys.map(({ id }) => world.ledger.store.revealKey(id)));
      const billkeys = revealed.flatMap((key) => (key === undefined ? [] : [key.reveal()]));
      expect(billkeys.length).toBeGreaterThan(5);
      secrets.push(...billkeys.flatMap((key) => [key, Buffer.from(key).toString("base64")]));
      const traces = await world.traces();
      expect(traces.database).toContain("o-15000-alice-");
      for (const [place, text] of Object.entries(traces)) {
        const found = secrets.filter((secret) => text.includes(secret));
        expect({ place, found: found.length }).toEqual({ place, found: 0 });
      }
    });

    it("no answer contains a transaction id", () => {
      const { transactions } = world.sandbox.book;
      expect(transactions.length).toBeGreaterThan(20);
      const text = JSON.stringify(world.answers);
      const ids = transactions.flatMap(({ tid, cancels }) => [tid, ...cancels.map((cancel) => cancel.tid)]);
      expect(ids.filter((id) => text.includes(id))).toEqual([]);
    });

    it("the ledger and the gateway's book agree to the won, except for unknown outcomes", async () => {
      const { transactions } = world.sandbox.book;
      const payments = await world.ledger.payments.list({ limit: 500 });
      const open = new Set((await world.ledger.payments.needsReview()).map(({ orderId }) => orderId));
      const sure = payments.filter(
        ({ orderId, status }) => !open.has(orderId) && status !== "in-progress" && status !== "unknown",
      );
      expect(sure.length).toBeGreaterThan(20);
      for (const { orderId, oid, remainingPrice, cancel } of sure) {
        // Cancelled at the gateway's console: the ledger cannot know.
        if (cancel?.status === "refused") continue;
        const remaining = transactions.find((transaction) => transaction.oid === oid)?.remaining ?? 0;
        expect({ orderId, remaining }).toEqual({ orderId, remaining: remainingPrice });
      }
    });
  });
}

function encrypted(text: string): string {
  const { fieldKey, fieldIv } = knownAnswers.merchant;
  const cipher = createCipheriv("aes-256-cbc", fieldKey, fieldIv);
  return cipher.update(text, "utf8", "base64") + cipher.final("base64");
}
