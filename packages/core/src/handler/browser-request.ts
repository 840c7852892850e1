import { fieldProblem } from "../errors.js";
import type { LocalizedMessage } from "../language.js";
import { maskCardNumbers, shownName } from "../secret.js";
import type { BodyField } from "./body-fields.js";
import type { HandlerLog } from "./log-lines.js";
import { HandlerProblem } from "./problems.js";

/**
 * Rejects requests that do not come from the shop's own pages. Browsers send Origin with requests that change something and
 * Sec-Fetch-Site with every request; another site's page can forge neither.
 */
export function checkOrigin(request: Request, shopOrigin: string, reads: boolean, logger: HandlerLog): void {
  const { origin, site } = senderOf(request);
  const sameOrigin = origin === shopOrigin || (reads && origin === null);
  // `none`: the buyer typed the address, which is allowed for reads.
  const sameSite = site === null || site === "same-origin" || (reads && site === "none");
  if (sameOrigin && sameSite) return;
  const fields = { origin: shown(origin), secFetchSite: shown(site), expectedOrigin: shopOrigin };
  logger.write("origin-refused", fields);
  throw new HandlerProblem("origin-refused");
}

/** Rejects notifications that a browser sends: the gateway's server sends neither header, and no page can leave them out. */
export function refuseBrowser(request: Request, logger: HandlerLog): void {
  const { origin, site } = senderOf(request);
  if (origin === null && site === null) return;
  const fields = { origin: shown(origin), secFetchSite: shown(site) };
  logger.write("notification-from-browser", fields);
  throw new HandlerProblem("origin-refused");
}

function senderOf({ headers }: Request) {
  return { origin: headers.get("origin"), site: headers.get("sec-fetch-site") };
}

function shown(header: string | null): string | undefined {
  return header === null ? undefined : maskCardNumbers(header.slice(0, 200));
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
