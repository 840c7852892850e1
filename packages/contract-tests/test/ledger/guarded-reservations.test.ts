import { randomUUID } from "node:crypto";
import type { CallOutcome } from "@payapi/core";
import { describe, expect, it } from "vitest";
import { newOrder, newTid, price } from "./ledger-states.js";
import { freshLedgers, rooms } from "./open-ledgers.js";

const windowMs = 60_000;
const succeeded = (): CallOutcome => ({ outcome: "succeeded", tid: newTid(), price });

describe.each(rooms)("a reservation with a rate limit and an Idempotency-Key, in %s", (_, openRoom) => {
  const opened = freshLedgers(openRoom);
  const reserve = (
    along: { limit?: number; card?: string; key?: string; fingerprint?: string },
    orderId = newOrder(),
    { store } = opened.ledger,
  ) => {
    const { limit, card = "card", key, fingerprint = "f" } = along;
    return store.reserveApproval({
      orderId,
      price,
      payType: "card",
      along: {
        ...(limit !== undefined && { rateLimit: { counters: [{ key: card, limit }], windowMs } }),
        ...(key !== undefined && { request: { scope: "s", key, fingerprint, leaseMs: windowMs } }),
      },
    });
  };
  const reserved = async (...given: Parameters<typeof reserve>) => {
    const reservation = await reserve(...given);
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    return reservation.call;
  };

  it("is refused where a counter is full, and leaves nothing behind", async () => {
    await reserved({ limit: 1 });
    const orderId = newOrder();
    const key = randomUUID();
    await expect(reserve({ limit: 1, key }, orderId)).rejects.toMatchObject({
      code: "rate-limited",
      retryAfterMs: expect.any(Number),
    });
    expect(await opened.ledger.payments.find(orderId)).toBeUndefined();
    const request = { scope: "s", key, fingerprint: "f", leaseMs: windowMs };
    expect(await opened.ledger.store.beginRequest(request)).toEqual({ status: "new" });
    // The refused attempt was not counted either.
    await reserved({ limit: 2 }, orderId);
  });

  it.each([
    ["releases its attempt", "succeeded", succeeded, true],
    ["releases its attempt", "not-sent", (): CallOutcome => ({ outcome: "not-sent" }), true],
    ["keeps its attempt", "refused", (): CallOutcome => ({ outcome: "refused", resultCode: "9999" }), false],
    ["keeps its attempt", "unknown", (): CallOutcome => ({ outcome: "unknown" }), false],
  ])("%s when it is settled as %s", async (_what, _name, outcome, isReleased) => {
    const { store } = opened.ledger;
    const call = await reserved({ limit: 1 });
    await store.markSending(call);
    await store.settle(call, outcome());
    // Settled once more, it is not released once more.
    await store.settle(call, outcome());
    const next = reserve({ limit: 1 });
    if (isReleased) expect(await next).toMatchObject({ status: "reserved" });
    else await expect(next).rejects.toMatchObject({ code: "rate-limited" });
  });

  it("is refused if the request was begun before, for any order, and counts nothing", async () => {
    const key = randomUUID();
    await reserved({ key });
    await expect(reserve({ limit: 1, key })).rejects.toMatchObject({ code: "request-known" });
    await reserved({ limit: 1 });
  });

  it("lets no more of 16 at once pass than the limit", async () => {
    const limit = 5;
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, (_, index) =>
        reserve({ limit }, newOrder(), index % 2 === 0 ? opened.ledger : opened.another),
      ),
    );
    const passed = results.filter(({ status }) => status === "fulfilled");
    expect(passed).toHaveLength(limit);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "rate-limited" });
    }
  });

  it("counts nothing where the order refuses it", async () => {
    const orderId = newOrder();
    await reserved({}, orderId);
    expect(await reserve({ limit: 1 }, orderId)).toMatchObject({ status: "refused", reason: "in-progress" });
    await reserved({ limit: 1 });
  });
});
