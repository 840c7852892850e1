import { createPayApiHandler, type PayApiHandlerOptions } from "@payapi/core/handler";
import { sendWebResponse, toWebRequest } from "@payapi/core/internal";
import type { Request, RequestHandler } from "express";

export type * from "@payapi/core/handler";

/**
 * The options of the middleware. `native`, in `context` and `clientAddress`, is Express's own request (default of
 * `clientAddress`: the socket's address).
 */
export type PayApiMiddlewareOptions<Context = unknown> = PayApiHandlerOptions<Context, Request>;

/**
 * Creates Express middleware that serves PAYAPI's endpoints. Mount it at `basePath`, above any body parser. Other paths go to
 * `next()`.
 *
 * @example
 * ```ts
 * app.use("/payments", createPayApiMiddleware({ basePath: "/payments", … }));
 * ```
 *
 * @throws PayApiError `invalid-config`, which lists all problems
 */
export function createPayApiMiddleware<Context>(options: PayApiMiddlewareOptions<Context>): RequestHandler {
  const handler = createPayApiHandler<Context, Request>(withSocketAddress(options));
  const carry: RequestHandler = async (request, response, next) => {
    const webRequest = toWebRequest(request, { origin: options.publicUrl, path: request.originalUrl });
    if (!handler.handles(new URL(webRequest.url).pathname)) return next();
    await sendWebResponse(response, await handler(webRequest, request));
  };
  // Express 4 does not await a middleware, and an unhandled rejection ends the process.
  return (request, response, next) => Promise.resolve(carry(request, response, next)).catch(next);
}

// Non-objects pass through; the handler rejects them.
function withSocketAddress<Context>(options: PayApiMiddlewareOptions<Context>) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
  const { clientAddress = (_request: unknown, native: Request) => native.socket.remoteAddress } = options;
  return { ...options, clientAddress };
}
