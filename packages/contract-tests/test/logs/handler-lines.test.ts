import { randomBytes } from "node:crypto";
import { handlerLines } from "@payapi/core/internal";
import { memoryLedger } from "@payapi/ledger";
import { describe, expect, it, onTestFinished } from "vitest";
import { declinedCard, goodCard } from "../../src/handler/client.js";
import { openSceneShop, type SceneShop } from "../../src/scenes/scene-shop.js";
import { handlerCases } from "./handler-cases.js";

/** Short values, such as an amount, are no secrets and stand in many texts. */
const shortest = 12;

/** A time of the gateway; transaction ids have the same one in them. */
const isTime = (value: string) => /^\d{14}$/.test(value);

/** Everything that no entry may contain: what buyers type, the shop's keys, and what is encrypted or signed on the wire. */
function secretsOf({ merchant, wire }: SceneShop): string[] {
  const { signKey, fieldKey, fieldIv } = merchant;
  const typed = [goodCard.cardNumber, declinedCard.cardNumber, goodCard.registNo];
  const signed = wire.filter(
    (value) =>
      value.length >= shortest && /^[\w+/]+={0,2}$/.test(value) && !/^[a-z]/.test(value) && !isTime(value),
  );
  return [...typed, signKey, "another-sign-key", fieldKey, fieldIv, ...signed];
}

describe("the handler's log has one entry for", () => {
  it.each(Object.entries(handlerCases))(
    "%s, and no secret in it",
    async (code, { options, logs = [code], fields, happens }) => {
      const secrets = { current: randomBytes(32).toString("base64") };
      const shop = await openSceneShop({
        ...options,
        openLedger: async (payapi, logger) => memoryLedger({ payapi, secrets, logger, closeTimeoutMs: 0 }),
      });
      onTestFinished(() => shop.close());
      await happens(shop);
      expect(shop.logged.map((entry) => entry.code)).toEqual(logs);
      const { level, message } = handlerLines[code as keyof typeof handlerLines];
      expect(shop.logged.at(-1)).toMatchObject({ level, code, message, ...fields });
      const text = JSON.stringify(shop.logged);
      const found = secretsOf(shop).filter((secret) => text.includes(secret) && !isShown(shop, secret));
      expect(found).toEqual([]);
    },
  );
});

/** The ids by which the operator finds a payment in the gateway's console. */
function isShown({ sandbox }: SceneShop, value: string): boolean {
  return sandbox.book.transactions.some(({ tid, oid }) => value === tid || value === oid);
}
