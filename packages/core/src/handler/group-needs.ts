import type { PayApiHandlerOptions, RouteGroup } from "./options.js";

/** Adds a problem with an option if `fine` is false; only the first problem of each option is kept. */
export type Demand = (field: string, fine: boolean, message: string) => void;

interface Needs {
  /** Whether the ledger must be able to store billing keys. */
  readonly keys?: true;
  /** Whether it needs the merchant's orders. */
  readonly orders?: true;
  readonly authorize?: "authorize" | "authorizeBillingKey";
  readonly customerId?: true;
  /** Whether it needs the client's address: always, or only to count attempts. */
  readonly address?: "always" | "to-count";
}

const ofOrders = { orders: true, authorize: "authorize" } as const;

const needs: Record<RouteGroup, Needs> = {
  cards: { ...ofOrders, address: "to-count" },
  "card-prefix": { ...ofOrders, address: "to-count" },
  page: ofOrders,
  orders: ofOrders,
  "billing-keys": { keys: true, authorize: "authorizeBillingKey", customerId: true, address: "to-count" },
  charges: { ...ofOrders, keys: true },
  cancels: ofOrders,
  escrow: { ...ofOrders, address: "always" },
  "escrow-status": { ...ofOrders, address: "always" },
  notifications: { address: "always" },
};

/** Checks the options that a group needs. */
export function checkNeeds<Context, Native>(
  group: RouteGroup,
  options: PayApiHandlerOptions<Context, Native>,
  demand: Demand,
): void {
  const need = needs[group];
  if (need.keys && typeof options.ledger?.store?.whyNoKeys === "function") {
    const reason: unknown = options.ledger.store.whyNoKeys();
    demand(
      "ledger",
      typeof reason !== "string",
      `cannot store billing keys, which the group "${group}" needs: ${reason}`,
    );
  }
  if (need.orders) {
    demand(
      "orders",
      typeof options.orders?.find === "function",
      "must have a function find(orderId, context)",
    );
  }
  if (need.authorize) {
    demand(
      need.authorize,
      typeof options[need.authorize] === "function",
      "is missing: pass a function that returns true for allowed actions; nothing is allowed by default",
    );
  }
  if (need.customerId) {
    demand(
      "customerId",
      typeof options.customerId === "function",
      `is missing: the group "${group}" must know which customer owns a billing key`,
    );
  }
  const counts = need.address === "to-count" && options.rateLimits !== false;
  if (need.address === "always" || counts) {
    demand(
      "clientAddress",
      typeof options.clientAddress === "function",
      `is missing: the group "${group}" needs the client's address; read it from the socket, or from the header that your own proxy sets`,
    );
  }
}
