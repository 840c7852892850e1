import { createPayApiRouteHandlers } from "@payapi/next-route-handlers";
import { buyerCookie, ownerOf, readCookie } from "#shop/cookies.js";
import { getShop } from "#shop/shop.js";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = createPayApiRouteHandlers(async () => {
  const { payapi, ledger, orders, settings } = await getShop();
  return {
    payapi,
    ledger,
    orders,
    context: (request: Request) => ({
      customerId: ownerOf(readCookie(request.headers.get("cookie"), buyerCookie)),
    }),
    // The demo has no proxy and is reachable only from this machine. A shop on the internet reads the header that its own proxy
    // sets.
    clientAddress: () => "127.0.0.1",
    authorize: ({ action, order, context }) =>
      (action === "view" || action === "approve") &&
      order.customerId !== undefined &&
      order.customerId === context.customerId,
    publicUrl: settings.publicOrigin,
    basePath: "/payments",
    // The payment page first. `cards` takes keyed-in cards, the second way: their numbers pass through this server (PCI DSS, SAQ D).
    groups: ["page", "orders", "notifications", "cards"],
    methods: ["card", "bank", "vbank", "hpp"],
    // A buyer may come back in another browser, without the cookie: the ticket shows the result there. The reason is shown once.
    returnTo: (orderId, ticket, reason) => {
      const query = new URLSearchParams({ ...(ticket && { ticket }), ...(reason && { reason }) });
      return `/orders/${orderId}${query.size === 0 ? "" : `?${query}`}`;
    },
  };
});
