import { openLedger } from "@payapi/ledger";
import { expect, it } from "vitest";
import { unlistedShop } from "../../src/handler/forged-notifications.js";
import { databaseUrl, newSchema } from "../ledger/new-schema.js";

it("100 of 10,000 forged notifications from one address are stored in an hour, and a genuine one among them", async () => {
  const { schema, drop } = await newSchema();
  const payapi = { mid: "sandbox001", environment: "sandbox" } as const;
  const ledger = await openLedger({ payapi, database: databaseUrl, schema });
  try {
    const shop = unlistedShop(ledger);
    const { orderId, oid, tid } = await shop.awaiting();
    const answers = new Map<string, number>();
    const lanes = Array.from({ length: 16 }, async (_, lane) => {
      for (let index = lane; index < 10_000; index += 16) {
        const answer = await shop.strange("203.0.113.9");
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        // From the same address, as behind an unknown proxy.
        if (index === 5_000) expect(await shop.deposit(oid, tid, "203.0.113.9")).toBe("200 OK");
      }
    });
    await Promise.all(lanes);
    expect(Object.fromEntries(answers)).toEqual({ "200 OK": 100, "503 FAIL": 9_900 });
    const kept = await ledger.notifications.list({ limit: 500 });
    expect(kept).toHaveLength(101);
    const [genuine] = kept.filter((each) => each.orderId === orderId);
    expect(genuine).toMatchObject({ tid, effect: "quarantined", reason: "source-not-listed" });
    // What was not acknowledged comes again; so does this one, and it is known.
    expect(await shop.deposit(oid, tid, "198.51.100.7")).toBe("200 OK");
    const resolution = { actor: "kim", evidence: "console, deposits of today" };
    expect(await ledger.notifications.release(genuine?.id ?? "", resolution)).toEqual({
      effect: "applied",
      orderId,
    });
    expect(await ledger.payments.find(orderId)).toMatchObject({ status: "paid" });
  } finally {
    await ledger.close();
    await drop();
  }
});
