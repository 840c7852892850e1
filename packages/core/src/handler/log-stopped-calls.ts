import type { PayApi } from "../client.js";
import { isPayApiError, type PayApiError } from "../errors.js";
import { codeOf, errorName } from "./from-ledger.js";
import type { Log } from "./log.js";

type AnyMethod = (...given: unknown[]) => unknown;

/**
 * Returns a client that logs calls that failed for a reason of the shop's own, which an operator must examine: stopped before the first
 * byte, or rejected by the gateway for the shop's set-up. Buyers read only that the shop can't take the payment now.
 */
export function logStoppedCalls(payapi: PayApi, logger: Log): PayApi {
  const entries = Object.entries(payapi).map(([name, group]) => [
    name,
    typeof group === "object" && group !== null ? loggingMethods(group, logger, payapi.origin) : group,
  ]);
  return Object.freeze(Object.fromEntries(entries)) as PayApi;
}

function loggingMethods(methods: object, logger: Log, gateway: string): object {
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    typeof method === "function" ? logging(method as AnyMethod, logger, gateway) : method,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

function logging(method: AnyMethod, logger: Log, gateway: string): AnyMethod {
  return (...given) => {
    const result = method(...given);
    if (result instanceof Promise) result.catch((error: unknown) => logIfStopped(error, logger, gateway));
    return result;
  };
}

function logIfStopped(error: unknown, logger: Log, gateway: string): void {
  if (!isPayApiError(error)) return;
  const { operation, code, cause, resultCode, resultMessage } = error;
  const message = alerts[code];
  // Another process has the call and logs its outcome.
  if (message === undefined || codeOf(cause) === "not-yours") return;
  const why = cause === undefined ? {} : { cause: codeOf(cause) ?? errorName(cause) };
  const said = resultCode === undefined ? {} : { resultCode, resultMessage };
  logger.error({ operation, code, ...said, ...why, gateway }, message);
}

const alerts: Partial<Record<PayApiError["code"], string>> = {
  "connection-failed":
    "The gateway could not be connected to; nothing was sent. Check its address, and that it accepts this server's address.",
  "tls-failed":
    "The gateway's TLS certificate was rejected; nothing was sent. The connection may be intercepted, or a certificate is wrong.",
  "unsupported-runtime":
    "The runtime, or a library that intercepts node:http, would not send over the verified connection; nothing was sent. Use Node.js >= 20.19, Bun >= 1.4 or Deno >= 2.8.",
  "setup-fault":
    "The gateway rejected the shop's set-up (sign key, field key, mid, clock or order number); no card was declined. Run `payapi doctor`.",
  "request-rejected":
    "The gateway rejected the request itself with HTTP 4xx (a parameter or the address); no card was declined. Run `payapi doctor`.",
  "before-send-failed": "The ledger rejected the call before it was sent; nothing was sent.",
};
