import express, { Router } from "express";
import type { Shop } from "../shop/shop.js";
import { alarmsPage } from "./alarms-page.js";
import { refusedPage } from "./enter-pages.js";
import { nameOfStaff } from "./staff.js";

const readForm = express.urlencoded({ extended: false, limit: "16kb" });

/** What the staff does about alarms, and about events that no handler took. */
export function attentionRoutes({ ledger, alarms }: Shop): Router {
  const router = Router();
  router.get("/alarms", async (_request, response) => {
    response.send(alarmsPage(await alarms.list()));
  });
  router.post("/alarms/:id/close", async (request, response) => {
    await alarms.close(request.params.id, nameOfStaff(response));
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
