import type { FullPaymentStore } from "../store/index.js";
import type { PayApiHandlerOptions, RouteGroup } from "./options.js";

/** Adds a problem with an option if `fine` is false; only the first problem of each option is kept. */
export type Demand = (field: string, fine: boolean, message: string) => void;

const paymentMethods = [
  "reserveApproval",
  "reserveCancel",
  "markSending",
  "settle",
  "findOrder",
  "consumeRateLimit",
  "releaseRateLimit",
  "beginRequest",
  "endRequest",
] as const satisfies readonly (keyof FullPaymentStore)[];

const pageMethods = [
  "openLink",
  "settleLink",
  "findLink",
  "closeLink",
  "awaitDeposit",
] as const satisfies readonly (keyof FullPaymentStore)[];

const keyMethods = [
  "reserveKey",
  "markKeySending",
  "settleKey",
  "findKey",
  "revealKey",
  "reserveKeyDeletion",
  "settleKeyDeletion",
] as const satisfies readonly (keyof FullPaymentStore)[];

interface Needs {
  /** The ledger's methods that the group needs; `undefined` if it works without a ledger. */
  readonly ledger?: readonly (keyof FullPaymentStore)[];
  /** Whether it needs the merchant's orders. */
  readonly orders?: true;
  readonly authorize?: "authorize" | "authorizeBillingKey";
  readonly customerId?: true;
  /** Whether it needs the client's address: always, or only to count attempts. */
  readonly address?: "always" | "to-count";
}

const needs: Record<RouteGroup, Needs> = {
  cards: { ledger: paymentMethods, orders: true, authorize: "authorize", address: "to-count" },
  "card-prefix": { orders: true, authorize: "authorize", address: "to-count" },
  page: { ledger: [...paymentMethods, ...pageMethods], orders: true, authorize: "authorize" },
  orders: { ledger: ["findOrder"], orders: true, authorize: "authorize" },
  "billing-keys": {
    ledger: [...paymentMethods, ...keyMethods],
    authorize: "authorizeBillingKey",
    customerId: true,
    address: "to-count",
  },
  charges: { ledger: [...paymentMethods, ...keyMethods], orders: true, authorize: "authorize" },
  cancels: { ledger: paymentMethods, orders: true, authorize: "authorize" },
  escrow: { ledger: ["findOrder"], orders: true, authorize: "authorize", address: "always" },
  "escrow-status": { orders: true, authorize: "authorize", address: "always" },
  notifications: { address: "always" },
};

/** Checks the options that a group needs. */
export function checkNeeds<Context, Native>(
  group: RouteGroup,
  options: PayApiHandlerOptions<Context, Native>,
  demand: Demand,
): void {
  const need = needs[group];
  const store = options.ledger?.store as Partial<Record<keyof FullPaymentStore, unknown>> | undefined;
  const missing = (need.ledger ?? []).filter((method) => typeof store?.[method] !== "function");
  demand(
    "ledger",
    missing.length === 0,
    store === undefined
      ? "is missing: pass a ledger from openLedger"
      : `has no ${missing.join(", ")}, which the group "${group}" needs`,
  );
  if (need.ledger?.includes("revealKey") && typeof store?.whyNoKeys === "function") {
    const reason: unknown = store.whyNoKeys();
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
