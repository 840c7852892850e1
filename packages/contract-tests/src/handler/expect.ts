import { expect, vi } from "vitest";
import type { WireAnswer } from "./mount.js";
import { handlerHeaders } from "./transcript.js";

/** A complete answer. Values that differ in every run stand in it as `anyTime`, `expect.any(String)` and the like. */
export interface ExpectedAnswer {
  readonly status: number;
  /** Every header but those of the transport. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Text, or an object: JSON with exactly these fields, in this order. */
  readonly body: string | object;
}

/** An ISO 8601 time in UTC. */
export const anyTime: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A text of digits, such as an approval number. */
export const anyDigits: unknown = expect.stringMatching(/^\d+$/);

/** The headers of JSON. */
export const jsonHeaders = {
  "cache-control": "no-store",
  "content-type": "application/json; charset=utf-8",
  "x-content-type-options": "nosniff",
} as const;

/** The headers of a problem. */
export const problemHeaders = {
  ...jsonHeaders,
  "content-language": "ko",
  "content-type": "application/problem+json; charset=utf-8",
} as const;

/** Compares a complete answer: the status, all headers but those of the transport, and every byte of the body. */
export const expectAnswer = vi.defineHelper((answer: WireAnswer, expected: ExpectedAnswer): void => {
  const { body } = expected;
  const [status, headers] = [answer.status, handlerHeaders(answer.headers)];
  if (typeof body === "string") {
    expect({ status, headers, body: answer.text }).toEqual(expected);
    return;
  }
  const given = jsonOrText(answer.text);
  expect({ status, headers, body: given }).toEqual(expected);
  // The fields are the same; this compares their order.
  expect(answer.text).toBe(JSON.stringify(withGivenValues(body, given)));
});

/** Compares a complete JSON answer. */
export const expectExactJson = vi.defineHelper(
  (answer: WireAnswer, status: number, body: object, moreHeaders: Readonly<Record<string, string>> = {}) =>
    expectAnswer(answer, { status, headers: { ...jsonHeaders, ...moreHeaders }, body }),
);

/** The texts of a problem, and its other fields in order. */
interface ProblemTexts {
  readonly title: string;
  readonly detail: string;
  readonly order?: object;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  readonly gateway?: object;
}

/** Compares a complete problem. `moreHeaders` also says when its language is not Korean. */
export const expectExactProblem = vi.defineHelper(
  (
    answer: WireAnswer,
    status: number,
    code: string,
    { title, detail, ...more }: ProblemTexts,
    moreHeaders: Readonly<Record<string, unknown>> = {},
  ) =>
    expectAnswer(answer, {
      status,
      headers: { ...problemHeaders, ...moreHeaders },
      body: { type: `urn:payapi:problem:${code}`, title, status, detail, code, ...more },
    }),
);

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

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The expected body with the given values in the place of `expect.any(…)` and the like. */
function withGivenValues(expected: unknown, given: unknown): unknown {
  if (typeof expected !== "object" || expected === null) return expected;
  if ("asymmetricMatch" in expected) return given;
  if (Array.isArray(expected)) return expected.map((each, index) => withGivenValues(each, at(given, index)));
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [name, withGivenValues(value, at(given, name))]),
  );
}

function at(given: unknown, key: PropertyKey): unknown {
  return typeof given === "object" && given !== null ? Reflect.get(given, key) : undefined;
}
