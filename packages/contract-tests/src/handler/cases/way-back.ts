import { describe, expect, it } from "vitest";
import { type Ask, at, goodCard } from "../client.js";
import { expectOrder, expectProblem } from "../expect.js";
import type { WireAnswer } from "../mount.js";
import { chooseAtPage } from "../page-buyer.js";
import { shopOrigin } from "../shop-orders.js";
import type { World } from "../world.js";

/** What the gateway's page brings back: addresses that it can reach, and buyers without their session. */
export function describeWayBack(world: World): void {
  // The shop puts the ticket into the address to which this customer returns.
  const as = "returning";
  const makeLink = async (orderId: string, end = "") => {
    const path = `${at(orderId, "payment-link")}${end}`;
    const answer = await world.post(path, { payType: "card" }, { as, unrecorded: true });
    expect(answer.status, answer.text).toBe(200);
    return String(JSON.parse(answer.text).url);
  };
  const comeBack = async (orderId: string): Promise<string> => {
    const { path, fields } = await chooseAtPage(await makeLink(orderId));
    return ticketIn(await world.navigate("POST", path, fields, { unrecorded: true }));
  };
  const holding = (ticket: string): Ask => ({
    as: null,
    headers: { "payapi-ticket": ticket },
    unrecorded: true,
  });

  describe("the way back from the payment page", () => {
    it("has addresses with a slash at their end if the server serves such paths", async () => {
      if (world.traits.trailingSlash === "redirect") return;
      const url = await makeLink(world.order(15_000, as), "/");
      const made = world.sandbox.book.links.find((link) => link.url === url);
      expect(made?.nextUrl).toMatch(/\/payments\/page-return\/[\w-]{22}\/$/);
      expect(made?.returnUrl).toMatch(/\/payments\/page-end\/[\w-]{22}\/$/);
      expect(made?.notiUrl).toBe(`${shopOrigin}/payments/notifications/mobile/`);
    });

    it("has a ticket that shows this order's status, and nothing else, without a session", async () => {
      const [orderId, other] = [world.order(15_000, as), world.order(15_000, as)];
      const ticket = await comeBack(orderId);
      expectOrder(await world.status(orderId, holding(ticket)), { orderId, status: "paid", price: 15_000 });
      const [expiresAt = "", signature = ""] = ticket.split(".");
      const refused = [
        await world.status(orderId, holding("")),
        await world.status(orderId, holding(`${expiresAt}z.${signature}`)),
        await world.status(orderId, holding(`${expiresAt}.${"x".repeat(43)}`)),
        await world.status(other, holding(ticket)),
        await world.cancel(orderId, holding(ticket)),
        await world.pay(other, goodCard, holding(ticket)),
      ];
      for (const answer of refused) expectProblem(answer, 403, "forbidden");
    });
  });
}

function ticketIn({ status, headers }: WireAnswer): string {
  const { location = "" } = headers;
  expect([status, location]).toEqual([303, expect.stringMatching(/\?ticket=[0-9a-z]{8}\.[\w-]{43}$/)]);
  return new URL(location).searchParams.get("ticket") ?? "";
}
