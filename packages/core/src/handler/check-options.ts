import { type Problem, problemsError } from "../errors.js";
import type { FullRecord } from "../record/index.js";
import { addressList } from "./client-address.js";
import {
  type AttemptLimits,
  type NotificationLimits,
  type PayApiHandlerOptions,
  type RouteGroup,
  routeGroups,
} from "./options.js";

const paymentMethods = [
  "reserveApproval",
  "reserveCancel",
  "markSending",
  "settle",
  "findOrder",
  "countAttempt",
  "forgiveAttempt",
  "beginRequest",
  "endRequest",
] as const satisfies readonly (keyof FullRecord)[];

const pageMethods = [
  "openLink",
  "settleLink",
  "findLink",
  "closeLink",
  "awaitDeposit",
] as const satisfies readonly (keyof FullRecord)[];

const keyMethods = [
  "reserveKey",
  "markKeySending",
  "settleKey",
  "findKey",
  "revealKey",
  "reserveKeyDeletion",
  "settleKeyDeletion",
] as const satisfies readonly (keyof FullRecord)[];

interface Needs {
  /** What the record must be able to do; nothing: it may be missing. */
  readonly record?: readonly (keyof FullRecord)[];
  /** Merchant's orders, and who may do what. */
  readonly orders?: true;
  readonly authorize?: "authorize" | "authorizeBillingKey";
  readonly account?: true;
  /** Whether a request's address must be known: always, or to count attempts. */
  readonly address?: "always" | "to-count";
}

const needs: Record<RouteGroup, Needs> = {
  cards: { record: paymentMethods, orders: true, authorize: "authorize", address: "to-count" },
  "card-prefix": { orders: true, authorize: "authorize", address: "to-count" },
  page: { record: [...paymentMethods, ...pageMethods], orders: true, authorize: "authorize" },
  orders: { record: ["findOrder"], orders: true, authorize: "authorize" },
  "billing-keys": {
    record: [...paymentMethods, ...keyMethods],
    authorize: "authorizeBillingKey",
    account: true,
    address: "to-count",
  },
  charges: { record: [...paymentMethods, ...keyMethods], orders: true, authorize: "authorize" },
  cancels: { record: paymentMethods, orders: true, authorize: "authorize" },
  escrow: { record: ["findOrder"], orders: true, authorize: "authorize", address: "always" },
  "escrow-status": { orders: true, authorize: "authorize", address: "always" },
  notifications: { address: "always" },
};

/**
 * Checks the options, all of them at once, for the groups that are listed.
 *
 * @throws PayApiError `invalid-config`
 */
export function checkOptions<Context, Native>(options: PayApiHandlerOptions<Context, Native>): void {
  const problems: Problem[] = [];
  const demand = (field: string, fine: boolean, message: string): void => {
    if (!fine && !problems.some((problem) => problem.field === field)) problems.push({ field, message });
  };
  const { payapi, publicOrigin, basePath, trustedProxies, attemptLimits, context, actor } = options;
  const groups = Array.isArray(options.groups) ? options.groups : [];
  const used = groups.filter((group) => routeGroups.includes(group));
  demand(
    "payapi",
    typeof payapi === "object" && payapi !== null,
    "is missing: pass what createPayApi returns",
  );
  for (const group of used) checkNeeds(group, options, demand);
  demand("context", isFunctionOrNothing(context), "must be a function of the request");
  demand("actor", isFunctionOrNothing(actor), "must be a function of the context");
  checkPlace(publicOrigin, basePath, payapi?.environment, demand);
  const unknown = groups.filter((group) => !used.includes(group)).map((group) => `"${group}"`);
  demand(
    "groups",
    groups.length > 0 && unknown.length === 0,
    `must list one or more of ${routeGroups.map((name) => `"${name}"`).join(", ")}${unknown.length > 0 ? `, and not ${unknown.join(", ")}` : ""}`,
  );
  demand(
    "trustedProxies",
    trustedProxies === undefined || isAddressList(trustedProxies),
    "must list addresses or CIDR blocks",
  );
  checkLimits("attemptLimits", attemptLimits, attemptLimitNames, demand);
  checkLimits("notificationLimits", options.notificationLimits, notificationLimitNames, demand);
  if (used.includes("notifications")) checkNotifications(options, demand);
  if (used.includes("page")) checkPage(options, demand);
  if (problems.length > 0) throw problemsError("invalid-config", problems);
}

type Demand = (field: string, fine: boolean, message: string) => void;

function checkNeeds<Context, Native>(
  group: RouteGroup,
  options: PayApiHandlerOptions<Context, Native>,
  demand: Demand,
): void {
  const need = needs[group];
  const record = options.record as Partial<Record<keyof FullRecord, unknown>> | undefined;
  const missing = (need.record ?? []).filter((method) => typeof record?.[method] !== "function");
  demand(
    "record",
    missing.length === 0,
    record === undefined
      ? "is missing: pass a ledger, or a record of your own"
      : `has no ${missing.join(", ")}, which the group "${group}" needs`,
  );
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
      "is missing: say who may do what; nothing is allowed by default",
    );
  }
  if (need.account) {
    demand(
      "account",
      typeof options.account === "function",
      `is missing: the group "${group}" must know whose keys they are`,
    );
  }
  const counts = need.address === "to-count" && options.attemptLimits !== false;
  if (need.address === "always" || counts) {
    demand(
      "clientAddress",
      typeof options.clientAddress === "function",
      `is missing: the group "${group}" must know where requests come from; read it from the socket, or from the header that your own proxy sets`,
    );
  }
}

function checkPlace(
  publicOrigin: unknown,
  basePath: unknown,
  environment: string | undefined,
  demand: Demand,
): void {
  demand(
    "publicOrigin",
    isOrigin(publicOrigin),
    'must be an origin such as "https://shop.example", without path',
  );
  demand(
    "publicOrigin",
    environment !== "production" || String(publicOrigin).startsWith("https://"),
    "must be https in production",
  );
  demand(
    "basePath",
    typeof basePath === "string" && /^(\/[A-Za-z0-9._~-]+)*$/.test(basePath),
    'must be a path such as "/payments", without a slash at its end, or ""',
  );
}

const attemptLimitNames: readonly (keyof AttemptLimits)[] = [
  "windowMs",
  "perAddress",
  "perCard",
  "perAccount",
  "perOrder",
];
const notificationLimitNames: readonly (keyof NotificationLimits)[] = [
  "windowMs",
  "perAddress",
  "inAll",
  "perOrder",
];

function checkLimits(field: string, limits: unknown, names: readonly string[], demand: Demand): void {
  if (limits === undefined || limits === false) return;
  const isCount = (value: unknown) =>
    value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1);
  const fine =
    typeof limits === "object" &&
    limits !== null &&
    Object.entries(limits).every(([name, value]) => names.includes(name) && isCount(value));
  demand(field, fine, `must be false, or have whole numbers from 1 for ${names.join(", ")}`);
}

/** What the record must be able to do so that strangers cannot fill it. */
const limitMethods = ["findNotified", "countAttempt"] as const satisfies readonly (keyof FullRecord)[];

function checkNotifications<Context, Native>(
  options: PayApiHandlerOptions<Context, Native>,
  demand: Demand,
): void {
  const { payapi, record, onNotification, sources, notificationKey } = options;
  const isLimited = sources === "unlisted" && options.notificationLimits !== false;
  const needed = ["receiveNotification", ...(isLimited ? limitMethods : [])] as const;
  const missing = needed.filter((method) => typeof record?.[method] !== "function");
  demand("onNotification", isFunctionOrNothing(onNotification), "must be a function of what was received");
  demand(
    "record",
    missing.length === 0 || typeof onNotification === "function",
    `has no ${missing.join(", ")}: pass a ledger, or take notifications with onNotification`,
  );
  demand(
    "sources",
    sources === "unlisted" ||
      isAddressList(sources) ||
      (sources === undefined && payapi?.environment === "sandbox"),
    'must list the addresses or CIDR blocks that the gateway sends from, or be "unlisted" if it does not say',
  );
  demand(
    "notificationKey",
    notificationKey === undefined ||
      (typeof notificationKey === "string" && /^[A-Za-z0-9_-]{16,64}$/.test(notificationKey)),
    "must be an unguessable text of 16 to 64 letters, digits, _ or -",
  );
}

// The page takes addresses of at most 100 characters, and the longest is this.
const longestPagePath = `/page-return/${"x".repeat(22)}`.length;

function checkPage<Context, Native>(options: PayApiHandlerOptions<Context, Native>, demand: Demand): void {
  const { publicOrigin, basePath, returnTo, notificationUrl } = options;
  demand(
    "returnTo",
    typeof returnTo === "function",
    'is missing: say to which path of the shop a buyer comes back, such as (orderId) => "/orders/" + orderId',
  );
  demand(
    "basePath",
    `${publicOrigin}${basePath}`.length + longestPagePath <= 100,
    `is too long: with publicOrigin it may have ${100 - longestPagePath} characters, since the payment page takes no longer address`,
  );
  demand(
    "notificationUrl",
    notificationUrl === undefined || URL.canParse(notificationUrl),
    "must be the whole address at which another process takes notifications",
  );
}

function isAddressList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((entry) => typeof entry === "string") &&
    addressList(value) !== undefined
  );
}

function isFunctionOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "function";
}

function isOrigin(value: unknown): boolean {
  return (
    typeof value === "string" &&
    URL.canParse(value) &&
    /^https?:/.test(value) &&
    new URL(value).origin === value
  );
}
