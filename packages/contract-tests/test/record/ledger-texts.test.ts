import type { Ledger } from "@payapi/ledger";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newOrder, price, sentApproval } from "./ledger-states.js";
import { type LedgerRoom, rooms } from "./open-ledgers.js";

describe.each(rooms)("texts that a ledger is given, in %s", (_, open) => {
  let room: LedgerRoom;
  let ledger: Ledger;
  beforeAll(async () => {
    room = await open();
    ({ ledger } = await room.ledgers());
  });
  afterAll(() => room.close());

  it("are kept without card numbers and strange characters", async () => {
    const order = await ledger.settle(await sentApproval(ledger), {
      outcome: "refused",
      resultCode: "12\u000034",
      resultMessage: "한도초과\u0000 4111 1111 1111 1111 \ud800",
    });
    expect(JSON.stringify(order)).not.toMatch(/1111|\\u0000|\\ud800/);
    expect(order.resultMessage).toContain("한도초과");
  });

  it.each([
    ["with dots", "4111.1111.1111.1111"],
    ["inside a longer run of digits", "0000000041111111111111110000"],
    ["at the end of what is kept", `${"x".repeat(490)}4111111111111111`],
  ])("are kept without a card number %s", async (_, resultMessage) => {
    const order = await ledger.settle(await sentApproval(ledger), { outcome: "refused", resultMessage });
    expect(JSON.stringify(order.resultMessage)).not.toContain("1111");
  });

  it.each(["", "a\u0000b", "a\nb", "x".repeat(201)])("are no order id if they are %j", async (orderId) => {
    const approval = async () => ledger.reserveApproval({ orderId, price, payType: "card" });
    await expect(approval()).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("are an order id up to 200 characters", async () => {
    const orderId = newOrder().padEnd(200, "x");
    const reservation = await ledger.reserveApproval({ orderId, price, payType: "card" });
    expect(reservation).toMatchObject({ status: "reserved", call: { orderId } });
  });
});
