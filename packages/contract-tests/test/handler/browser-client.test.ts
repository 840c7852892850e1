import { type Bodies, isPayApiProblem, type PayApiProblem } from "@payapi/core/browser";
import { answerShapes, routes } from "@payapi/core/handler";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrowserShop, openBrowserShop, type SeenAnswer } from "../../src/handler/browser-shop.js";
import { chooseAtPage } from "../../src/handler/page-buyer.js";
import { operationInputs } from "../../src/operation-inputs.js";

const card = { cardNumber: "4111111111111111", cardExpireYY: 99, cardExpireMM: 12 } as const;
const declinedCard = { ...card, cardNumber: "4000000000000002" } as const;

let shop: BrowserShop;
beforeAll(async () => {
  shop = await openBrowserShop();
});
afterAll(() => shop.close());

async function problemOf(call: Promise<unknown>): Promise<PayApiProblem> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isPayApiProblem(error)) throw error ?? new Error("the call succeeded");
  return error;
}

const paymentsOf = (orderId: string) =>
  shop.sandbox.book.transactions.filter(({ oid }) => oid.startsWith(`${orderId}-`));

let escrowOrders = 0;

/** An order that was paid through escrow, at the gateway's window for PCs. */
async function escrowOrder(): Promise<string> {
  escrowOrders += 1;
  const id = `escrow-${escrowOrders}`;
  const reservation = await shop.ledger.store.reserveApproval({
    orderId: id,
    price: 15_000,
    payType: "card",
  });
  if (reservation.status === "refused") throw new Error(reservation.reason);
  await shop.ledger.store.markSending(reservation.call);
  const { tid } = shop.sandbox.outside.payWithEscrow({ oid: reservation.call.oid, price: 15_000 });
  await shop.ledger.store.settle(reservation.call, { outcome: "succeeded", tid, price: 15_000 });
  return shop.order({ id, escrow: true });
}

const delivery = Object.fromEntries(
  Object.entries(operationInputs["escrow.registerDelivery"] ?? {}).filter(
    ([name]) => !["clientIp", "tid", "oid", "price"].includes(name),
  ),
) as unknown as Bodies["registerDelivery"];

describe("the browser client against the handler on Express, with the sandbox", () => {
  test("pays by card once for each Idempotency-Key, and shows the order", async () => {
    const id = shop.order();
    const client = shop.client();
    expect(await client.lookupCardPrefix(id, { prefix: "411111" })).toMatchObject({ cardType: "credit" });
    expect(await client.getOrder(id)).toMatchObject({ orderId: id, status: "not-paid", price: 15_000 });
    const paid = await client.approveCard(id, card, { idempotencyKey: "request-1" });
    expect(paid).toMatchObject({ orderId: id, status: "paid", remainingPrice: 15_000 });
    expect(await client.approveCard(id, card, { idempotencyKey: "request-1" })).toEqual(paid);
    expect(await problemOf(client.approveCard(id, card))).toMatchObject({
      code: "already-paid",
      status: 409,
      order: paid,
    });
    expect(paymentsOf(id)).toHaveLength(1);
  });

  test("repeats safely a request whose answer was lost", async () => {
    const id = shop.order();
    const lost = await problemOf(shop.client({ lose: true }).approveCard(id, card));
    expect(lost).toMatchObject({ code: "no-answer", status: 0 });
    const { idempotencyKey } = lost;
    expect(await shop.client().getOrder(id)).toMatchObject({ status: "paid" });
    expect(await shop.client().approveCard(id, card, { idempotencyKey })).toMatchObject({ status: "paid" });
    expect(paymentsOf(id)).toHaveLength(1);
    expect(await problemOf(shop.client().approveCard(id, declinedCard, { idempotencyKey }))).toMatchObject({
      code: "idempotency-key-reused",
    });
  });

  test("shows problems in its own language", async () => {
    const id = shop.order();
    const wrong = { ...card, cardNumber: "4111-1111" };
    expect(await problemOf(shop.client({ language: "en" }).approveCard(id, wrong))).toMatchObject({
      code: "invalid-input",
      title: "Invalid input",
      errors: [{ field: "cardNumber", message: "must be 13 to 16 digits without spaces or hyphens" }],
    });
    expect(await problemOf(shop.client({ language: "ko" }).approveCard(id, wrong))).toMatchObject({
      title: "입력값을 확인해 주세요",
      errors: [{ field: "cardNumber", message: "띄어쓰기와 하이픈 없이 숫자 13~16자리여야 합니다" }],
    });
    expect(await problemOf(shop.client().approveCard(id, declinedCard))).toMatchObject({
      code: "declined",
      status: 402,
      order: { orderId: id, status: "declined" },
    });
    expect(await problemOf(shop.client().getOrder("no-such-order"))).toMatchObject({
      code: "order-not-found",
    });
  });

  test("cancels in part and in full", async () => {
    const id = shop.order();
    const client = shop.client();
    await client.approveCard(id, card);
    const part = await client.cancelPartially(id, { cancelPrice: 5_000, confirmPrice: 10_000 });
    expect(part).toMatchObject({ status: "partially-cancelled", remainingPrice: 10_000 });
    expect(
      await problemOf(client.cancelPartially(id, { cancelPrice: 5_000, confirmPrice: 0 })),
    ).toMatchObject({
      code: "remaining-differs",
      order: { remainingPrice: 10_000 },
    });
    expect(await client.cancel(id)).toMatchObject({ status: "cancelled", remainingPrice: 0 });
  });

  test("issues, charges, replaces and deletes a billing key", async () => {
    const client = shop.client();
    const { id: keyId, ...issued } = await client.issueBillingKey({ ...card, buyerName: "홍길동" });
    expect(issued).toMatchObject({ kind: "card", state: "active" });
    const paid = shop.order();
    expect(await client.charge(paid, { billingKeyId: keyId })).toMatchObject({ status: "paid" });
    const changed = { ...card, cardNumber: "5555555555554444", buyerName: "홍길동" };
    expect(await client.changeBillingKey(keyId, changed)).toMatchObject({ id: keyId, state: "active" });
    expect(await client.deleteBillingKey(keyId)).toMatchObject({ id: keyId, state: "deleted" });
    expect(await client.getBillingKey(keyId)).toMatchObject({ id: keyId, state: "deleted" });
    const unpaid = shop.order();
    expect(await problemOf(client.charge(unpaid, { billingKeyId: keyId }))).toMatchObject({
      code: "key-not-active",
    });
  });

  test("sends the buyer to the payment page, and shows the virtual account", async () => {
    const id = shop.order();
    const client = shop.client();
    const link = await client.createPaymentLink(id, { payType: "vbank" });
    expect(await client.createPaymentLink(id, { payType: "vbank" })).toEqual(link);
    const { path, fields } = await chooseAtPage(link.url, { method: "vbank" });
    const back = await fetch(shop.origin + path, {
      method: "POST",
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    expect(back.headers.get("location")).toBe(`${shop.origin}/shop?order=${id}`);
    expect(await client.getOrder(id)).toMatchObject({
      status: "awaiting-deposit",
      account: { number: expect.stringMatching(/^\d+$/), dueAt: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  test("shows whether a card of the payment page allows partial cancels", async () => {
    const id = shop.order();
    const client = shop.client();
    const link = await client.createPaymentLink(id, { payType: "card" });
    const { path, fields } = await chooseAtPage(link.url);
    await fetch(shop.origin + path, {
      method: "POST",
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    expect(await client.getOrder(id)).toMatchObject({ status: "paid", partlyCancellable: true });
  });

  test("completes escrow purchases", async () => {
    const client = shop.client();
    const kept = await escrowOrder();
    expect(await client.registerDelivery(kept, delivery)).toMatchObject({ orderId: kept, done: true });
    expect(await client.confirmPurchase(kept, {})).toMatchObject({ orderId: kept, done: true });
    expect(await client.getEscrowStatus(kept)).toMatchObject({ orderId: kept, status: "purchase-confirmed" });
    const returned = await escrowOrder();
    await client.registerDelivery(returned, delivery);
    const reason = { denyMsg: "색이 달라요", refundBankCode: "04", refundAccount: "1234567890" };
    expect(await client.rejectPurchase(returned, reason)).toMatchObject({ done: true });
    expect(await client.confirmRejection(returned, { dcnfName: "김상점" })).toMatchObject({ done: true });
    expect(await client.getEscrowStatus(returned)).toMatchObject({ denyMsg: "색이 달라요" });
    expect(await problemOf(client.confirmRejection(kept, { dcnfName: "김상점" }))).toMatchObject({
      code: "gateway-refused",
      gateway: { resultCode: expect.any(String), resultMessage: expect.any(String) },
    });
  });
});

test("no answer and no log line contains a card number", () => {
  const written = JSON.stringify(shop.seen) + shop.log.join("\n");
  for (const number of [card.cardNumber, declinedCard.cardNumber, "5555555555554444"]) {
    expect(written).not.toContain(number);
  }
});

/** The name of an answer's shape, from the table. */
function shapeOf({ method, path, status }: SeenAnswer): keyof typeof answerShapes {
  if (status >= 400) return "Problem";
  const route = routes.find(
    (candidate) =>
      candidate.method === method && new RegExp(`^${candidate.path.replace(/:\w+/g, "[^/]+")}$`).test(path),
  );
  if (route === undefined || !("answer" in route)) throw new Error(`no route: ${method} ${path}`);
  expect(status).toBe(route.success);
  return route.answer;
}

// After the tests above, which use every route.
describe("the documented shapes of answers", () => {
  test("match every answer of the handler, which gave every field at least once", () => {
    const found = new Map<string, Set<string>>();
    for (const answer of shop.seen) {
      const name = shapeOf(answer);
      const fields: Record<string, { type: string; always: boolean }> = answerShapes[name].fields;
      const names = Object.keys(answer.body);
      for (const [field, value] of Object.entries(answer.body)) {
        const documented = fields[field]?.type ?? `${name} has no ${field}`;
        const isTrue = value === true && documented === "true";
        const kind = Array.isArray(value) ? "array" : isTrue ? "true" : typeof value;
        expect(documented === "Order" ? "object" : documented).toBe(kind);
        found.set(name, (found.get(name) ?? new Set()).add(field));
      }
      for (const [field, { always }] of Object.entries(fields)) if (always) expect(names).toContain(field);
    }
    const documented = Object.entries(answerShapes).map(([name, { fields }]) => [
      name,
      Object.keys(fields).toSorted(),
    ]);
    expect(Object.fromEntries([...found].map(([name, fields]) => [name, [...fields].toSorted()]))).toEqual(
      Object.fromEntries(documented),
    );
  });
});
