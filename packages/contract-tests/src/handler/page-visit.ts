import { expect } from "vitest";
import { type Ask, at } from "./client.js";
import { anyTime, expectAnswer, expectExactJson, json } from "./expect.js";
import type { WireAnswer } from "./mount.js";
import { type Brought, chooseAtPage } from "./page-buyer.js";
import { shopOrigin } from "./shop-orders.js";
import type { World } from "./world.js";

/** The steps of a buyer who pays on the gateway's page. */
export function pageVisit(world: World) {
  const link = async (
    orderId: string,
    body: object = { payType: "card" },
    ask: Ask = {},
  ): Promise<string> => {
    const answer = await world.post(at(orderId, "payment-link"), body, ask);
    expectExactJson(answer, 200, { url: expect.any(String), expiresAt: anyTime });
    const url = String(json(answer).url);
    world.transcript.hide(url, "<link>");
    return url;
  };
  const authenticated = async (
    orderId: string,
    choice: Record<string, string> = {},
    ask: Ask = {},
  ): Promise<Brought> => {
    const url = await link(orderId, { payType: choice.method ?? "card" }, ask);
    const brought = await chooseAtPage(url, choice);
    world.transcript.hide(brought.path.split("/").at(-1) ?? "", "<token>");
    return brought;
  };
  const bringBack = ({ path, fields }: Brought) => world.navigate("POST", path, fields);
  return { link, authenticated, bringBack };
}

/** Expects that the buyer is sent back to the order's page. */
export function expectBack(answer: WireAnswer, orderId: string): void {
  const headers = {
    "cache-control": "no-store",
    location: `${shopOrigin}/orders/${encodeURIComponent(orderId)}`,
    "referrer-policy": "no-referrer",
  };
  expectAnswer(answer, { status: 303, headers, body: "" });
}
