import { isPayApiError } from "../errors.js";
import type { CallLine } from "./call-lines.js";
import { codeOf, errorName, type Log } from "./log.js";

type AnyMethod = (...given: unknown[]) => unknown;

/**
 * Returns a client that logs calls that failed for a reason of the shop's own, which an operator must examine: stopped before the first
 * byte, or rejected by the gateway for the shop's set-up. Buyers read only that the shop can't take the payment now.
 */
export function logStoppedCalls<Client extends object>(client: Client, log: Log<CallLine>): Client {
  const gateway = "origin" in client ? client.origin : undefined;
  const entries = Object.entries(client).map(([name, group]) => [
    name,
    typeof group === "object" && group !== null ? loggingMethods(group, log, gateway) : group,
  ]);
  return Object.freeze(Object.fromEntries(entries)) as Client;
}

function loggingMethods(methods: object, log: Log<CallLine>, gateway: unknown): object {
  const entries = Object.entries(methods).map(([name, method]) => [
    name,
    typeof method === "function" ? logging(method as AnyMethod, log, gateway) : method,
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

function logging(method: AnyMethod, log: Log<CallLine>, gateway: unknown): AnyMethod {
  return (...given) => {
    const result = method(...given);
    if (result instanceof Promise) result.catch((error: unknown) => logIfStopped(error, log, gateway));
    return result;
  };
}

const stopped: readonly CallLine[] = [
  "connection-failed",
  "tls-failed",
  "unsupported-runtime",
  "not-sent",
  "before-send-failed",
  "setup-fault",
  "request-rejected",
];

function logIfStopped(error: unknown, log: Log<CallLine>, gateway: unknown): void {
  if (!isPayApiError(error)) return;
  const { operation, cause, resultCode, resultMessage } = error;
  const code = stopped.find((each) => each === error.code);
  // Another process has the call and logs its outcome.
  if (code === undefined || codeOf(cause) === "not-yours") return;
  const why = cause === undefined ? undefined : (codeOf(cause) ?? errorName(cause));
  log.write(code, { operation, resultCode, resultMessage, cause: why, gateway });
}
