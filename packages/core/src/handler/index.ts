import { maskCardNumbers } from "../secret.js";
import { processTimers, type Timers } from "../timers.js";
import { refuseBrowser } from "./browser-request.js";
import { fromLedger } from "./from-ledger.js";
import type { Log } from "./log.js";
import { allowedMethods, type FoundRoutes, findRoutes, pathBelow } from "./match-route.js";
import type { PayApiHandlerOptions } from "./options.js";
import { HandlerProblem, problemResponse } from "./problems.js";
import { consumeRateLimit } from "./rate-limits.js";
import { receiveBody } from "./request-body.js";
import type { Route } from "./route.js";
import { routes } from "./routes/index.js";
import { serveBuyerRoute } from "./serve-buyer-route.js";
import { type Serving, setUp } from "./serving.js";

export { type AnswerField, type AnswerShape, answerShapes } from "./answer-shapes.js";
export type { Answers, Bodies, FieldError, ProblemBody } from "./messages.js";
export type {
  AuthorizeBillingKeyRequest,
  AuthorizeRequest,
  BillingKeyAction,
  FoundOrder,
  LogEntry,
  Logger,
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
  serving: Serving<Context, Native>,
): Promise<Response> {
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
    return problemFor(error, request, serving.services.logger);
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
    services.logger.warn({ address }, "A notification came from an address that is not in sources.");
    throw new HandlerProblem("source-refused");
  }
  refuseBrowser(request, services.logger);
  const form = await receiveBody(request, "notification");
  return route.run({ services, form, source: { address, listed } });
}

function problemFor(error: unknown, request: Request, logger: Log): Response {
  const problem = error instanceof HandlerProblem ? error : new HandlerProblem("internal-error");
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: "" };
  const logged = problem === error ? problem.extra.logged : maskCardNumbers(message);
  if (logged !== undefined) {
    logger.error(
      { error: problem === error ? problem.code : name, detail: logged },
      "A request failed unexpectedly.",
    );
  }
  return problemResponse(problem, request);
}
