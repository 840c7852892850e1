import { LedgerError } from "@payapi/ledger";
import { type Response, Router } from "express";
import type { Shop } from "../shop/shop.js";
import { missingPage } from "./frame.js";
import { orderPage } from "./order-page.js";
import { type After, type Refused, viewOrder } from "./order-view.js";
import {
  closeProblems,
  mendEvidence,
  notATid,
  readForm,
  readResolutionForm,
  readText,
  settlementProblem,
  toResolution,
} from "./problems.js";
import { nameOfStaff } from "./staff.js";

/** One order: its page, and the forms for resolutions and review notes. */
export function orderRoutes(shop: Shop, clock: () => Date): Router {
  const { ledger, fulfilment } = shop;
  const router = Router();
  router.get("/orders/:id", (request, response) =>
    sendOrder(request.params.id, response, { done: String(request.query.done ?? "") }),
  );
  router.post("/orders/:id/settlement", readForm, (request, response) =>
    takeForm(response, String(request.params.id), "settled", request.body, settle),
  );
  router.post("/orders/:id/attention", readForm, (request, response) =>
    takeForm(response, String(request.params.id), "closed", request.body, close),
  );
  router.post("/orders/:id/goods", (request, response) =>
    takeForm(response, request.params.id, "resumed", undefined, resume),
  );
  return router;

  async function takeForm(
    response: Response,
    orderId: string,
    done: string,
    body: unknown,
    take: (orderId: string, body: unknown, actor: string) => Promise<Refused | undefined>,
  ): Promise<void> {
    const isKnown = (await shop.orders.find(orderId)) !== undefined;
    const refused = isKnown ? await take(orderId, body, nameOfStaff(response)) : undefined;
    // A redirect, so that reloading does not send the form again.
    if (isKnown && refused === undefined) response.redirect(303, `/orders/${orderId}?done=${done}`);
    else await sendOrder(orderId, response, refused && { refused });
  }

  async function resume(orderId: string): Promise<undefined> {
    const status = (await ledger.payments.find(orderId))?.status;
    if (status === "paid" || status === "partially-cancelled") await fulfilment.goOn(orderId);
  }

  /** Closes the order's review, or returns why it can't be closed. */
  async function close(orderId: string, body: unknown, actor: string): Promise<Refused | undefined> {
    const { evidence } = readResolutionForm(body);
    const mend = mendEvidence(evidence);
    if (mend !== undefined) return { evidence, problem: mend, status: 422 };
    const seen = readText(body, "seenEntries");
    // Without the number of seen entries, the next page shows the order again.
    if (!/^[1-9]\d{0,5}$/.test(seen)) return { evidence, problem: closeProblems.changed, status: 409 };
    const closed = await ledger.payments.closeReview(orderId, { actor, evidence, seenEntries: Number(seen) });
    if (closed.status === "refused") {
      return { evidence, problem: closeProblems[closed.reason], status: 409 };
    }
    return undefined;
  }

  /** Resolves the order's unknown call, or returns why the resolution was refused. */
  async function settle(orderId: string, body: unknown, actor: string): Promise<Refused | undefined> {
    const form = readResolutionForm(body);
    const resolution = toResolution(form, actor);
    if ("mend" in resolution) return { resolution: form, problem: resolution.mend, status: 422 };
    try {
      const settlement = await ledger.payments.resolve(orderId, resolution);
      if (settlement.status === "settled") return undefined;
      const problem = settlementProblem(settlement.reason, settlement.notBefore, clock());
      return { resolution: form, problem, status: 409 };
    } catch (error) {
      if (!(error instanceof LedgerError && error.code === "invalid-argument")) throw error;
      // It may be a card number, so it is not shown again.
      return { resolution: { ...form, tid: "" }, problem: notATid, status: 422 };
    }
  }

  async function sendOrder(id: string, response: Response, after: After = {}): Promise<void> {
    const view = await viewOrder(shop, id, nameOfStaff(response), clock(), after);
    if (view === undefined) response.status(404).send(missingPage());
    else response.status(after.refused?.status ?? 200).send(orderPage(view));
  }
}
