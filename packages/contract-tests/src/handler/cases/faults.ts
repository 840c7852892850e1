import { describe, expect, it } from "vitest";
import { expectOrder, expectProblem } from "../expect.js";
import { goodCard, type World } from "../world.js";

export function describeFaults(world: World): void {
  describe("when the gateway's answer is lost", () => {
    const faults = [
      ["the connection is reset after the gateway's commit", "reset-after-commit", true],
      ["the connection is reset before the gateway's commit", "reset-before-commit", false],
      ["the reply is HTML", "html", true],
      ["the reply is a 500", "status-500", true],
      ["the reply is cut off", "truncate", true],
      ["no reply comes in time", "stall-after-commit", true],
    ] as const;

    it.each(faults)("locks the order: %s", async (_what, fault, charged) => {
      const orderId = world.order(15_000);
      world.sandbox.faults.next(fault);
      const order = { orderId, status: "unknown", price: 15_000, remainingPrice: 0 };
      expectProblem(await world.pay(orderId), 409, "outcome-unknown", {
        order: expect.objectContaining(order),
      });
      expect(world.paymentsOf(orderId)).toHaveLength(charged ? 1 : 0);

      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await world.pay(orderId), 409, "outcome-unknown", {
          order: expect.objectContaining(order),
        });
        expectProblem(await world.cancel(orderId), 409, "outcome-unknown");
        expectProblem(await world.cancelPart(orderId, 1_000, 14_000), 409, "outcome-unknown");
      });
      expect(requests).toBe(0);
      expectOrder(await world.status(orderId), { status: "unknown" });
      expect(await world.ledger.unknowns()).toContainEqual(
        expect.objectContaining({ orderId, kind: "approval", state: "unknown", price: 15_000 }),
      );
      expect(await world.log()).toContainEqual(
        expect.objectContaining({ level: "warn", orderId, outcome: "unknown" }),
      );
    });

    it("locks the payment when it is the answer to a full cancel", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      world.sandbox.faults.next("reset-after-commit");
      expectProblem(await world.cancel(orderId), 409, "outcome-unknown", {
        order: expect.objectContaining({
          status: "unknown",
          cancel: { status: "unknown", cancelPrice: 15_000 },
        }),
      });
      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await world.cancel(orderId), 409, "outcome-unknown");
        expectProblem(await world.pay(orderId), 409, "outcome-unknown");
      });
      expect(requests).toBe(0);
      expect(world.paymentsOf(orderId)[0]?.cancels).toHaveLength(1);
      expect(await world.ledger.unknowns()).toContainEqual(
        expect.objectContaining({ orderId, kind: "cancel" }),
      );
    });

    it("locks the payment when it is the answer to a partial cancel", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      world.sandbox.faults.next("truncate");
      expectProblem(await world.cancelPart(orderId, 5_000, 10_000), 409, "outcome-unknown");
      expectProblem(await world.cancelPart(orderId, 5_000, 10_000), 409, "outcome-unknown");
      expectProblem(await world.cancelPart(orderId, 5_000, 5_000), 409, "outcome-unknown");
      expect(world.paymentsOf(orderId)[0]).toMatchObject({ remaining: 10_000, cancels: [{ price: 5_000 }] });
    });
  });

  describe("when the gateway's success cannot be believed", () => {
    it.each([
      ["another price", "wrong-price"],
      ["no transaction id", "no-tid"],
    ] as const)("locks the order for an operator: %s", async (_what, fault) => {
      const orderId = world.order(15_000);
      world.sandbox.faults.next(fault);
      const order = expect.objectContaining({ orderId, status: "needs-attention" });
      expectProblem(await world.pay(orderId), 409, "needs-attention", { order });
      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await world.pay(orderId), 409, "needs-attention", { order });
      });
      expect(requests).toBe(0);
      expect(world.paymentsOf(orderId)).toHaveLength(1);
      expect(await world.ledger.unknowns()).toContainEqual(expect.objectContaining({ orderId }));
    });
  });

  describe("when the gateway cannot be reached", () => {
    it("says that nothing was sent, and takes another try", async () => {
      const orderId = world.order(15_000);
      world.sandbox.faults.next("refuse");
      expectProblem(await world.pay(orderId), 503, "not-sent", {
        order: expect.objectContaining({ orderId, status: "not-sent", remainingPrice: 0 }),
      });
      expect(world.paymentsOf(orderId)).toEqual([]);
      expectOrder(await world.status(orderId), { status: "not-sent" });
      await world.sandbox.faults.clear();
      expectOrder(await world.pay(orderId), { status: "paid" });
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    it("leaves a payment whole, and takes another try to cancel it", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      world.sandbox.faults.next("refuse");
      expectProblem(await world.cancel(orderId), 503, "not-sent", {
        order: expect.objectContaining({
          status: "paid",
          remainingPrice: 15_000,
          cancel: { status: "not-sent", cancelPrice: 15_000 },
        }),
      });
      await world.sandbox.faults.clear();
      expectOrder(await world.cancel(orderId), { status: "cancelled", remainingPrice: 0 });
    });
  });

  describe("when the gateway refuses a cancel", () => {
    it("says so and leaves the payment as it was", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      // The gateway takes no full cancel of what is cancelled in part.
      await cancelAtTheConsole(world, orderId, { cancelPrice: 5_000, confirmPrice: 10_000 });
      const answer = await world.cancel(orderId);
      expectProblem(answer, 409, "cancel-refused", {
        order: expect.objectContaining({ cancel: expect.objectContaining({ status: "refused" }) }),
      });
    });

    it("since it was cancelled already, and not by us, keeps the order for a person", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      await cancelAtTheConsole(world, orderId);
      expectProblem(await world.cancel(orderId), 409, "needs-attention", {
        order: expect.objectContaining({ status: "needs-attention" }),
      });
      expectProblem(await world.cancel(orderId), 409, "needs-attention");
    });
  });

  it("does not mistake a fault for another buyer's", async () => {
    const [one, other] = [world.order(15_000), world.order(20_000)];
    world.sandbox.faults.next({ fault: "reset-after-commit", oid: `${one}-1` });
    const answers = [world.pay(one, goodCard), world.pay(other, goodCard, { unrecorded: true })];
    expectProblem((await answers[0]) ?? never(), 409, "outcome-unknown");
    expectOrder((await answers[1]) ?? never(), { orderId: other, status: "paid", price: 20_000 });
  });
}

// Somebody cancels in the gateway's console, behind the ledger's back.
async function cancelAtTheConsole(
  world: World,
  orderId: string,
  part?: { readonly cancelPrice: number; readonly confirmPrice: number },
): Promise<void> {
  const { tid, price } = world.paymentsOf(orderId)[0] ?? never();
  const { payments } = world.payapi;
  if (part === undefined) await payments.cancel({ tid, payType: "card", price });
  else await payments.cancelPartially({ tid, payType: "card", ...part });
}

function never(): never {
  throw new Error("this should be there");
}
