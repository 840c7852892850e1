import { expect } from "vitest";
import type { WireAnswer } from "./mount.js";

/** An answer's body as JSON. */
export function json(answer: WireAnswer): Record<string, unknown> {
  return JSON.parse(answer.text);
}

/** The order in a successful answer. */
export function expectOrder(answer: WireAnswer, order: Record<string, unknown>): void {
  expect({ status: answer.status, body: json(answer) }).toEqual({
    status: 200,
    body: expect.objectContaining(order),
  });
  expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(answer.headers["cache-control"]).toBe("no-store");
}

/** A problem, complete as RFC 9457 wants it; `more` is what else its body must have. */
export function expectProblem(
  answer: WireAnswer,
  status: number,
  code: string,
  more: Record<string, unknown> = {},
): void {
  expect({ status: answer.status, body: JSON.parse(answer.text || "{}") }).toEqual({
    status,
    body: expect.objectContaining({ type: `urn:payapi:problem:${code}`, status, code, ...more }),
  });
  expect(json(answer).title).toMatch(/./u);
  expect(json(answer).detail).toMatch(/./u);
  expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(answer.headers["cache-control"]).toBe("no-store");
}

/** The fields that a 422 names. */
export function namedFields(answer: WireAnswer): string[] {
  const errors = json(answer).errors as { field: string }[] | undefined;
  return (errors ?? []).map(({ field }) => field).toSorted();
}
