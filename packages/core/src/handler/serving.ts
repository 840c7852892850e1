import { createPayments } from "../payments/create-payments.js";
import { checkOptions } from "./check-options.js";
import { type AddressList, addressBehindProxies, addressList } from "./client-address.js";
import { logStoppedCalls } from "./log-stopped-calls.js";
import type { Logger, Order, PayApiHandlerOptions } from "./options.js";
import {
  type CompleteLimits,
  completeLimits,
  completeNotificationLimits,
  countNotification,
} from "./rate-limits.js";
import type { Services } from "./route.js";

/** The state that all requests of a handler share. */
export interface Serving<Context, Native> {
  readonly options: PayApiHandlerOptions<Context, Native>;
  readonly services: Services;
  readonly limits: CompleteLimits | undefined;
  readonly isSource: AddressList | "unlisted";
  readonly addressOf: (request: Request, native: Native) => string | undefined;
  readonly findOrder: (orderId: string, context: Context | undefined) => Promise<Order | undefined>;
}

/** The default of `sources` in the sandbox: this machine. */
const thisMachine = ["127.0.0.0/8", "::1"];

/** @throws PayApiError `invalid-config`, which lists all problems */
export function setUp<Context, Native>(
  options: PayApiHandlerOptions<Context, Native>,
): Serving<Context, Native> {
  checkOptions(options);
  const { payapi, ledger, publicOrigin, basePath, rateLimits, sources } = options;
  const isProxy = options.trustedProxies && addressList(options.trustedProxies);
  const baseUrl = `${publicOrigin}${basePath}`;
  const ownNotifications = options.groups.includes("notifications")
    ? `${baseUrl}/notifications/mobile`
    : undefined;
  const findOrder = async (orderId: string, context: Context | undefined) =>
    options.orders?.find(orderId, context);
  const logger = options.logger ?? consoleLogger;
  const client = logStoppedCalls(payapi, logger);
  const { store } = ledger;
  return {
    options,
    limits: rateLimits === false ? undefined : completeLimits(rateLimits),
    isSource: sources === "unlisted" ? sources : (addressList(sources ?? thisMachine) ?? (() => false)),
    addressOf: (request, native) =>
      addressBehindProxies(
        options.clientAddress?.(request, native),
        request.headers.get("x-forwarded-for"),
        isProxy,
      ),
    findOrder,
    services: {
      payapi: client,
      payments: createPayments({ payapi: client, ledger: { store } }),
      mayStore: storing(options),
      ledger: store,
      findOrder: (orderId) => findOrder(orderId, undefined),
      returnTo: (orderId) => `${publicOrigin}${ownPath(options.returnTo?.(orderId))}`,
      baseUrl,
      constantNextUrl: options.constantNextUrl === true,
      notificationUrl: options.notificationUrl ?? ownNotifications,
      notificationCharsets: options.notificationCharsets ?? {},
      escrowAcknowledgement: options.escrowAcknowledgement ?? "cd_rslt",
      logger,
    },
  };
}

/** Notifications from `sources` are not counted. */
function storing<Context, Native>({
  payapi,
  ledger: { store },
  notificationLimits,
}: PayApiHandlerOptions<Context, Native>): Services["mayStore"] {
  if (notificationLimits === false) return async () => true;
  const limits = completeNotificationLimits(notificationLimits);
  return async (notification, { address, listed }) => {
    if (listed) return true;
    const known = await store.findNotified(notification);
    const { allowed } = await countNotification({ address, known }, limits, store, payapi);
    return allowed;
  };
}

function ownPath(path: unknown): string {
  if (typeof path !== "string" || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)) {
    throw new TypeError("returnTo must return a path on the shop's own site, such as /orders/42");
  }
  return path;
}

const consoleLogger: Logger = {
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
};
