import { createPayApiHandler, type PayApiHandlerOptions } from "@payapi/core/handler";
import { sendWebResponse, toWebRequest } from "@payapi/core/internal";
import type { Request, RequestHandler } from "express";

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

/**
 * What the middleware takes. `native`, for `context` and `clientAddress`, is Express's own request; without `clientAddress`
 * the address is the socket's.
 */
export type PayApiMiddlewareOptions<Context = unknown> = PayApiHandlerOptions<Context, Request>;

/**
 * PAYAPI's endpoints as Express middleware. Mount it at `basePath`, above any body parser:
 * `app.use("/payments", createPayApiMiddleware({ basePath: "/payments", … }))`. Other paths go on to `next()`.
 *
 * @throws PayApiError `invalid-config`, with all problems at once
 */
export function createPayApiMiddleware<Context>(options: PayApiMiddlewareOptions<Context>): RequestHandler {
  const handler = createPayApiHandler<Context, Request>(withSocketAddress(options));
  const carry: RequestHandler = async (request, response, next) => {
    const webRequest = toWebRequest(request, { origin: options.publicOrigin, path: request.originalUrl });
    if (!handler.handles(new URL(webRequest.url).pathname)) return next();
    await sendWebResponse(response, await handler(webRequest, request));
  };
  // Express 4 does not wait for what a middleware returns, and a rejection nobody hears ends the process.
  return (request, response, next) => Promise.resolve(carry(request, response, next)).catch(next);
}

// Non-objects pass through; the handler rejects them.
function withSocketAddress<Context>(options: PayApiMiddlewareOptions<Context>) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
  const { clientAddress = (_request: unknown, native: Request) => native.socket.remoteAddress } = options;
  return { ...options, clientAddress };
}
