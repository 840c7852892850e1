import { LedgerError } from "@payapi/ledger";
import { Router } from "express";
import type { Shop } from "../shop/shop.js";
import { notePage } from "./frame.js";
import { listPage, viewList } from "./list-page.js";
import { mendEvidence, readForm, readResolutionForm, readText } from "./problems.js";
import { afterRelease, isOver, type Release, readRelease } from "./release.js";
import { nameOfStaff } from "./staff.js";

const lookAgain = "그사이 다른 사람이 처리했을 수도 있으니 목록에서 다시 확인해 주세요.";

/** The list of payments with everything that needs review, and the release of notifications. */
export function listRoutes(shop: Shop): Router {
  const { ledger } = shop;
  const router = Router();
  router.get("/", async (request, response) => {
    response.send(listPage(await viewList(shop, request.query, readRelease(request.query))));
  });
  router.post("/notifications/:id/release", readForm, async (request, response) => {
    const id = String(request.params.id);
    const { evidence, tid } = readResolutionForm(request.body);
    const release = await judgeAgain({ id, evidence, tid }, nameOfStaff(response));
    // A redirect, so that reloading does not send the form again.
    if ("location" in release) response.redirect(303, release.location);
    else response.status(release.status).send(listPage(await viewList(shop, {}, release)));
  });
  router.post("/dead-letters", readForm, async (request, response) => {
    const [id, consumer] = [readText(request.body, "id"), readText(request.body, "consumer")];
    if (id === "" || consumer === "") {
      response.status(422).send(notePage("받지 못함", lookAgain, "아무것도 바뀌지 않았습니다"));
      return;
    }
    await ledger.events.redeliver(id, { consumer });
    response.redirect(303, "/");
  });
  return router;

  async function judgeAgain(
    again: NonNullable<Release["again"]>,
    actor: string,
  ): Promise<{ readonly location: string } | (Release & { readonly status: number })> {
    const { id, evidence, tid } = again;
    if (mendEvidence(evidence) !== undefined) return { effect: "no-evidence", again, status: 422 };
    try {
      const receipt = await ledger.notifications.release(id, {
        actor,
        evidence,
        ...(tid === "" ? {} : { tid }),
      });
      if (!isOver(receipt.effect)) return { ...receipt, again, status: 409 };
      return { location: afterRelease(receipt) };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      if (error.code === "no-such-call") return { effect: "gone", status: 409 };
      if (error.code === "masked-tid") return { effect: "no-tid", again, status: 422 };
      // No other field of the form can be wrong.
      if (error.code === "invalid-argument" && tid !== "") return { effect: "other-tid", again, status: 422 };
      throw error;
    }
  }
}
