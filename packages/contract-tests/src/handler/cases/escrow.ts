import { describe, expect, it } from "vitest";
import { type Ask, at, inEnglish } from "../client.js";
import { anyTime, expectExactJson, expectExactProblem, expectOrder, expectProblem } from "../expect.js";
import type { WireAnswer } from "../mount.js";
import type { World } from "../world.js";

/** Where a buyer wants the money; like a card's number it is to be found nowhere afterwards. */
export const refund = { denyMsg: "깨졌어요", refundBankCode: "04", refundAccount: "9988776655443" } as const;

/** What a seller tells about a parcel. */
export const delivery = {
  soid: "1",
  report: "register",
  invoice: "1234567890",
  registName: "담당자",
  exCode: "cjgls",
  exName: "CJ대한통운",
  charge: "seller",
  invoiceDay: "2026-11-21",
  sendName: "가게",
  sendPost: "06236",
  sendAddr1: "서울시 강남구",
  sendAddr2: "1층",
  sendTel: "02-000-0000",
  recvName: "홍길동",
  recvPost: "03187",
  recvAddr: "서울시 종로구",
  recvTel: "010-0000-0000",
} as const;

export function describeEscrow(world: World): void {
  const act = (orderId: string, what: string, body: object = {}, ask: Ask = {}) =>
    world.post(at(orderId, `escrow/${what}`), body, ask);
  const ship = (orderId: string, ask: Ask = {}) =>
    act(orderId, "delivery", delivery, { as: "staff", ...ask });
  const status = (orderId: string, ask: Ask = {}) => world.get(at(orderId, "escrow"), ask);
  const expectDone = (answer: WireAnswer, orderId: string) =>
    expectExactJson(answer, 200, { orderId, done: true, processedAt: anyTime });
  /** The reply proves nothing; the state of the purchase does. */
  const expectProven = (answer: WireAnswer, orderId: string) =>
    expectExactJson(answer, 200, { orderId, done: true });
  const statusFields = (orderId: string, state: string, denyMsg = "") => ({
    orderId,
    status: state,
    payMethod: "card",
    price: 15_000,
    approvedDate: expect.stringMatching(/^\d{8}$/),
    denyMsg,
  });

  describe("an escrow payment", () => {
    it("is shipped by the seller and confirmed by the buyer", async () => {
      const orderId = await world.escrowOrder(15_000);
      expectExactJson(await status(orderId), 200, statusFields(orderId, "approved"));
      expectDone(await ship(orderId), orderId);
      expectDone(await act(orderId, "confirmation"), orderId);
      expectExactJson(await status(orderId), 200, statusFields(orderId, "purchase-confirmed"));
    });

    it("is refunded when the seller accepts the buyer's rejection", async () => {
      const orderId = await world.escrowOrder(15_000);
      expectDone(await ship(orderId), orderId);
      expectDone(await act(orderId, "rejection", refund), orderId);
      const rejected = statusFields(orderId, "purchase-rejected", "깨졌어요");
      expectExactJson(await status(orderId), 200, rejected);
      expectDone(
        await act(orderId, "rejection-confirmation", { dcnfName: "담당자" }, { as: "staff" }),
        orderId,
      );
      // The buyer's money went back by it, and the order says so.
      const gatewaySays = { resultCode: "310000", resultMessage: "정상 처리되었습니다" };
      expectExactJson(await world.status(orderId), 200, {
        orderId,
        status: "cancelled",
        price: 15_000,
        remainingPrice: 0,
        payType: "card",
        cancel: { status: "done", cancelPrice: 15_000, ...gatewaySays },
      });
      expect(await world.ledger.payments.balance(orderId)).toMatchObject({ gateway: 0, paid: 0 });
      const again = await act(orderId, "rejection-confirmation", { dcnfName: "담당자" }, { as: "staff" });
      expectProblem(again, 409, "already-cancelled");
    });

    it("proves a second rejection by the escrow status when the gateway answers with another service's success code", async () => {
      const orderId = await world.escrowOrder(15_000);
      await ship(orderId);
      expectDone(await act(orderId, "rejection"), orderId);
      expectProven(await act(orderId, "rejection"), orderId);
    });

    it("locks the order when the answer to accepting its rejection is lost", async () => {
      const orderId = await world.escrowOrder(15_000);
      await ship(orderId);
      await act(orderId, "rejection");
      world.sandbox.faults.next({ fault: "reset-after-commit", operation: "escrow.confirmRejection" });
      const accept = () => act(orderId, "rejection-confirmation", { dcnfName: "담당자" }, { as: "staff" });
      expectProblem(await accept(), 409, "outcome-unknown");
      await world.sandbox.faults.clear();
      expectProblem(await accept(), 409, "outcome-unknown");
      expect(await world.ledger.payments.needsReview()).toContainEqual(expect.objectContaining({ orderId }));
    });

    it("is not refunded unless the buyer rejected it", async () => {
      const orderId = await world.escrowOrder(15_000);
      const answer = await act(orderId, "rejection-confirmation", { dcnfName: "담당자" }, { as: "staff" });
      expectExactProblem(answer, 409, "gateway-refused", {
        title: "결제사가 거절했습니다",
        detail: "결제사에서 요청을 거절해 처리되지 않았습니다.",
        gateway: { resultCode: "310020", resultMessage: "구매결정할 수 없는 상태입니다" },
      });
      expectOrder(await world.status(orderId), { status: "paid", remainingPrice: 15_000 });
    });

    it("accepts a changed delivery", async () => {
      const orderId = await world.escrowOrder(15_000);
      expectDone(await ship(orderId), orderId);
      const changed = { ...delivery, report: "change", invoice: "999" };
      expectDone(await act(orderId, "delivery", changed, { as: "staff" }), orderId);
    });

    it("answers which fields of a delivery are invalid", async () => {
      const orderId = await world.escrowOrder(15_000);
      const { soid: _, ...rest } = delivery;
      const body = { ...rest, charge: "nobody", price: 1, tid: "x" };
      const answer = await act(orderId, "delivery", body, { as: "staff" });
      const message = "이 요청에 없는 항목입니다";
      expectExactProblem(answer, 422, "invalid-input", {
        title: "입력값을 확인해 주세요",
        detail: "errors에 적힌 항목을 고쳐 다시 시도해 주세요. 결제는 시도되지 않았습니다.",
        errors: [
          { field: "price", message },
          { field: "tid", message },
        ],
      });
      const { price: _p, tid: _t, ...known } = body;
      const second = await act(orderId, "delivery", known, { as: "staff", ...inEnglish });
      const english = {
        title: "Invalid input",
        detail: "Correct the fields named in errors. Nothing was sent to the gateway.",
        errors: [
          { field: "soid", message: "is missing" },
          { field: "charge", message: 'must be one of "seller", "buyer"' },
        ],
      };
      expectExactProblem(second, 422, "invalid-input", english, { "content-language": "en" });
    });

    it("cannot be confirmed before it is shipped", async () => {
      const orderId = await world.escrowOrder(15_000);
      const answer = await act(orderId, "confirmation");
      expectProblem(answer, 409, "gateway-refused", {
        gateway: { resultCode: "310015", resultMessage: "구매확정할 수 없는 상태입니다" },
      });
    });

    it("is proven confirmed by the escrow status when the answer to the confirmation is lost", async () => {
      const orderId = await world.escrowOrder(15_000);
      await ship(orderId);
      world.sandbox.faults.next({ fault: "reset-after-commit", operation: "escrow.confirmPurchase" });
      expectProven(await act(orderId, "confirmation"), orderId);
    });

    it("answers escrow-unknown when the escrow status does not show the confirmation", async () => {
      const orderId = await world.escrowOrder(15_000);
      await ship(orderId);
      world.sandbox.faults.next({ fault: "reset-before-commit", operation: "escrow.confirmPurchase" });
      expectExactProblem(await act(orderId, "confirmation"), 409, "escrow-unknown", {
        title: "처리 결과를 확인할 수 없습니다",
        detail: "에스크로 상태를 먼저 조회한 뒤 필요할 때만 다시 시도해 주세요.",
      });
      expectDone(await act(orderId, "confirmation"), orderId);
    });

    it.each([
      ["delivery", delivery, "alice"],
      ["rejection-confirmation", { dcnfName: "담당자" }, "alice"],
      ["confirmation", {}, "staff"],
      ["rejection", {}, "staff"],
      ["delivery", delivery, "bob"],
      ["confirmation", {}, "bob"],
      ["rejection", {}, "bob"],
      ["rejection-confirmation", { dcnfName: "담당자" }, "bob"],
    ] as const)("refuses %s with %j from %s", async (what, body, as) => {
      const orderId = await world.escrowOrder(15_000);
      await ship(orderId, { unrecorded: true });
      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await act(orderId, what, body, { as }), 403, "forbidden");
      });
      expect(requests).toBe(0);
    });

    it("hides its status from other customers", async () => {
      const orderId = await world.escrowOrder(15_000);
      for (const as of ["bob", null]) expectProblem(await status(orderId, { as }), 403, "forbidden");
    });

    it("does not exist before the order is paid", async () => {
      const orderId = world.order(15_000);
      expectProblem(await status(orderId), 409, "not-paid");
      expectProblem(await act(orderId, "confirmation"), 409, "not-paid");
    });
  });
}
