import { createPayApi } from "@payapi/core";
import { createPayApiHandler } from "@payapi/core/handler";
import { memoryLedger } from "@payapi/ledger";
import { startSandbox } from "@payapi/sandbox";
import { expect, it, onTestFinished } from "vitest";
import { sampleNotifications } from "../../src/store-contract/index.js";

const origin = "https://shop.example";
const delivery = {
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
};

it.each([
  ["delivery", delivery],
  ["confirmation", {}],
  ["rejection", { denyMsg: "깨졌어요", refundBankCode: "04", refundAccount: "9988776655443" }],
])("an escrow order that needs review is refused: %s", async (what, body) => {
  const merchant = { mid: "m1", signKey: "sign", fieldKey: "1".repeat(32), fieldIv: "1".repeat(16) };
  const sandbox = await startSandbox({ port: 0, merchants: [merchant] });
  onTestFinished(() => sandbox.close());
  const payapi = createPayApi({ ...merchant, environment: "sandbox", baseUrl: sandbox.url });
  const ledger = memoryLedger({ payapi });
  const handler = createPayApiHandler({
    payapi,
    ledger,
    orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동", escrow: true }) },
    authorize: () => true,
    clientAddress: () => "203.0.113.7",
    publicUrl: origin,
    basePath: "/payments",
    groups: ["escrow"],
    logger: () => {},
  });
  const reserved = await ledger.store.reserveApproval({ orderId: "o1", price: 15_000, payType: "card" });
  if (reserved.status !== "reserved") throw new Error("Refused");
  const { call } = reserved;
  await ledger.store.markSending(call);
  await ledger.store.settle(call, { outcome: "succeeded", tid: "T1", price: 15_000 });
  // Someone refunds a part in the gateway's console.
  const { escrowCancelled } = sampleNotifications("m1");
  const refund = { oid: call.oid, tid: "T1", price: 5_000 };
  await ledger.store.receiveNotification(
    escrowCancelled(refund, { fields: { tid_org: "T1", no_tid: "C1" } }),
  );
  expect(await ledger.payments.find("o1")).toMatchObject({ status: "needs-review" });
  const request = new Request(`${origin}/payments/orders/o1/escrow/${what}`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await handler(request, undefined);
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ code: "needs-review" });
  expect(sandbox.book.requests).toEqual([]);
});
