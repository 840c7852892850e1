import { createLog, type Log } from "../log/log.js";
import { logStoppedCalls } from "../log/log-stopped-calls.js";
import { isAmount } from "../money.js";
import { createPayments } from "../payments/create-payments.js";
import type { Timers } from "../timers.js";
import { checkOptions } from "./check-options.js";
import { type AddressList, addressBehindProxies, addressList } from "./client-address.js";
import { type HandlerLine, type HandlerLog, handlerLines } from "./log-lines.js";
import type { FoundOrder, Order, PayApiHandlerOptions } from "./options.js";
import {
  type CompleteLimits,
  completeLimits,
  completeNotificationLimits,
  countNotification,
} from "./rate-limits.js";
import type { Services } from "./route.js";

/** The state that all requests of a handler share. */
export interface Handling<Context, Native> {
  readonly options: PayApiHandlerOptions<Context, Native>;
  readonly log: Log<HandlerLine>;
  /** The services for one request, whose log they write. */
  readonly servicesFor: (logger: HandlerLog) => Services;
  /** The origin of `publicUrl`, which browsers send. */
  readonly origin: string;
  readonly limits: CompleteLimits | undefined;
  readonly isSource: AddressList | "unlisted";
  readonly addressOf: (request: Request, native: Native) => string | undefined;
  readonly findOrder: (orderId: string, context: Context | undefined) => Promise<Order | undefined>;
}

/** The state of one request. */
export interface Serving<Context, Native> extends Handling<Context, Native> {
  readonly services: Services;
}

/** The default of `sources` in the sandbox: this machine. */
const thisMachine = ["127.0.0.0/8", "::1"];

/** @throws PayApiError `invalid-config`, which lists all problems */
export function setUp<Context, Native>(
  options: PayApiHandlerOptions<Context, Native>,
  timers: Timers,
): Handling<Context, Native> {
  checkOptions(options);
  const { payapi, ledger, publicUrl, basePath, rateLimits, sources, notificationUrl } = options;
  const isProxy = options.trustedProxies && addressList(options.trustedProxies);
  const baseUrl = `${publicUrl}${basePath}`;
  const receives = options.groups.includes("notifications");
  const findOrder = async (orderId: string, context: Context | undefined) => {
    const order = await options.orders?.find(orderId, context);
    return order && withPrice(order);
  };
  const { store } = ledger;
  const mayStore = storing(options);
  return {
    options,
    origin: new URL(publicUrl).origin,
    limits: rateLimits === false ? undefined : completeLimits(rateLimits),
    isSource: sources === "unlisted" ? sources : (addressList(sources ?? thisMachine) ?? (() => false)),
    addressOf: (request, native) =>
      addressBehindProxies(
        options.clientAddress?.(request, native),
        request.headers.get("x-forwarded-for"),
        isProxy,
      ),
    findOrder,
    log: createLog(handlerLines, options.logger),
    servicesFor: (logger) => {
      const client = logStoppedCalls(payapi, logger);
      return {
        payapi: client,
        payments: createPayments({ payapi: client, ledger: { store } }),
        mayStore,
        ledger: store,
        findOrder: (orderId) => findOrder(orderId, undefined),
        returnTo: (orderId, ticket, reason) =>
          returnUrl(publicUrl, options.returnTo?.(orderId, ticket, reason)),
        methods: options.methods ?? ["card", "bank", "vbank", "hpp"],
        baseUrl,
        constantNextUrl: options.constantNextUrl === true,
        notificationUrl: (slash) =>
          notificationUrl ?? (receives ? `${baseUrl}/notifications/mobile${slash}` : undefined),
        notificationCharsets: options.notificationCharsets ?? {},
        escrowAcknowledgement: options.escrowAcknowledgement ?? "cd_rslt",
        logger,
        timers,
      };
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

function returnUrl(publicUrl: string, given: unknown): string {
  const { origin } = new URL(publicUrl);
  const path =
    typeof given === "string" && given.startsWith(`${origin}/`) ? given.slice(origin.length) : given;
  if (typeof path !== "string" || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path)) {
    throw new TypeError(
      "returnTo must return a path below publicUrl, such as /orders/42, or a full URL of the same origin",
    );
  }
  return path === given ? publicUrl + path : origin + path;
}

/** Database drivers return 64-bit integers as text or as a bigint. Other prices are left to the input check, which names the field. */
function withPrice(order: FoundOrder): Order {
  const { price } = order;
  const isWhole = typeof price === "bigint" || (typeof price === "string" && /^[1-9]\d{0,15}$/.test(price));
  if (!isWhole || !isAmount(Number(price))) return order as Order;
  // An order may be an object with methods that authorize uses.
  return Object.assign(Object.create(Object.getPrototypeOf(order)), order, { price: Number(price) }) as Order;
}
