import { LedgerError } from "@payapi/ledger";
import express, { type Response, Router } from "express";
import type { ShopOrder } from "../shop/orders.js";
import type { Shop } from "../shop/shop.js";
import { endingsOf } from "./alarm-endings.js";
import { closeProblemOf, type RefusedClose } from "./close-form.js";
import { missingPage } from "./enter-pages.js";
import { orderPage } from "./order-page.js";
import { mendEvidence, readFinding, readText, toOperatorFinding } from "./read-finding.js";
import { type Finding, type Problem, problemOf, type RefusedFinding } from "./settle-form.js";
import { nameOfStaff } from "./staff.js";

const readForm = express.urlencoded({ extended: false, limit: "16kb" });

/** One order: its page, and what the staff found out about its unknown call. */
export function orderRoutes(shop: Shop, clock: () => Date): Router {
  const { ledger, orders, alarms } = shop;
  const router = Router();
  router.get("/orders/:id", async (request, response) => {
    const order = await orders.find(request.params.id);
    if (order === undefined) response.status(404).send(missingPage());
    else await sendOrder(shop, response, order, { now: clock(), done: String(request.query.done ?? "") });
  });
  router.post("/orders/:id/settlement", readForm, async (request, response) => {
    const order = await orders.find(String(request.params.id));
    if (order === undefined) {
      response.status(404).send(missingPage());
      return;
    }
    const finding = readFinding(request.body);
    const refused = await settle(order.id, finding, nameOfStaff(response));
    // Another page, so that loading it again does not send the form again.
    if (refused === undefined) response.redirect(303, `/orders/${order.id}?done=settled`);
    else await sendOrder(shop, response.status(refused.status), order, { now: clock(), refused });
  });
  router.post("/orders/:id/attention", readForm, async (request, response) => {
    const order = await orders.find(String(request.params.id));
    if (order === undefined) {
      response.status(404).send(missingPage());
      return;
    }
    const refusedClose = await close(order.id, request.body, nameOfStaff(response));
    if (refusedClose === undefined) response.redirect(303, `/orders/${order.id}?done=closed`);
    else await sendOrder(shop, response.status(refusedClose.status), order, { now: clock(), refusedClose });
  });
  return router;

  /** What stands against the word that somebody dealt with the order; nothing if it was taken. */
  async function close(
    orderId: string,
    body: unknown,
    actor: string,
  ): Promise<(RefusedClose & { readonly status: number }) | undefined> {
    const { evidence } = readFinding(body);
    const mend = mendEvidence(evidence);
    if (mend !== undefined) return { evidence, problem: mend, status: 422 };
    const seen = readText(body, "seenLines");
    // Without what was seen, nothing was seen: the page that follows shows it.
    if (!/^[1-9]\d{0,5}$/.test(seen)) return { evidence, problem: closeProblemOf("changed"), status: 409 };
    const closed = await ledger.closeAttention(orderId, { actor, evidence, seenLines: Number(seen) });
    if (closed.status === "refused") {
      return { evidence, problem: closeProblemOf(closed.reason), status: 409 };
    }
    await alarms.closeOfOrder(orderId, actor);
    return undefined;
  }

  /** What stands against the finding; nothing if it was taken. */
  async function settle(
    orderId: string,
    finding: Finding,
    actor: string,
  ): Promise<(RefusedFinding & { readonly status: number }) | undefined> {
    const told = toOperatorFinding(finding, actor);
    if ("mend" in told) return { finding, problem: told.mend, status: 422 };
    try {
      const settlement = await ledger.settleByOperator(orderId, told);
      if (settlement.status === "settled") return undefined;
      return { finding, problem: problemOf(settlement.reason, settlement.notBefore, clock()), status: 409 };
    } catch (error) {
      if (!(error instanceof LedgerError && error.code === "invalid-argument")) throw error;
      // Perhaps a card number: it is not shown again.
      return { finding: { ...finding, tid: "" }, problem: notATid, status: 422 };
    }
  }
}

const notATid: Problem = {
  title: "거래번호를 확인해 주세요",
  text: "결제사 화면에 보이는 거래번호를 그대로 옮겨 주세요.",
};

async function sendOrder(
  shop: Shop,
  response: Response,
  order: ShopOrder,
  {
    now,
    done = "",
    refused,
    refusedClose,
  }: {
    readonly now: Date;
    readonly done?: string;
    readonly refused?: RefusedFinding;
    readonly refusedClose?: RefusedClose;
  },
): Promise<void> {
  const { ledger, fulfilment, alarms, settings } = shop;
  const [payment, timeline, unknowns, overdue, balance, steps, ofOrder] = await Promise.all([
    ledger.findOrder(order.id),
    ledger.timeline(order.id),
    ledger.unknowns(),
    ledger.overdueAccounts(),
    ledger.balance(order.id),
    fulfilment.stepsOf(order.id),
    alarms.ofOrder(order.id),
  ]);
  response.send(
    orderPage({
      order,
      payment,
      timeline,
      unknowns: unknowns.filter(({ orderId }) => orderId === order.id),
      overdue: overdue.filter(({ orderId }) => orderId === order.id),
      balance,
      steps,
      alarms: ofOrder,
      endings: await endingsOf(shop, ofOrder),
      consoleUrl: `${settings.sandboxUrl}/_sandbox`,
      staffName: nameOfStaff(response),
      now,
      done,
      refused,
      refusedClose,
    }),
  );
}
