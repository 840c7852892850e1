import { createPayApiHandler, type PayApiHandlerOptions } from "@payapi/core/handler";
import { sendWebResponse, toWebRequest } from "@payapi/core/node";
import type { Request, RequestHandler } from "express";

export type {
  AttemptLimits,
  AuthorizeBillingKeyRequest,
  AuthorizeRequest,
  Logger,
  Order,
  RouteGroup,
} from "@payapi/core/handler";

/**
 * What the middleware takes; `context(request, native)` gets Express's own request as `native`. `clientAddress` is the
 * socket's unless given.
 */
export type PayApiMiddlewareOptions<Context = unknown> = PayApiHandlerOptions<Context, Request>;

/**
 * PAYAPI's endpoints as Express middleware. Mount it at `basePath`:
 * `app.use("/payments", createPayApiMiddleware({ basePath: "/payments", … }))`. Other paths go on to `next()`.
 *
 * @throws PayApiError `invalid-config`, with all problems at once
 */
export function createPayApiMiddleware<Context>(options: PayApiMiddlewareOptions<Context>): RequestHandler {
  const handler = createPayApiHandler<Context, Request>({
    ...options,
    clientAddress: options.clientAddress ?? ((_request, { socket }) => socket.remoteAddress),
  });
  const carry: RequestHandler = async (request, response, next) => {
    const webRequest = toWebRequest(request, { origin: options.publicOrigin, path: request.originalUrl });
    if (!handler.handles(new URL(webRequest.url).pathname)) return next();
    await sendWebResponse(response, await handler(webRequest, request));
  };
  // Express 4 does not wait for what a middleware returns, and a rejection nobody hears ends the process.
  return (request, response, next) => Promise.resolve(carry(request, response, next)).catch(next);
}
