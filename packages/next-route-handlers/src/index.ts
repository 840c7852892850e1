import { createPayApiHandler, type PayApiHandler, type PayApiHandlerOptions } from "@payapi/core/handler";

export type {
  AttemptLimits,
  AuthorizeBillingKeyRequest,
  AuthorizeRequest,
  BillingKeyAction,
  Logger,
  Order,
  OrderAction,
  OrderView,
  ProblemCode,
  RouteGroup,
} from "@payapi/core/handler";

/** What the route handlers take. */
export type PayApiRouteHandlersOptions<Context = unknown> = PayApiHandlerOptions<Context, undefined>;

/** A route handler as the App Router calls it. */
export type RouteHandler = (request: Request) => Promise<Response>;

/** One handler for each method the App Router knows. */
export type PayApiRouteHandlers = Readonly<
  Record<"GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS", RouteHandler>
>;

/**
 * PAYAPI's endpoints for a catch-all route such as `app/payments/[...route]/route.ts`:
 * `export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = createPayApiRouteHandlers(() => options)`.
 *
 * With a function, nothing connects and no secret is read until the first request, so `next build` needs neither; if it
 * throws, the next request tries again.
 */
export function createPayApiRouteHandlers<Context>(
  options:
    | PayApiRouteHandlersOptions<Context>
    | (() => PayApiRouteHandlersOptions<Context> | Promise<PayApiRouteHandlersOptions<Context>>),
): PayApiRouteHandlers {
  let handler: Promise<PayApiHandler<undefined>> | undefined;
  const load = async () =>
    createPayApiHandler<Context, undefined>(typeof options === "function" ? await options() : options);
  const serve: RouteHandler = async (request) => {
    handler ??= load();
    try {
      return await (await handler)(request, undefined);
    } catch (error) {
      handler = undefined;
      throw error;
    }
  };
  return { GET: serve, HEAD: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve, OPTIONS: serve };
}
