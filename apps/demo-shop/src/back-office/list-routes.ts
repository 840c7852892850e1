import { LedgerError } from "@payapi/ledger";
import express, { type Response, Router } from "express";
import type { Shop } from "../shop/shop.js";
import { lookInto } from "./attention.js";
import { listPage, readFilter } from "./list-page.js";
import { mendEvidence, readFinding } from "./problems.js";
import { afterRelease, isOver, type Release, readRelease } from "./release.js";
import { nameOfStaff } from "./staff.js";

const pageSize = 50;
const readForm = express.urlencoded({ extended: false, limit: "16kb" });

/** The list of payments with what waits for a person, and the notifications that are judged again from it. */
export function listRoutes(shop: Shop): Router {
  const { ledger, alarms } = shop;
  const router = Router();
  router.get("/", async (request, response) => {
    await sendList(shop, response, request.query, readRelease(request.query));
  });
  router.post("/notifications/:id/release", readForm, async (request, response) => {
    const id = String(request.params.id);
    const { evidence, tid } = readFinding(request.body);
    const release = await judgeAgain({ id, evidence, tid }, nameOfStaff(response));
    // Another page, so that loading it again does not send the form again.
    if ("location" in release) response.redirect(303, release.location);
    else await sendList(shop, response.status(release.status), {}, release);
  });
  return router;

  async function judgeAgain(
    again: NonNullable<Release["again"]>,
    actor: string,
  ): Promise<{ readonly location: string } | (Release & { readonly status: number })> {
    const { id, evidence, tid } = again;
    if (mendEvidence(evidence) !== undefined) return { effect: "no-evidence", again, status: 422 };
    try {
      const receipt = await ledger.releaseNotification(id, {
        actor,
        evidence,
        ...(tid === "" ? {} : { tid }),
      });
      if (!isOver(receipt.effect)) return { ...receipt, again, status: 409 };
      await alarms.closeOfNotification(id, actor);
      return { location: afterRelease(receipt) };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      if (error.code === "no-such-call") return { effect: "gone", status: 409 };
      if (error.code === "masked-tid") return { effect: "no-tid", again, status: 422 };
      // Nothing else that the form brings can be wrong.
      if (error.code === "invalid-argument" && tid !== "") return { effect: "other-tid", again, status: 422 };
      throw error;
    }
  }
}

async function sendList(
  { ledger, orders, fulfilment, alarms }: Shop,
  response: Response,
  query: Readonly<Record<string, unknown>>,
  release: Release | undefined,
): Promise<void> {
  const filter = readFilter(query.status);
  const before = Number(query.before);
  const [found, listed] = await Promise.all([
    lookInto(ledger),
    ledger.listPayments({
      limit: pageSize + 1,
      ...(filter === undefined ? {} : { status: filter }),
      ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}),
    }),
  ]);
  const payments = listed.slice(0, pageSize);
  const ids = payments.map(({ orderId }) => orderId);
  response.send(
    listPage({
      payments,
      orders: await orders.findMany(ids),
      fulfilment: await fulfilment.latestOf(ids),
      openAlarms: await alarms.countOpen(),
      found,
      filter,
      more: listed.length > pageSize ? payments.at(-1)?.position : undefined,
      release,
    }),
  );
}
