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
 *
 * @throws PayApiError `invalid-config`, with all problems at once; those of what a function gives reject the request
 */
export function createPayApiRouteHandlers<Context>(
  options:
    | PayApiRouteHandlersOptions<Context>
    | (() => PayApiRouteHandlersOptions<Context> | Promise<PayApiRouteHandlersOptions<Context>>),
): PayApiRouteHandlers {
  const handler = typeof options === "function" ? loadedOnce(options) : madeAlready(options);
  const serve: RouteHandler = async (request) => (await handler())(request, undefined);
  return { GET: serve, HEAD: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve, OPTIONS: serve };
}

type LoadHandler = () => Promise<PayApiHandler<undefined>>;

function loadedOnce<Context>(
  options: () => PayApiRouteHandlersOptions<Context> | Promise<PayApiRouteHandlersOptions<Context>>,
): LoadHandler {
  let handler: Promise<PayApiHandler<undefined>> | undefined;
  const load = async () => createPayApiHandler<Context, undefined>(await options());
  return () => {
    handler ??= load().catch((error: unknown) => {
      handler = undefined;
      throw error;
    });
    return handler;
  };
}

// What is wrong with options that are there already is heard by whoever starts the server, and not by the first buyer.
function madeAlready<Context>(options: PayApiRouteHandlersOptions<Context>): LoadHandler {
  const handler = createPayApiHandler<Context, undefined>(options);
  return async () => handler;
}
