import { errorName } from "../log/log.js";
import { requestLog } from "../log/request-log.js";
import { maskCardNumbers, shownName } from "../secret.js";
import { processTimers, type Timers } from "../timers.js";
import { refuseBrowser } from "./browser-request.js";
import { fromLedger } from "./from-ledger.js";
import type { HandlerLog } from "./log-lines.js";
import { allowedMethods, type FoundRoutes, findRoutes, pathBelow } from "./match-route.js";
import type { PayApiHandlerOptions } from "./options.js";
import { HandlerProblem, problemResponse } from "./problems.js";
import { consumeRateLimit } from "./rate-limits.js";
import { receiveBody } from "./request-body.js";
import type { Route } from "./route.js";
import { routes } from "./routes/index.js";
import { serveBuyerRoute } from "./serve-buyer-route.js";
import { type Handling, type Serving, setUp } from "./serving.js";

export type { LogEntry, Logger } from "../log/log.js";
export { type AnswerField, type AnswerShape, answerShapes } from "./answer-shapes.js";
export type { Answers, Bodies, FieldError, ProblemBody } from "./messages.js";
export type {
  AuthorizeBillingKeyRequest,
  AuthorizeRequest,
  BillingKeyAction,
  FoundOrder,
  NotificationLimits,
  Order,
  OrderAction,
  PayApiHandlerOptions,
  RateLimits,
  RouteGroup,
} from "./options.js";
export { routeGroups } from "./options.js";
export type { OrderView } from "./order-view.js";
export { type ProblemCode, problemTable } from "./problem-table.js";
export type { Route } from "./route.js";
export { routes } from "./routes/index.js";

/** The endpoints as one function on web Request and Response; the adapters pass requests to it. */
export interface PayApiHandler<Native = unknown> {
  /**
   * Answers a request; never rejects. `native` is the framework's own request, for `options.context`. `segments` are the decoded parts
   * of the path below `basePath`, if the framework's router knows them (default: from the request's URL).
   */
  (request: Request, native: Native, segments?: readonly string[]): Promise<Response>;
  /** Returns whether a path is one of the routes, so that a framework can pass on other paths. */
  handles(pathname: string): boolean;
}

/**
 * Creates the handler that both adapters use. Prices come from the merchant's orders, the ledger stores each call before and
 * after it is sent, and `authorize` decides every request.
 *
 * @throws PayApiError `invalid-config`, which lists all problems
 */
export function createPayApiHandler<Context, Native = unknown>(
  options: PayApiHandlerOptions<Context, Native>,
): PayApiHandler<Native> {
  return createTimedHandler(options, processTimers);
}

/** As {@link createPayApiHandler}, with clocks and timers. */
export function createTimedHandler<Context, Native = unknown>(
  options: PayApiHandlerOptions<Context, Native>,
  timers: Timers,
): PayApiHandler<Native> {
  const serving = setUp(options, timers);
  const table = withNotificationKey(
    routes.filter(({ group }) => options.groups.includes(group)),
    options.notificationKey,
  );
  const find = (path: string | undefined) => findRoutes(table, path, options.notificationKey);
  const below = (pathname: string) => pathBelow(options.basePath, pathname);
  const handle = async (request: Request, native: Native, segments?: readonly string[]) => {
    const path = segments?.map((each) => `/${encodeURIComponent(each)}`).join("");
    const found = find(path ?? below(new URL(request.url).pathname));
    const response = await answer(request, native, found, serving);
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
  return Object.assign(handle, { handles: (pathname: string) => find(below(pathname)).routes.length > 0 });
}

// Buyers can see the payment page's notification URL in its form; registered URLs can stay secret.
function withNotificationKey(table: readonly Route[], key: string | undefined): readonly Route[] {
  return table.map((route) =>
    key !== undefined && route.subject === "notification" && route.kind !== "mobile"
      ? { ...route, path: `${route.path}/:notificationKey` }
      : route,
  );
}

async function answer<Context, Native>(
  request: Request,
  native: Native,
  { routes: found, parameters, path }: FoundRoutes,
  handling: Handling<Context, Native>,
): Promise<Response> {
  const logger = requestLog(handling.log);
  const serving = { ...handling, services: handling.servicesFor(logger) };
  // What a stranger writes into a path may be a card number.
  logger.about({ orderId: shownId(parameters.orderId), keyId: shownId(parameters.keyId) });
  try {
    if (found.length === 0) throw new HandlerProblem("not-found");
    const allow = allowedMethods(found);
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = found.find((candidate) => candidate.method === method);
    if (!route) throw new HandlerProblem("method-not-allowed", { headers: { allow } });
    // A link preview that sends HEAD must not use up the buyer's return.
    if (request.method === "HEAD" && route.subject === "page") {
      throw new HandlerProblem("method-not-allowed", { headers: { allow } });
    }
    if (route.subject === "notification") return await serveNotification(request, native, route, serving);
    if (route.subject === "page") {
      const form =
        method === "POST"
          ? await receiveBody(request, "form")
          : Buffer.from(/\?([^#]*)/.exec(request.url)?.[1] ?? "");
      const isTooMuch = (orderId: string) => isReturnTooMuch(orderId, serving);
      return await route.run({ services: serving.services, token: parameters.token ?? "", form, isTooMuch });
    }
    return await serveBuyerRoute(request, native, { route, parameters, path }, serving);
  } catch (error) {
    const route = found[0] === undefined ? undefined : `${request.method} ${found[0].path}`;
    return problemFor(error, request, route, logger);
  }
}

async function isReturnTooMuch<Context, Native>(
  orderId: string,
  { services: { logger, payapi, ledger }, limits }: Serving<Context, Native>,
): Promise<boolean> {
  if (limits === undefined) return false;
  const attempt = { purpose: "return", orderId } as const;
  const { allowed } = await fromLedger(logger, { orderId }, () =>
    consumeRateLimit(attempt, limits, ledger, payapi),
  );
  return !allowed;
}

async function serveNotification<Context, Native>(
  request: Request,
  native: Native,
  route: Extract<Route, { subject: "notification" }>,
  { services, addressOf, isSource }: Serving<Context, Native>,
): Promise<Response> {
  const address = addressOf(request, native);
  const listed = address !== undefined && isSource !== "unlisted" && isSource(address);
  if (isSource !== "unlisted" && !listed) {
    services.logger.write("notification-source-refused", { address });
    throw new HandlerProblem("source-refused");
  }
  refuseBrowser(request, services.logger);
  const form = await receiveBody(request, "notification");
  return route.run({ services, form, source: { address, listed } });
}

function shownId(id: string | undefined): string | undefined {
  return id === undefined ? undefined : shownName(id);
}

/** Writes a problem. Each has an entry in the log: its own, or `request-refused`. */
function problemFor(
  error: unknown,
  request: Request,
  route: string | undefined,
  logger: HandlerLog,
): Response {
  if (!(error instanceof HandlerProblem)) {
    const detail = error instanceof Error ? maskCardNumbers(error.message) : "";
    logger.write("internal-error", { route, error: errorName(error), detail });
    return problemResponse(new HandlerProblem("internal-error"), request);
  }
  const { code, extra } = error;
  if (code === "body-consumed") logger.write(code, { route, detail: extra.logged });
  else if (!logger.isWritten()) {
    const fields = extra.errors?.map(({ field }) => field);
    logger.write("request-refused", { problem: code, route, fields, reason: extra.reason, ...extra.gateway });
  }
  return problemResponse(error, request);
}
