import { notificationCases, type OpenPageContract, pageCases } from "@payapi/core/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type LedgerRoom, rooms } from "./open-ledgers.js";

describe.each(rooms)("the payment page and notifications, in %s", (_, openRoom) => {
  let room: LedgerRoom;
  let opened: ReturnType<OpenPageContract>;
  beforeAll(async () => {
    room = await openRoom();
    opened = room.ledgers().then(({ ledger, another, mid }) => ({
      record: ledger,
      another,
      mid,
      close: async () => {},
    }));
  });
  afterAll(() => room.close());

  for (const { name, run } of [...pageCases(() => opened), ...notificationCases(() => opened)]) it(name, run);
});
