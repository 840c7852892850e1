import type { FieldProblem } from "../errors.js";
import { preferredLanguage } from "../language.js";
import type { OrderView } from "./order-view.js";
import { type ProblemCode, problemTable } from "./problem-table.js";
import type { ProblemMessage } from "./request-problems.js";

/** An error answer, thrown while a request is processed. */
export class HandlerProblem extends Error {
  readonly code: ProblemCode;
  readonly extra: ProblemExtra;

  constructor(code: ProblemCode, extra: ProblemExtra = {}) {
    super(code);
    this.code = code;
    this.extra = extra;
  }
}

/** Further members of a problem. */
export interface ProblemExtra {
  readonly order?: OrderView | undefined;
  readonly errors?: readonly FieldProblem[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The gateway's result code and message, where they reveal nothing about a card. */
  readonly gateway?: { readonly resultCode?: string; readonly resultMessage?: string } | undefined;
  /** The answer may tell something about the buyer's card, so that the attempt stays counted. */
  readonly staysCounted?: boolean | undefined;
  /** Why, for the log: the code of the call's error. */
  readonly reason?: string | undefined;
  /** A text for the log, not for the answer. */
  readonly logged?: string | undefined;
}

/** Writes a problem as `application/problem+json` (RFC 9457) in the language the browser prefers. */
export function problemResponse({ code, extra }: HandlerProblem, request: Request): Response {
  const message: ProblemMessage = problemTable[code];
  const language = preferredLanguage(request.headers.get("accept-language"));
  const [title, detail] = message[language];
  const { order, errors, headers, gateway } = extra;
  const body = {
    type: `urn:payapi:problem:${code}`,
    title,
    status: message.status,
    detail,
    code,
    order,
    errors: errors?.map(({ field, message, ko }) => ({ field, message: language === "ko" ? ko : message })),
    gateway,
  };
  return new Response(JSON.stringify(body), {
    status: message.status,
    headers: {
      "content-type": "application/problem+json; charset=utf-8",
      "content-language": language,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
  });
}
