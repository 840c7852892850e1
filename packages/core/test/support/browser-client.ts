import type { ServerResponse } from "node:http";
import { inspect } from "node:util";
import { expect } from "vitest";
import {
  createPayApiBrowser,
  isPayApiProblem,
  type PayApiBrowser,
  type PayApiBrowserOptions,
  PayApiProblem,
} from "../../src/browser/index.js";
import type { AnswerServer } from "./answer-server.js";

export const card = {
  cardNumber: "4111111111111111",
  cardExpireYY: 30,
  cardExpireMM: 12,
  registNo: "880101",
  passwd: "97",
} as const;

export const paid = { orderId: "42", status: "paid", price: 15_000, remainingPrice: 15_000 };

/** The client, with the browser's origin lent to it: Node.js has none, and so knows no request to its own. */
export function clientOf(
  { origin }: AnswerServer,
  options: Partial<PayApiBrowserOptions> = {},
): PayApiBrowser {
  return createPayApiBrowser({
    basePath: "/payments",
    language: "en",
    fetch: (url, { mode, ...init }) => {
      expect(mode).toBe("same-origin");
      return fetch(`${origin}${url}`, init);
    },
    ...options,
  });
}

export async function problemOf(call: Promise<unknown>): Promise<PayApiProblem> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isPayApiProblem(error)) throw new Error(`no PayApiProblem: ${inspect(error)}`);
  expect(error).toBeInstanceOf(PayApiProblem);
  // Every form in which it may be logged.
  const shown = [
    String(error),
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 9, showHidden: true }),
  ];
  for (const text of shown) expect(text).not.toMatch(/4111111111111111|880101|"97"/);
  expect(error.cause).toBeUndefined();
  return error;
}

export function json(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type }).end(body);
}
