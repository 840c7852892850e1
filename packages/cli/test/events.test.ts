import { beforeEach, describe, expect, it } from "vitest";
import { openShop, type Shop, sql } from "./support/shop.js";
import { deadLetter } from "./support/states.js";

let shop: Shop;
const json = (...args: string[]) => shop.tool([...args, "--json"]);

describe("events", () => {
  beforeEach(async () => {
    shop = await openShop();
    return () => shop.close();
  });

  it("shows consumers and dead letters, and delivers one again", async () => {
    expect((await shop.tool(["events"])).stdout).toContain("no consumer takes events");
    const { orderId, eventId } = await deadLetter(shop);
    const consumers = await shop.tool(["events"]);
    expect(consumers).toMatchObject({ code: 0, stderr: "" });
    expect(consumers.stdout).toMatch(/^mail +0 +- +1$/m);
    expect(consumers.stdout).toContain("payapi events dead");
    expect((await json("events")).json()).toMatchObject({
      result: {
        consumers: [{ consumer: "mail", waiting: 0, dead: 1, filling: false, oldestWaitingAt: null }],
      },
    });

    const dead = await shop.tool(["events", "dead"]);
    expect(dead).toMatchObject({ code: 3, stderr: "" });
    for (const text of ["mail", "approved", orderId, "RangeError", eventId])
      expect(dead.stdout).toContain(text);
    for (const args of [["dead"], ["redeliver", eventId], ["redeliver", "--all"]]) {
      const other = await json("events", ...args, "--consumer", "nosuch");
      expect(other.json()).toMatchObject({ exitCode: 1, error: { code: "no-such-consumer" } });
    }
    expect((await shop.ledger.events.deadLetters()).length).toBe(1);
    const listed = await json("events", "dead");
    expect(listed.json()).toMatchObject({
      exitCode: 3,
      result: {
        deadLetters: [
          { consumer: "mail", failure: "RangeError", event: { id: eventId, kind: "approved", orderId } },
        ],
      },
    });

    const again = await json("events", "redeliver", eventId);
    expect(again.json()).toMatchObject({ exitCode: 0, result: { redelivered: 1 } });
    const taken: string[] = [];
    await shop.ledger.operations.runOnce({
      consumer: "mail",
      on: { approved: ({ id }) => void taken.push(id) },
    });
    expect(taken).toEqual([eventId]);
    expect((await json("events", "redeliver", eventId)).json()).toMatchObject({
      exitCode: 1,
      error: { code: "no-such-event" },
    });
  });

  it("delivers all dead letters of a consumer again, also more than one list has", async () => {
    // A new consumer gets all there ever was, so that mail fails with both.
    await deadLetter(shop, undefined, "stock");
    const { eventId } = await deadLetter(shop);
    await sql(
      `INSERT INTO "${shop.schema}".events (id, mid, kind, ordering_key, at, data)
       SELECT gen_random_uuid(), mid, kind, ordering_key, at, data
       FROM "${shop.schema}".events, generate_series(1, 510) WHERE id = $1`,
      undefined,
      [eventId],
    );
    await sql(`DELETE FROM "${shop.schema}".deliveries WHERE consumer <> 'mail' AND dead_at IS NULL`);
    await sql(
      `UPDATE "${shop.schema}".deliveries AS d SET (tries, due_at, failure, dead_at) =
         (SELECT tries, due_at, failure, dead_at FROM "${shop.schema}".deliveries WHERE event_id = $1 AND consumer = 'mail')
       WHERE d.event_id <> $1 AND d.dead_at IS NULL`,
      undefined,
      [eventId],
    );
    const stock = (await shop.ledger.events.deadLetters({ consumer: "stock" })).length;
    expect(stock).toBeGreaterThan(0);
    const mails = await json("events", "redeliver", "--all", "--consumer", "mail");
    expect(mails.json()).toMatchObject({ result: { redelivered: 512 } });
    expect(await shop.ledger.events.deadLetters({ limit: 500 })).toHaveLength(stock);
    const rest = await json("events", "redeliver", "--all");
    expect(rest.json()).toMatchObject({ result: { redelivered: stock } });
    expect(await shop.ledger.events.deadLetters()).toEqual([]);
  });

  it("forgets a consumer whose name is given twice", async () => {
    await deadLetter(shop);
    const hasty = await shop.tool(["events", "remove", "mail"]);
    expect(hasty).toMatchObject({ code: 2, stdout: "" });
    expect(hasty.stderr).toContain("--confirm");
    expect((await shop.tool(["events", "remove", "mail", "--confirm", "shop"])).code).toBe(2);
    expect(await shop.ledger.events.consumers()).toHaveLength(1);
    const removed = await json("events", "remove", "mail", "--confirm", "mail");
    expect(removed.json()).toMatchObject({ exitCode: 0, result: { removed: "mail" } });
    expect(await shop.ledger.events.consumers()).toEqual([]);
    const twice = await json("events", "remove", "mail", "--confirm", "mail");
    expect(twice.json()).toMatchObject({ exitCode: 1, error: { code: "no-such-consumer" } });
  });
});
