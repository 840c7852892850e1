import { describe, expect, it } from "vitest";
import { deliver, promised } from "./event-states.js";
import { sentCancel, settled } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";
import { virtualTime } from "./virtual-time.js";

describe.each(rooms)("dead letters, in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  /** Two ledgers of a new merchant, at a time that the test sets. */
  async function open() {
    const time = virtualTime();
    const { clock, timers, pass } = time;
    return { ...(await room.ledgers({ clock, timers })), time, pass };
  }

  it("result from ten failed deliveries, and stay until they are delivered again by hand", async () => {
    const { ledger, pass } = await open();
    const { orderId } = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
    let tries = 0;
    const on = {
      approved: () => {
        tries++;
        throw new RangeError("card 4111111111111111");
      },
    };
    for (let hour = 0; hour < 12; hour++) {
      await ledger.operations.runOnce({ consumer: "shop", on });
      pass(3_600_000);
    }
    expect(tries).toBe(10);
    const [letter, ...more] = await ledger.events.deadLetters();
    expect(more).toEqual([]);
    expect(letter).toMatchObject({
      consumer: "shop",
      failure: "RangeError",
      event: { kind: "approved", orderId, tries: 10 },
    });
    expect(await ledger.events.deadLetters({ consumer: "mail" })).toEqual([]);
    expect(await deliver(ledger)).toEqual([]);
    expect(await ledger.events.redeliver(letter?.event.id ?? "", { consumer: "mail" })).toBe(0);
    expect(await ledger.events.redeliver(letter?.event.id ?? "")).toBe(1);
    expect(await ledger.events.deadLetters()).toEqual([]);
    expect(await deliver(ledger)).toMatchObject([{ id: letter?.event.id, kind: "approved", orderId }]);
    expect(await ledger.events.redeliver("nothing")).toBe(0);
  });

  describe("that are delivered again by hand", () => {
    /** An order whose first event is a dead letter and whose second one, a partial cancel, waits. */
    async function withDeadLetter() {
      const opened = await open();
      const { ledger, pass } = opened;
      const { orderId } = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
      const fail = () => {
        throw new RangeError("no");
      };
      const on = { approved: fail, "partially-cancelled": fail };
      for (let i = 0; i < 9; i++) {
        await ledger.operations.runOnce({ consumer: "shop", on });
        pass(3_600_000);
      }
      // The tenth time; the second event comes for the first time, in the same run.
      await ledger.operations.runOnce({ consumer: "shop", on });
      pass(3_600_000);
      const [letter] = await ledger.events.deadLetters();
      if (letter === undefined) throw new Error("Nothing is dead");
      return { ...opened, orderId, eventId: letter.event.id };
    }

    it("wait for a later event of their order that is being delivered", async () => {
      const { ledger, another, eventId } = await withDeadLetter();
      const [begun, released] = [promised(), promised()];
      const run = ledger.operations.runOnce({
        consumer: "shop",
        on: {
          "partially-cancelled": () => {
            begun.keep();
            return released.kept;
          },
        },
      });
      await begun.kept;
      expect(await ledger.events.redeliver(eventId)).toBe(1);
      expect(await deliver(another)).toEqual([]);
      released.keep();
      expect(await run).toMatchObject({ delivered: 2 });
      expect(await deliver(another)).toEqual([]);
    });

    it("come before the waiting events of their order", async () => {
      const { ledger, another, eventId } = await withDeadLetter();
      expect(await ledger.events.redeliver(eventId)).toBe(1);
      expect((await deliver(another)).map(({ kind }) => kind)).toEqual(["approved", "partially-cancelled"]);
    });
  });
});
