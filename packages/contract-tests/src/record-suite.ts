import { randomUUID } from "node:crypto";
import type {
  CallOutcome,
  OrderPayment,
  PaymentRecord,
  ReservedApproval,
  ReservedCancel,
} from "@payapi/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** Two records of one merchant over the same data, as two processes would have them. */
export interface OpenRecords {
  readonly record: PaymentRecord;
  readonly another: PaymentRecord;
  close(): Promise<void>;
}

const price = 10_000;

/** What core's handler may rely on, for every `PaymentRecord` there is. */
export function describePaymentRecord(name: string, open: () => Promise<OpenRecords>): void {
  describe(`PaymentRecord: ${name}`, () => {
    let records: OpenRecords;
    let record: PaymentRecord;
    beforeAll(async () => {
      records = await open();
      record = records.record;
    });
    afterAll(() => records.close());

    const newOrder = () => `order-${randomUUID().slice(0, 8)}`;
    const newTid = () => `tid${randomUUID().replaceAll("-", "")}`;

    async function reserved(orderId: string, wanted = price): Promise<ReservedApproval> {
      const reservation = await record.reserveApproval({ orderId, price: wanted, payType: "card" });
      if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
      return reservation.call;
    }

    async function sent(orderId: string): Promise<ReservedApproval> {
      const call = await reserved(orderId);
      await record.markSending(call);
      return call;
    }

    async function paid(orderId: string): Promise<OrderPayment> {
      const call = await sent(orderId);
      return record.settle(call, { outcome: "succeeded", tid: newTid(), price, resultCode: "00" });
    }

    async function reservedCancel(
      orderId: string,
      part?: { cancelPrice: number; confirmPrice: number },
    ): Promise<ReservedCancel> {
      const reservation = await record.reserveCancel({ orderId, ...(part ? { part } : {}) });
      if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
      return reservation.call;
    }

    async function cancelled(orderId: string, outcome: CallOutcome, cancelPrice = 3_000) {
      const remaining = (await record.findOrder(orderId))?.remainingPrice ?? 0;
      const call = await reservedCancel(orderId, { cancelPrice, confirmPrice: remaining - cancelPrice });
      await record.markSending(call);
      return { call, order: await record.settle(call, outcome) };
    }

    const approval = (orderId: string) => record.reserveApproval({ orderId, price, payType: "card" });
    const cancel = (orderId: string, part?: { cancelPrice: number; confirmPrice: number }) =>
      record.reserveCancel({ orderId, ...(part ? { part } : {}) });

    it("knows nothing about an order that was never tried", async () => {
      const orderId = newOrder();
      expect(await record.findOrder(orderId)).toBeUndefined();
      expect(await cancel(orderId)).toEqual({ status: "refused", reason: "not-paid", order: undefined });
    });

    it("reserves the first approval and shows it as running", async () => {
      const orderId = newOrder();
      const call = await reserved(orderId);
      expect(call).toMatchObject({ kind: "approval", orderId, price });
      expect(await record.findOrder(orderId)).toEqual({
        orderId,
        status: "in-progress",
        price,
        remainingPrice: 0,
        payType: "card",
      });
    });

    it("lets one of 32 concurrent callers in two processes approve an order", async () => {
      const orderId = newOrder();
      const results = await Promise.all(
        Array.from({ length: 32 }, (_, i) =>
          (i % 2 === 0 ? record : records.another).reserveApproval({ orderId, price, payType: "card" }),
        ),
      );
      expect(results.filter(({ status }) => status === "reserved")).toHaveLength(1);
      const refused = results.filter((result) => result.status === "refused");
      expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(["in-progress"]));
    });

    it("shares what it knows between processes", async () => {
      const orderId = newOrder();
      const call = await reserved(orderId);
      await records.another.markSending(call);
      await records.another.settle(call, { outcome: "succeeded", tid: newTid(), price });
      expect(await record.findOrder(orderId)).toMatchObject({ status: "paid", remainingPrice: price });
    });

    it("keeps what the reply says about a payment", async () => {
      const orderId = newOrder();
      const tid = newTid();
      const at = new Date("2026-05-01T12:34:56+09:00");
      const order = await record.settle(await sent(orderId), {
        outcome: "succeeded",
        tid,
        price,
        applNum: "30012345",
        at,
        resultCode: "00",
        resultMessage: "정상처리",
      });
      expect(order).toEqual({
        orderId,
        status: "paid",
        price,
        remainingPrice: price,
        payType: "card",
        tid,
        applNum: "30012345",
        approvedAt: at,
        resultCode: "00",
        resultMessage: "정상처리",
      });
      expect(await record.findOrder(orderId)).toEqual(order);
    });

    it.each([
      ["a refusal", { outcome: "refused", resultCode: "1234" }, "declined"],
      ["a call that was not sent", { outcome: "not-sent", code: "connect-failed" }, "not-sent"],
    ] as const)("lets the buyer try again after %s, with a new oid", async (_, outcome, status) => {
      const orderId = newOrder();
      const first = await sent(orderId);
      expect((await record.settle(first, outcome)).status).toBe(status);
      expect((await record.findOrder(orderId))?.remainingPrice).toBe(0);
      const second = await reserved(orderId, 12_000);
      expect(second.oid).not.toBe(first.oid);
      expect(second).toMatchObject({ orderId, price: 12_000 });
    });

    it.each([
      ["paid", { outcome: "succeeded", price }, "already-paid"],
      ["unknown", { outcome: "unknown", code: "reply-lost" }, "outcome-unknown"],
      ["needs-attention", { outcome: "moved", price: 1 }, "needs-attention"],
    ] as const)("refuses another approval of an order that is %s", async (status, outcome, reason) => {
      const orderId = newOrder();
      const call = await sent(orderId);
      const order = await record.settle(call, { ...outcome, tid: newTid() });
      expect(order.status).toBe(status);
      expect(await approval(orderId)).toEqual({ status: "refused", reason, order });
    });

    it("refuses to charge a cancelled order again", async () => {
      const orderId = newOrder();
      await paid(orderId);
      await cancelled(orderId, { outcome: "succeeded" }, price);
      expect(await approval(orderId)).toMatchObject({ reason: "already-cancelled" });
      expect(await cancel(orderId)).toMatchObject({ reason: "already-cancelled" });
    });

    it("gives every attempt of every order its own oid that the gateway takes", async () => {
      const ids = ["a", "a-1", "a-1-1", "주문 7", "x".repeat(200), "x".repeat(199), "a b", "a_b", "a&b=c"];
      const oids: string[] = [];
      for (const id of ids.map((prefix) => `${prefix}${newOrder().slice(6, 10)}`.slice(-200))) {
        for (let attempt = 0; attempt < 3; attempt++) {
          const call = await sent(id);
          oids.push(call.oid);
          await record.settle(call, { outcome: "refused" });
        }
      }
      expect(new Set(oids).size).toBe(oids.length);
      for (const oid of oids) expect(oid).toMatch(/^[A-Za-z0-9_-]{1,30}$/);
    });

    describe("marking as sending", () => {
      // Tells a second holder of a call to settle nothing: the first one's byte may have left.
      const notYours = { code: "not-yours" };

      it("is possible once", async () => {
        const call = await sent(newOrder());
        await expect(record.markSending(call)).rejects.toMatchObject(notYours);
      });

      it("succeeds for one of several at once", async () => {
        const call = await reserved(newOrder());
        const marks = await Promise.allSettled(Array.from({ length: 8 }, () => record.markSending(call)));
        expect(marks.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      });

      it("is refused after the call was settled", async () => {
        const call = await reserved(newOrder());
        await record.settle(call, { outcome: "not-sent" });
        await expect(record.markSending(call)).rejects.toMatchObject(notYours);
      });

      it("is refused for a call nobody reserved", async () => {
        const call = await reserved(newOrder());
        await expect(record.markSending({ ...call, id: randomUUID() })).rejects.toThrow();
        await expect(record.markSending({ ...call, orderId: newOrder() })).rejects.toThrow();
      });

      it("is possible once for a cancel too", async () => {
        const orderId = newOrder();
        await paid(orderId);
        const call = await reservedCancel(orderId);
        await record.markSending(call);
        await expect(record.markSending(call)).rejects.toMatchObject(notYours);
      });
    });

    describe("settling", () => {
      it("changes nothing the second time", async () => {
        const orderId = newOrder();
        const call = await sent(orderId);
        const outcome = { outcome: "succeeded", tid: newTid(), price } as const;
        const order = await record.settle(call, outcome);
        expect(await record.settle(call, outcome)).toEqual(order);
      });

      it("is safe when several say the same at once", async () => {
        const orderId = newOrder();
        const call = await sent(orderId);
        const outcome = { outcome: "succeeded", tid: newTid(), price } as const;
        const orders = await Promise.all(
          Array.from({ length: 8 }, (_, i) => (i % 2 ? record : records.another).settle(call, outcome)),
        );
        for (const order of orders) expect(order).toMatchObject({ status: "paid", remainingPrice: price });
      });

      it("takes the fact that ends an unknown", async () => {
        const orderId = newOrder();
        const call = await sent(orderId);
        expect((await record.settle(call, { outcome: "unknown" })).status).toBe("unknown");
        const order = await record.settle(call, { outcome: "succeeded", tid: newTid(), price });
        expect(order).toMatchObject({ status: "paid", remainingPrice: price });
      });

      it("does not forget a payment because of a later unknown", async () => {
        const orderId = newOrder();
        const call = await sent(orderId);
        await record.settle(call, { outcome: "succeeded", tid: newTid(), price });
        expect(await record.settle(call, { outcome: "unknown" })).toMatchObject({ status: "paid" });
      });

      it.each(["refused", "not-sent"] as const)(
        "locks an order whose %s call is said to have succeeded",
        async (first) => {
          const orderId = newOrder();
          const call = await sent(orderId);
          await record.settle(call, { outcome: first });
          const order = await record.settle(call, { outcome: "succeeded", tid: newTid(), price });
          expect(order.status).toBe("needs-attention");
          expect(await approval(orderId)).toMatchObject({ reason: "needs-attention" });
        },
      );

      it.each([
        ["another price", { tid: "given", price: price + 1 }, price + 1],
        ["a price that is none", { tid: "given", price: Number.NaN }, 0],
        ["no tid", { price }, price],
        ["a tid that could not be sent back", { tid: "a\u0000b", price }, price],
      ])("does not take a success with %s for a payment", async (_, reply, remainingPrice) => {
        const orderId = newOrder();
        const tid = "tid" in reply && reply.tid === "given" ? { tid: newTid() } : {};
        const order = await record.settle(await sent(orderId), { outcome: "succeeded", ...reply, ...tid });
        expect(order).toMatchObject({ status: "needs-attention", remainingPrice });
        expect(await cancel(orderId)).toMatchObject({ reason: "needs-attention" });
      });

      it("does not take a success with another payment's tid for a payment", async () => {
        const [one, two] = [newOrder(), newOrder()];
        const { tid } = await paid(one);
        if (tid === undefined) throw new Error("No tid");
        const order = await record.settle(await sent(two), { outcome: "succeeded", tid, price });
        expect(order.status).toBe("needs-attention");
        expect((await record.findOrder(one))?.status).toBe("paid");
      });

      it("gives one of two orders the tid when both replies carry it at once", async () => {
        const [one, two, tid] = [await sent(newOrder()), await sent(newOrder()), newTid()];
        const orders = await Promise.all(
          [one, two].map((call) => record.settle(call, { outcome: "succeeded", tid, price })),
        );
        expect(orders.map(({ status }) => status).sort()).toEqual(["needs-attention", "paid"]);
      });

      it("keeps no card number and no strange character of a reply", async () => {
        const orderId = newOrder();
        const order = await record.settle(await sent(orderId), {
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
      ])("keeps no card number %s", async (_, resultMessage) => {
        const order = await record.settle(await sent(newOrder()), { outcome: "refused", resultMessage });
        expect(JSON.stringify(order.resultMessage)).not.toContain("1111");
      });

      it("refuses a call nobody reserved", async () => {
        const call = await sent(newOrder());
        await expect(record.settle({ ...call, id: randomUUID() }, { outcome: "unknown" })).rejects.toThrow();
      });
    });

    describe("cancelling", () => {
      it("cancels an untouched payment as a whole", async () => {
        const orderId = newOrder();
        const { tid } = await paid(orderId);
        const call = await reservedCancel(orderId);
        expect(call).toMatchObject({
          kind: "cancel",
          operation: "payments.cancel",
          payType: "card",
          tid,
          cancelPrice: price,
          confirmPrice: 0,
        });
        expect(await record.findOrder(orderId)).toMatchObject({
          status: "in-progress",
          remainingPrice: price,
          cancel: { status: "in-progress", cancelPrice: price },
        });
        await record.markSending(call);
        const order = await record.settle(call, { outcome: "succeeded", price, resultCode: "00" });
        expect(order).toMatchObject({
          status: "cancelled",
          price,
          remainingPrice: 0,
          cancel: { status: "done", cancelPrice: price, resultCode: "00" },
        });
      });

      it("cancels a part that is the whole as a whole", async () => {
        const orderId = newOrder();
        await paid(orderId);
        const call = await reservedCancel(orderId, { cancelPrice: price, confirmPrice: 0 });
        expect(call.operation).toBe("payments.cancel");
      });

      it("cancels a part, and the rest as a part too", async () => {
        const orderId = newOrder();
        await paid(orderId);
        const { call, order } = await cancelled(orderId, {
          outcome: "succeeded",
          price: 3_000,
          remainingPrice: 7_000,
          cancelTid: newTid(),
        });
        expect(call).toMatchObject({
          operation: "payments.cancelPartially",
          cancelPrice: 3_000,
          confirmPrice: 7_000,
        });
        expect(order).toMatchObject({ status: "partially-cancelled", remainingPrice: 7_000 });
        expect(await approval(orderId)).toMatchObject({ reason: "already-paid" });
        const rest = await reservedCancel(orderId);
        expect(rest).toMatchObject({
          operation: "payments.cancelPartially",
          cancelPrice: 7_000,
          confirmPrice: 0,
        });
        await record.markSending(rest);
        expect(await record.settle(rest, { outcome: "succeeded" })).toMatchObject({
          status: "cancelled",
          remainingPrice: 0,
        });
      });

      it("does not cancel twice for a repeated click", async () => {
        const orderId = newOrder();
        await paid(orderId);
        const part = { cancelPrice: 3_000, confirmPrice: 7_000 };
        await cancelled(orderId, { outcome: "succeeded" });
        expect(await cancel(orderId, part)).toMatchObject({ status: "refused", reason: "remaining-differs" });
      });

      it.each([
        ["more than remains", { cancelPrice: price + 1, confirmPrice: 0 }],
        ["a part that leaves less than said", { cancelPrice: 3_000, confirmPrice: 7_001 }],
        ["a part that leaves more than said", { cancelPrice: 3_000, confirmPrice: 6_999 }],
      ])("refuses %s", async (_, part) => {
        const orderId = newOrder();
        const order = await paid(orderId);
        expect(await cancel(orderId, part)).toEqual({
          status: "refused",
          reason: "remaining-differs",
          order,
        });
        expect(await record.findOrder(orderId)).toEqual(order);
      });

      it.each([
        ["running", undefined, "in-progress"],
        ["declined", { outcome: "refused" }, "not-paid"],
        ["not sent", { outcome: "not-sent" }, "not-paid"],
        ["unknown", { outcome: "unknown" }, "outcome-unknown"],
        ["otherwise than asked", { outcome: "moved", tid: "tid", price: 5 }, "needs-attention"],
      ] as const)("refuses to cancel an approval that is %s", async (_, outcome, reason) => {
        const orderId = newOrder();
        const call = await sent(orderId);
        if (outcome !== undefined) {
          await record.settle(call, "tid" in outcome ? { ...outcome, tid: newTid() } : outcome);
        }
        expect(await cancel(orderId)).toMatchObject({ status: "refused", reason });
      });

      it.each([
        ["refused", { outcome: "refused", resultCode: "01", resultMessage: "불가" }, "refused"],
        ["not sent", { outcome: "not-sent" }, "not-sent"],
      ] as const)("frees the amount of a cancel that was %s", async (_, outcome, status) => {
        const orderId = newOrder();
        await paid(orderId);
        const { order } = await cancelled(orderId, outcome);
        expect(order).toMatchObject({ status: "paid", remainingPrice: price, cancel: { status } });
        expect((await reservedCancel(orderId)).operation).toBe("payments.cancel");
      });

      it("locks the payment while a cancel is unknown", async () => {
        const orderId = newOrder();
        await paid(orderId);
        const { call, order } = await cancelled(orderId, { outcome: "unknown" });
        expect(order).toMatchObject({
          status: "unknown",
          remainingPrice: price,
          cancel: { status: "unknown" },
        });
        expect(await cancel(orderId)).toMatchObject({ reason: "outcome-unknown" });
        expect(await cancel(orderId, { cancelPrice: 1, confirmPrice: price - 1 })).toMatchObject({
          reason: "outcome-unknown",
        });
        expect(await approval(orderId)).toMatchObject({ reason: "outcome-unknown" });
        expect(await record.settle(call, { outcome: "succeeded" })).toMatchObject({
          status: "partially-cancelled",
          remainingPrice: 7_000,
        });
      });

      it("does not free an unknown cancel because a repetition was refused", async () => {
        const orderId = newOrder();
        await paid(orderId);
        const { call } = await cancelled(orderId, { outcome: "unknown" });
        expect(await record.settle(call, { outcome: "refused", resultCode: "01" })).toMatchObject({
          status: "unknown",
        });
      });

      it.each([
        ["moved otherwise than asked", { outcome: "moved", price: 1 }],
        ["gave back another amount", { outcome: "succeeded", price: 2_999 }],
        ["left another amount", { outcome: "succeeded", price: 3_000, remainingPrice: 7_001 }],
      ] as const)("locks the payment when a cancel %s", async (_, outcome) => {
        const orderId = newOrder();
        await paid(orderId);
        const { order } = await cancelled(orderId, outcome);
        expect(order).toMatchObject({
          status: "needs-attention",
          cancel: { status: "needs-attention", cancelPrice: 3_000 },
        });
        expect(await cancel(orderId)).toMatchObject({ reason: "needs-attention" });
      });

      it("settles a cancel once, however often it is said", async () => {
        const orderId = newOrder();
        await paid(orderId);
        const { call, order } = await cancelled(orderId, { outcome: "succeeded" });
        expect(await record.settle(call, { outcome: "succeeded" })).toEqual(order);
        expect(await record.settle(call, { outcome: "unknown" })).toEqual(order);
        expect(order.remainingPrice).toBe(7_000);
      });

      it("lets one of 16 racing cancels in, and never gives back more than was paid", async () => {
        const orderId = newOrder();
        await paid(orderId);
        let givenBack = 0;
        for (let round = 0; round < 4; round++) {
          const remaining = price - givenBack;
          const part = { cancelPrice: 3_000, confirmPrice: remaining - 3_000 };
          const valid = part.confirmPrice >= 0;
          const results = await Promise.all(
            Array.from({ length: 16 }, (_, i) =>
              (i % 2 ? record : records.another).reserveCancel({ orderId, ...(valid ? { part } : {}) }),
            ),
          );
          const calls = results.filter((result) => result.status === "reserved");
          expect(calls).toHaveLength(1);
          for (const { call } of calls) {
            await record.markSending(call);
            await record.settle(call, { outcome: "succeeded" });
            givenBack += call.cancelPrice;
          }
        }
        expect(givenBack).toBe(price);
        expect(await record.findOrder(orderId)).toMatchObject({ status: "cancelled", remainingPrice: 0 });
      });
    });

    it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
      "throws when asked to move %s won",
      async (won) => {
        const orderId = newOrder();
        await expect(approvalOf(won)).rejects.toThrow();
        expect(await record.findOrder(orderId)).toBeUndefined();
        await paid(orderId);
        await expect(async () => cancel(orderId, { cancelPrice: won, confirmPrice: 0 })).rejects.toThrow();
        expect((await record.findOrder(orderId))?.status).toBe("paid");

        async function approvalOf(wanted: number) {
          return record.reserveApproval({ orderId, price: wanted, payType: "card" });
        }
      },
    );

    it.each(["", "a\u0000b", "a\nb", "x".repeat(201)])(
      "throws for an order id that is none",
      async (orderId) => {
        await expect(async () => approval(orderId)).rejects.toThrow();
      },
    );
  });
}
