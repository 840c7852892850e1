import { afterAll, describe, it } from "vitest";
import { storeContract } from "../../src/store-contract/index.js";
import { rooms } from "./open-ledgers.js";

describe.each(rooms)("the payment store's contract, in %s", (_, openRoom) => {
  const { cases, close } = storeContract({
    parts: ["payments", "billing-keys", "page", "notifications"],
    async open() {
      const room = await openRoom();
      const { ledger, another, mid } = await room.ledgers();
      return { store: ledger.store, another: another.store, mid, close: room.close };
    },
  });
  for (const { name, run } of cases) it(name, run);
  afterAll(close);
});
