import { maskCardNumbers } from "../secret.js";
import { checkOptions, type Logger, type PayApiHandlerOptions } from "./options.js";
import { HandlerProblem, problemResponse } from "./problems.js";
import { parseJsonBody, receiveBody } from "./request-body.js";
import { type Route, routes } from "./routes.js";

export type { AuthorizeRequest, Logger, Order, PayApiHandlerOptions, RouteGroup } from "./options.js";
export type { OrderView } from "./order-view.js";
export { type ProblemCode, problemTable } from "./problems.js";
export { type Route, routes } from "./routes.js";

/** The endpoints as one function on the web's own Request and Response; adapters carry requests to it. */
export interface PayApiHandler<Native = unknown> {
  /** Answers a request. It never rejects. `native` is the framework's own request, for `options.context`. */
  (request: Request, native: Native): Promise<Response>;
  /** Whether a path is one of the routes, so that a framework can pass on all others. */
  handles(pathname: string): boolean;
}

/**
 * Makes the handler that both adapters share: card approval, order status, cancel and partial cancel. Prices come from
 * the merchant's orders, calls are recorded before and after, and nothing is allowed that `authorize` does not allow.
 *
 * @throws PayApiError `invalid-config`, with all problems at once
 */
export function createPayApiHandler<Context, Native = unknown>(
  options: PayApiHandlerOptions<Context, Native>,
): PayApiHandler<Native> {
  checkOptions(options);
  const logger = options.logger ?? consoleLogger;
  const table = routes.filter(({ group }) => options.groups.includes(group));
  const handle = async (request: Request, native: Native): Promise<Response> => {
    const response = await answer(request, native, table, options, logger);
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
  return Object.assign(handle, {
    handles: (pathname: string) => findRoutes(table, options.basePath, pathname).routes.length > 0,
  });
}

async function answer<Context, Native>(
  request: Request,
  native: Native,
  table: readonly Route[],
  options: PayApiHandlerOptions<Context, Native>,
  logger: Logger,
): Promise<Response> {
  try {
    const found = findRoutes(table, options.basePath, new URL(request.url).pathname);
    if (found.routes.length === 0) throw new HandlerProblem("not-found");
    const allow = allowedMethods(found.routes);
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = found.routes.find((candidate) => candidate.method === method);
    if (!route) throw new HandlerProblem("method-not-allowed", { headers: { allow } });
    if (route.method !== "GET") checkOrigin(request, options.publicOrigin);
    // The body first: a buyer may take seconds to send it, and the price and the permission must be those after that.
    const received = route.method === "GET" ? undefined : await receiveBody(request);
    const context = (await options.context?.(request, native)) as Context;
    const order = await options.orders.find(found.orderId, context);
    if (order === undefined) throw new HandlerProblem("order-not-found");
    const allowed: unknown = await options.authorize({ action: route.action, order, context });
    if (allowed !== true) throw new HandlerProblem("forbidden");
    const body = received === undefined ? {} : parseJsonBody(request, received);
    checkNames(route, body);
    return await route.run({ order, body, payapi: options.payapi, record: options.record, logger });
  } catch (error) {
    if (error instanceof HandlerProblem) return problemResponse(error, request);
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: "" };
    try {
      logger.error({ error: name, message: maskCardNumbers(message) }, "A request failed unexpectedly.");
    } catch {
      // A broken log must not cost the caller the answer.
    }
    return problemResponse(new HandlerProblem("internal-error"), request);
  }
}

function findRoutes(
  table: readonly Route[],
  basePath: string,
  pathname: string,
): { routes: readonly Route[]; orderId: string } {
  if (!pathname.startsWith(`${basePath}/`)) return { routes: [], orderId: "" };
  const segments = pathname.slice(basePath.length).split("/");
  let orderId = "";
  const found = table.filter(({ path }) => {
    const pattern = path.split("/");
    return (
      pattern.length === segments.length &&
      pattern.every((part, index) => {
        const segment = segments[index] ?? "";
        if (part !== ":orderId") return part === segment;
        orderId = decodeSegment(segment);
        return orderId !== "";
      })
    );
  });
  return { routes: found, orderId };
}

// An order id that no merchant could have issued is no order's: empty stands for it.
function decodeSegment(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    return text.length <= 200 && !/\p{Cc}/u.test(text) ? text : "";
  } catch {
    return "";
  }
}

function allowedMethods(found: readonly Route[]): string {
  return [...found.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"].join(
    ", ",
  );
}

// Browsers send Origin with every POST; a request without it comes from no page of the shop.
function checkOrigin(request: Request, publicOrigin: string): void {
  const site = request.headers.get("sec-fetch-site") ?? "same-origin";
  if (request.headers.get("origin") !== publicOrigin || site !== "same-origin") {
    throw new HandlerProblem("origin-refused");
  }
}

function checkNames(route: Route, body: Readonly<Record<string, unknown>>): void {
  const errors = Object.keys(body)
    .filter((name) => !route.body.includes(name))
    .map((name) => ({ field: maskCardNumbers(name).slice(0, 60), message: "is no field of this request" }));
  if (errors.length > 0) throw new HandlerProblem("invalid-input", { errors });
}

const consoleLogger: Logger = {
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
};
