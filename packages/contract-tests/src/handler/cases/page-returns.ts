import { describe, expect, it } from "vitest";
import { expectExactProblem, expectOrder, json } from "../expect.js";
import { expectBack, pageVisit } from "../page-visit.js";
import type { World } from "../world.js";

/** Returns from the payment page that may not pay an order. */
export function describePageReturns(world: World): void {
  const { authenticated, bringBack } = pageVisit(world);

  describe("the payment page", () => {
    it.each([
      ["another server as P_REQ_URL", { P_REQ_URL: "https://evil.example/smart/approve" }],
      ["another port in P_REQ_URL", { P_REQ_URL: "http://127.0.0.1:1/smart/a/x" }],
      ["another page of the gateway as P_REQ_URL", { P_REQ_URL: "http://127.0.0.1:1/no-such-page" }],
      ["another order", { P_OID: "order-9" }],
      ["another merchant", { P_MID: "someoneels" }],
      ["another amount", { P_AMT: "1" }],
      ["another link's token", { P_NOTI: "x".repeat(22) }],
      ["no transaction", { P_TID: "" }],
      ["no status", { P_STATUS: "" }],
    ])("rejects a return with %s", async (_what, changed) => {
      const orderId = world.order(15_000);
      const { path, fields } = await authenticated(orderId);
      const requests = await world.gatewayRequestsDuring(async () => {
        expectBack(await world.navigate("POST", path, { ...fields, ...changed }), orderId);
      });
      expect(requests).toBe(0);
      expectOrder(await world.status(orderId), { status: "not-paid" });
    });

    it("rejects a return with another order's payment", async () => {
      const [cheap, dear] = [world.order(1_000), world.order(90_000)];
      const paid = await authenticated(cheap);
      expectBack(await bringBack(paid), cheap);
      const { path } = await authenticated(dear);
      // The transaction was used before, so the gateway is not even asked, and nothing is cancelled.
      const requests = await world.gatewayRequestsDuring(async () => {
        const { P_AMT: _, P_NOTI: __, ...replayed } = paid.fields;
        expectBack(await world.navigate("POST", path, replayed), dear);
      });
      expect(requests).toBe(0);
      expectOrder(await world.status(dear), { status: "not-paid" });
      expectOrder(await world.status(cheap), { status: "paid", remainingPrice: 1_000 });
    });

    it("does not pay an order with a cheaper order's authentication", async () => {
      const [cheap, dear] = [world.order(1_000), world.order(90_000)];
      const authentication = await authenticated(cheap);
      const { path } = await authenticated(dear);
      const { P_AMT: _, P_NOTI: __, ...swapped } = authentication.fields;
      expectBack(await world.navigate("POST", path, swapped), dear);
      const { status } = json(await world.status(dear, { unrecorded: true }));
      expect(status).toBe("needs-review");
    });

    it("answers not-found for an unknown link", async () => {
      for (const path of ["page-return", "page-end"]) {
        for (const token of ["x".repeat(22), "x", "../orders"]) {
          const answer = await world.navigate("GET", `/payments/${path}/${encodeURIComponent(token)}`);
          expectExactProblem(answer, 404, "link-not-found", {
            title: "결제 링크를 찾을 수 없습니다",
            detail: "이 상점에서 만든 결제 링크가 아닙니다.",
          });
        }
      }
    });

    it("sends the buyer back from its return page without a change of the order", async () => {
      const orderId = world.order(15_000);
      const { path } = await authenticated(orderId);
      const end = path.replace("page-return", "page-end");
      expectBack(await world.navigate("GET", `${end}?P_STATUS=00&P_TID=T1`), orderId);
      expectBack(await world.navigate("POST", end, { P_STATUS: "00", P_TID: "T1" }), orderId);
      expectOrder(await world.status(orderId), { status: "not-paid" });
    });

    it("does not treat a HEAD request as a return", async () => {
      const { path, fields } = await authenticated(world.order());
      const answer = await world.send("HEAD", `${path}?${new URLSearchParams(fields)}`, undefined, {
        as: null,
        unrecorded: true,
      });
      expect(answer).toMatchObject({ status: 405, text: "" });
    });

    it.each([
      ["JSON", "application/json", "{}"],
      ["a file", "multipart/form-data; boundary=x", "--x--"],
      ["plain text", "text/plain", "P_STATUS=00"],
    ])("rejects %s as a return", async (_what, type, raw) => {
      const { path } = await authenticated(world.order());
      const answer = await world.navigate("POST", path, {}, { raw, headers: { "content-type": type } });
      expectExactProblem(answer, 415, "form-expected", {
        title: "지원하지 않는 형식입니다",
        detail: "Content-Type은 application/x-www-form-urlencoded여야 하며 압축할 수 없습니다.",
      });
    });
  });
}
