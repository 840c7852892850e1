import type { StoredAnswer } from "@payapi/core";
import { describe, expect, it } from "vitest";
import { openedRoom, rooms } from "./open-ledgers.js";

const leaseMs = 60_000;
const answerOf = (body: string): StoredAnswer => ({ status: 200, headers: {}, body });

describe.each(rooms)("the late answer of a process whose lease ended, in %s", (_, open) => {
  const room = openedRoom(open);

  /** A request whose lease ended, and another one under the same key that runs since. */
  async function overtaken() {
    let now = Date.parse("2026-05-01T00:00:00Z");
    const { ledger, another } = await room.ledgers({ clock: () => new Date(now) });
    const name = { scope: "POST /orders/7/partial-cancel", key: "k" };
    const [slow, fast] = [
      { ...name, fingerprint: "3,000 won", leaseMs },
      { ...name, fingerprint: "5,000 won", leaseMs },
    ];
    expect(await ledger.store.beginRequest(slow)).toEqual({ status: "new" });
    now += leaseMs + 1;
    expect(await another.store.beginRequest(fast)).toEqual({ status: "new" });
    return { ledger, another, slow, fast };
  }

  it("is not returned for a different request with the same key", async () => {
    const { ledger, another, slow, fast } = await overtaken();
    await ledger.store.endRequest(slow, answerOf("3,000 won are given back"));
    expect(await another.store.beginRequest(fast)).toEqual({ status: "in-progress" });
    await another.store.endRequest(fast, answerOf("5,000 won are given back"));
    expect(await ledger.store.beginRequest(fast)).toEqual({
      status: "done",
      answer: answerOf("5,000 won are given back"),
    });
  });

  it("does not free a key that another request holds", async () => {
    const { ledger, another, slow, fast } = await overtaken();
    await ledger.store.endRequest(slow, undefined);
    expect(await another.store.beginRequest(fast)).toEqual({ status: "in-progress" });
  });
});
