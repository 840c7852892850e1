import express, { Router } from "express";
import type { Shop } from "../shop/shop.js";
import { endingsOf } from "./alarm-endings.js";
import { alarmsPage } from "./alarms-page.js";
import { refusedPage } from "./enter-pages.js";
import { readText } from "./read-finding.js";
import { nameOfStaff } from "./staff.js";

const readForm = express.urlencoded({ extended: false, limit: "16kb" });

/** What the staff does about alarms, and about events that no handler took. */
export function attentionRoutes(shop: Shop): Router {
  const { ledger, alarms, fulfilment } = shop;
  const router = Router();
  router.get("/alarms", async (_request, response) => {
    const list = await alarms.list();
    response.send(alarmsPage(list, await endingsOf(shop, list)));
  });
  router.post("/alarms/:id/close", readForm, async (request, response) => {
    const alarm = await alarms.find(String(request.params.id));
    const ending = alarm && (await endingsOf(shop, [alarm])).get(alarm.id);
    // A mark would take the alarm away and leave the order: what ends both is written there.
    if (alarm?.orderId !== undefined && (ending === "order" || ending === "fact")) {
      response.redirect(303, `/orders/${alarm.orderId}`);
      return;
    }
    if (alarm !== undefined && ending !== undefined) {
      const letsGo = ending === "mark-and-go-on" && readText(request.body, "goods") === "go-on";
      if (letsGo && alarm.orderId !== undefined) await fulfilment.goOn(alarm.orderId);
      await alarms.close(alarm.id, nameOfStaff(response));
    }
    response.redirect(303, "/alarms");
  });
  router.post("/dead-letters", readForm, async (request, response) => {
    const { id, consumer } = request.body as Record<string, unknown>;
    if (typeof id !== "string" || typeof consumer !== "string") response.status(422).send(refusedPage());
    else {
      await ledger.redeliver(id, { consumer });
      response.redirect(303, "/");
    }
  });
  return router;
}
