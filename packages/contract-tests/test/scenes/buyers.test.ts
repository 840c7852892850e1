import { describe, expect, it } from "vitest";
import { declinedCard, goodCard } from "../../src/handler/client.js";

import { onPostgres, sceneMounts } from "./on-postgres.js";

describe.each(sceneMounts)("a buyer of a shop in %s", (mount) => {
  it("who clicks twice is charged once", async () => {
    const shop = await onPostgres({ mount });
    const id = shop.order();
    const answers = await Promise.all([shop.pay(id), shop.pay(id)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(shop.atGateway(id)).toMatchObject([{ price: 15_000, remaining: 15_000 }]);
  });

  it("who goes back after the payment and repeats everything pays once", async () => {
    const shop = await onPostgres({ mount });
    const id = shop.order();
    const brought = await shop.atPage(id);
    const [first, reloaded] = [await shop.back(brought), await shop.back(brought)];
    expect([first.status, reloaded.status]).toEqual([303, 303]);
    expect(await shop.status(id)).toMatchObject({ status: "paid" });
    expect((await shop.link(id)).body).toMatchObject({ code: "already-paid" });
    expect((await shop.pay(id)).body).toMatchObject({ code: "already-paid" });
    expect(shop.sandbox.book.transactions).toHaveLength(1);
  });

  it("whose order's price changes between the link and the return pays the new price with a new link", async () => {
    const shop = await onPostgres({ mount });
    const id = shop.order();
    const brought = await shop.atPage(id);
    shop.order({ id, price: 18_000 });
    await shop.back(brought);
    expect(shop.sandbox.book.transactions).toEqual([]);
    await shop.back(await shop.atPage(id));
    expect(await shop.status(id)).toMatchObject({ status: "paid", price: 18_000 });
    expect(shop.sandbox.book.transactions).toMatchObject([{ price: 18_000 }]);
  });

  it("whose order's price rises while the shop decides about the permission is not charged", async () => {
    const raise = { now: () => {} };
    const shop = await onPostgres({
      mount,
      handler: {
        authorize: () => {
          raise.now();
          return true;
        },
      },
    });
    const id = shop.order();
    raise.now = () => void shop.order({ id, price: 18_000 });
    expect((await shop.pay(id)).body).toMatchObject({ code: "order-changed" });
    raise.now = () => {};
    expect(shop.atGateway(id)).toEqual([]);
    expect((await shop.pay(id)).body).toMatchObject({ status: "paid", price: 18_000 });
  });

  it.each([
    ["text", "15000"],
    ["a bigint", 15_000n],
  ])("whose order's price is %s in the shop's database pays it", async (_what, price) => {
    const find = async (id: string) => ({ id, price, buyerName: "홍길동" });
    const shop = await onPostgres({ mount, handler: { orders: { find } } });
    expect((await shop.pay("order-1")).body).toMatchObject({ status: "paid", price: 15_000 });
  });

  it("sees the whole name of goods that was typed on macOS", async () => {
    const shop = await onPostgres({ mount });
    const goodsName = "한글로된열일곱글자상품이름입니다요";
    expect(goodsName.normalize("NFD").length).toBeGreaterThan(40);
    await shop.link(shop.order({ goodsName: goodsName.normalize("NFD") }));
    expect(shop.sandbox.book.links).toMatchObject([{ goodsName }]);
  });

  it.each([
    ["a wallet", "wlt", "card"],
    ["a bank transfer", "bank", "bank"],
  ])("who takes a link for %s is refunded by the method that was used", async (_what, payType, used) => {
    const shop = await onPostgres({ mount, handler: { methods: [payType] } });
    const id = shop.order();
    const { body } = await shop.link(id, payType);
    await shop.back(await shop.chooseAt(String(body.url), { method: used }));
    expect(await shop.status(id)).toMatchObject({ status: "paid", payType: used });
    expect((await shop.cancel(id)).body).toMatchObject({ status: "cancelled" });
    expect(shop.sandbox.book.requests.at(-1)?.sent).toMatchObject({ payType: used });
  });

  it("who brings an older payment of another system, and a page that does not exist, changes nothing of it", async () => {
    const shop = await onPostgres({ mount, ledger: { midIsShared: true } });
    const older = shop.sandbox.outside.payWithEscrow({ oid: "other-system-1", price: 15_000 });
    const gateway = shop.sandbox.url;
    for (const [path, status] of [
      ["/no-such-page", "not-paid"],
      ["/smart/no-such-page", "unknown"],
    ]) {
      const id = shop.order();
      const brought = await shop.atPage(id);
      const { P_AMT: _, ...fields } = brought.fields;
      await shop.back({ ...brought, fields }, { P_TID: older.tid, P_REQ_URL: `${gateway}${path}` });
      expect(await shop.status(id)).toMatchObject({ status });
    }
    expect(shop.sandbox.book.find(older.tid)).toMatchObject({ remaining: 15_000, cancels: [] });
  });

  it("who gives up at the payment page, or is declined there, may pay with a new link", async () => {
    const shop = await onPostgres({ mount });
    const id = shop.order();
    for (const action of ["abandon", "decline", "decline-later"]) {
      await shop.back(await shop.atPage(id, { action }));
      expect(await shop.status(id)).toMatchObject({ remainingPrice: 0 });
    }
    await shop.back(await shop.atPage(id));
    expect(await shop.status(id)).toMatchObject({ status: "paid" });
  });

  it("who returns without a session sees the result of this order with the ticket, and of no other", async () => {
    const shop = await onPostgres({ mount, handler: { authorize: () => false } });
    const other = shop.order();
    const id = shop.order();
    const reservation = await shop.ledger.store.openLink({ orderId: id, price: 15_000, payType: "card" });
    if (reservation.status === "refused") throw new Error(reservation.reason);
    await shop.ledger.store.settleLink(reservation.link.token, "https://pay.example/");
    const returned = await shop.form(`/payments/page-return/${reservation.link.token}`, { P_STATUS: "01" });
    const ticket = new URL(returned.location ?? "").searchParams.get("ticket") ?? "";
    const seen = (order: string) => shop.ask("GET", `/orders/${order}`, {}, { "payapi-ticket": ticket });
    expect(await seen(id)).toMatchObject({ status: 200, body: { orderId: id } });
    expect(await seen(other)).toMatchObject({ status: 403 });
  });

  it("whose approval's reply is lost is not charged again: it is undone, and the order may be paid", async () => {
    const shop = await onPostgres({ mount });
    const id = shop.order();
    const brought = await shop.atPage(id);
    shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "page.approve" });
    await shop.back(brought);
    expect(await shop.status(id)).toMatchObject({ status: "net-cancelled" });
    expect((await shop.pay(id)).body).toMatchObject({ status: "paid" });
    const left = shop.sandbox.book.transactions.map(({ remaining }) => remaining);
    expect(left).toEqual([0, 15_000]);
  });

  it("whose card was declined pays with another one, and an older reply changes nothing", async () => {
    const shop = await onPostgres({ mount });
    const id = shop.order();
    expect((await shop.pay(id, declinedCard)).body).toMatchObject({ code: "declined" });
    expect((await shop.pay(id, goodCard)).body).toMatchObject({ status: "paid" });
    expect(shop.atGateway(id)).toHaveLength(1);
  });

  it("of a shop with one constant return address pays the order of the link, and a return with another link's token pays none", async () => {
    const shop = await onPostgres({ mount, handler: { constantNextUrl: true } });
    const [one, two] = [shop.order(), shop.order({ id: "order-2", price: 20_000 })];
    const [first, second] = [await shop.atPage(one), await shop.atPage(two)];
    expect([first.path, second.path]).toEqual(["/payments/page-return", "/payments/page-return"]);
    // The token names the link; without it the shop knows no order.
    const { P_NOTI: token = "", ...nameless } = second.fields;
    expect(await shop.form(second.path, nameless)).toMatchObject({ status: 404 });
    await shop.back(second);
    expect([await shop.status(one), await shop.status(two)]).toMatchObject([
      { status: "not-paid" },
      { status: "paid", price: 20_000 },
    ]);
    await shop.back(first, { P_NOTI: token });
    expect(await shop.status(one)).toMatchObject({ status: "not-paid" });
    await shop.back(first);
    expect(await shop.status(one)).toMatchObject({ status: "paid", price: 15_000 });
    expect(shop.sandbox.book.transactions.map(({ price }) => price)).toEqual([20_000, 15_000]);
  });
});
