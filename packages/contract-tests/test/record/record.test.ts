import { recordContract } from "@payapi/core/testing";
import { afterAll, describe, it } from "vitest";
import { rooms } from "./open-ledgers.js";

describe.each(rooms)("the contract of a record, kept by the ledger in %s", (_, openRoom) => {
  const { cases, close } = recordContract({
    parts: ["payments", "billing-keys", "page", "notifications"],
    async open() {
      const room = await openRoom();
      const { ledger, another, mid } = await room.ledgers();
      return { record: ledger, another, mid, close: room.close };
    },
  });
  for (const { name, run } of cases) it(name, run);
  afterAll(close);
});
