import { createPayApiHandler, type PayApiHandlerOptions } from "@payapi/core/handler";

export type * from "@payapi/core/handler";
export { oncePerProcess } from "@payapi/core/internal";

/** The options of the route handlers. */
export type PayApiRouteHandlersOptions<Context = unknown> = PayApiHandlerOptions<Context, undefined>;

type OptionsLoader<Context> = () =>
  | PayApiRouteHandlersOptions<Context>
  | Promise<PayApiRouteHandlersOptions<Context>>;

/** The parameters of a route, as the App Router passes them. */
export interface RouteContext {
  readonly params: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

/** A route handler as the App Router calls it. */
export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

/** A handler for each method of the App Router. */
export type PayApiRouteHandlers = Readonly<
  Record<"GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS", RouteHandler>
>;

/**
 * Creates route handlers that serve PAYAPI's endpoints, for a catch-all route such as `app/payments/[...route]/route.ts`.
 *
 * If you pass a function, it runs at the first request, so `next build` needs no secret and no database. If it throws, the next
 * request calls it again.
 *
 * @example
 * ```ts
 * export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = createPayApiRouteHandlers(() => options);
 * ```
 *
 * @throws PayApiError `invalid-config`, which lists all problems; with a function the request rejects instead
 */
export function createPayApiRouteHandlers<Context>(
  options: PayApiRouteHandlersOptions<Context> | OptionsLoader<Context>,
): PayApiRouteHandlers {
  const create = (loaded: PayApiRouteHandlersOptions<Context>) =>
    createPayApiHandler<Context, undefined>(loaded);
  // Report problems of an options object when the server starts, not at the first request.
  let handler = typeof options === "function" ? undefined : Promise.resolve(create(options));
  const load = async () => create(typeof options === "function" ? await options() : options);
  const serve: RouteHandler = async (request, context) => {
    // The URL may have another path: the source of a rewrite.
    const segments = Object.values(await context.params).find(Array.isArray);
    handler ??= load().catch((error: unknown) => {
      handler = undefined;
      throw error;
    });
    return (await handler)(request, undefined, segments);
  };
  return { GET: serve, HEAD: serve, POST: serve, PUT: serve, PATCH: serve, DELETE: serve, OPTIONS: serve };
}
