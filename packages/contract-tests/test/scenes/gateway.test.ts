import { describe, expect, it } from "vitest";
import { delivery, refund } from "../../src/handler/cases/escrow.js";
import type { SceneShop } from "../../src/scenes/scene-shop.js";
import { onPostgres, sceneMounts } from "./on-postgres.js";

/** A buyer who pays an order with escrow at the payment page. */
async function paidWithEscrow(shop: SceneShop): Promise<{ id: string; tid: string }> {
  const id = shop.order({ escrow: true });
  await shop.back(await shop.atPage(id));
  return { id, tid: String((await shop.ledger.payments.find(id))?.tid) };
}

/** What the payment page tells the shop's server about a card payment. */
const told = (shop: SceneShop, payment: { oid: string; tid: string }, status = "00") =>
  shop.notify("mobile", {
    ...{ P_STATUS: status, P_TID: payment.tid, P_TYPE: "CARD", P_AUTH_DT: "20261124120000" },
    ...{ P_MID: shop.merchant.mid, P_OID: payment.oid, P_AMT: "15000", P_RMESG1: "" },
  });

const act = (shop: SceneShop, id: string, what: string, body: object = {}) =>
  shop.ask("POST", `/orders/${id}/escrow/${what}`, body);

describe.each(sceneMounts)("the gateway, to a shop in %s", (mount) => {
  it("ships nothing and confirms nothing of an escrow order that needs review", async () => {
    const shop = await onPostgres({ mount });
    const { id } = await paidWithEscrow(shop);
    const { oid = "" } = (await shop.ledger.payments.find(id)) ?? {};
    // The same order, paid a second time.
    await told(shop, { oid, tid: "T900" });
    expect(await shop.status(id)).toMatchObject({ status: "needs-review" });
    const before = shop.sandbox.book.requests.length;
    for (const [what, body] of [
      ["delivery", delivery],
      ["confirmation", {}],
      ["rejection", refund],
    ] as const) {
      expect(await act(shop, id, what, body)).toMatchObject({ status: 409, body: { code: "needs-review" } });
    }
    expect(shop.sandbox.book.requests).toHaveLength(before);
  });

  it("tells a failure and then an approval of one payment, and the approval counts", async () => {
    const shop = await onPostgres({ mount, ledger: { midIsShared: true } });
    const id = shop.order();
    const brought = await shop.atPage(id);
    shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "page.approve" });
    await shop.back(brought);
    const payment = {
      oid: (await shop.ledger.payments.find(id))?.oid ?? "",
      tid: brought.fields.P_TID ?? "",
    };
    for (const [word, status] of [
      ["01", "unknown"],
      ["00", "paid"],
      ["01", "paid"],
    ]) {
      await told(shop, payment, word);
      expect(await shop.status(id)).toMatchObject({ status });
    }
    expect(await shop.ledger.payments.balance(id)).toMatchObject({ gateway: 15_000, paid: 15_000 });
  });

  it("sends a card number as the order number, and no trace of it is kept", async () => {
    const shop = await onPostgres({ mount });
    await shop.notify("deposit", {
      ...{ no_oid: "4111111111111111", no_tid: "T900", no_vacct: "79565391231", amt_input: "15000" },
      ...{ type_msg: "0200", dt_trans: "20261124", tm_trans: "120000" },
    });
    const stored = await shop.ledger.notifications.list();
    expect(stored).toHaveLength(1);
    expect(JSON.stringify([stored, shop.logged])).not.toContain("4111111111111111");
  });
});
