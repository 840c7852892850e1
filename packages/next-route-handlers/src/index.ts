import { createPayApiHandler, type PayApiHandlerOptions } from "@payapi/core/handler";

export type {
  AuthorizeBillingKeyRequest,
  AuthorizeRequest,
  BillingKeyAction,
  Logger,
  Order,
  OrderAction,
  OrderView,
  ProblemCode,
  RateLimits,
  RouteGroup,
} from "@payapi/core/handler";

/** What the route handlers take. */
export type PayApiRouteHandlersOptions<Context = unknown> = PayApiHandlerOptions<Context, undefined>;

type OptionsLoader<Context> = () =>
  | PayApiRouteHandlersOptions<Context>
  | Promise<PayApiRouteHandlersOptions<Context>>;

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
  options: PayApiRouteHandlersOptions<Context> | OptionsLoader<Context>,
): PayApiRouteHandlers {
  const create = (loaded: PayApiRouteHandlersOptions<Context>) =>
    createPayApiHandler<Context, undefined>(loaded);
  // Problems with options that exist already show when the server starts, and not at the first request.
  let handler = typeof options === "function" ? undefined : Promise.resolve(create(options));
  const load = async () => create(typeof options === "function" ? await options() : options);
  const serve: RouteHandler = async (request) => {
    handler ??= load().catch((error: unknown) => {
      handler = undefined;
      throw error;
    });
    return (await handler)(request, undefined);
  };
  return { GET: serve, HEAD: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve, OPTIONS: serve };
}
