import { fieldProblem } from "../errors.js";
import type { LocalizedMessage } from "../language.js";
import { shownName } from "../secret.js";
import type { BodyField } from "./body-fields.js";
import { HandlerProblem } from "./problems.js";

/**
 * Rejects requests that do not come from the shop's own pages. Browsers send Origin with requests that change something and
 * Sec-Fetch-Site with every request; another site's page can forge neither.
 */
export function checkOrigin(request: Request, publicOrigin: string, reads: boolean): void {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  const sameOrigin = origin === publicOrigin || (reads && origin === null);
  // `none`: the buyer typed the address, which is allowed for reads.
  const sameSite = site === null || site === "same-origin" || (reads && site === "none");
  if (!sameOrigin || !sameSite) throw new HandlerProblem("origin-refused");
}

const unknownField: LocalizedMessage = {
  en: "is not a field of this request",
  ko: "이 요청에 없는 항목입니다",
};

/** Rejects unknown fields of the body. */
export function checkNames(fields: readonly BodyField[], body: Readonly<Record<string, unknown>>): void {
  const errors = Object.keys(body)
    .filter((name) => !fields.some((field) => field.name === name))
    // The answer to a body of many short names must not be many times as large.
    .slice(0, 20)
    .map((name) => fieldProblem(shownName(name), unknownField));
  if (errors.length > 0) throw new HandlerProblem("invalid-input", { errors });
}
