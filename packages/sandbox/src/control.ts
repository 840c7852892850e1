import type { IncomingMessage, ServerResponse } from "node:http";
import type { Book } from "./book/book.js";
import type { FaultPlan, FaultRule } from "./faults.js";
import { isLoopbackHost } from "./loopback.js";
import { renderPage } from "./page.js";
import { readBody } from "./read-form.js";
import { sendJson, sendText } from "./send.js";

/** Whether a request is for the sandbox itself and not for the gateway it plays. */
export function isControl(url: string): boolean {
  return url === "/" || url === "/_sandbox" || url.startsWith("/_sandbox/");
}

/** Answers the sandbox's own paths: the book and the faults over HTTP. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  { book, faults }: { readonly book: Book; readonly faults: FaultPlan },
): Promise<void> {
  const body = await readBody(request);
  // A page of some other site may have had its name resolved to loopback: its requests carry its own name as Host.
  if (!isLoopbackHost(hostOf(request))) {
    sendJson(response, 403, { error: "The Host header must name a loopback address." });
    return;
  }
  switch (`${request.method} ${request.url}`) {
    case "GET /":
      sendText(response, 303, "text/plain; charset=utf-8", "", { Location: "/_sandbox" });
      return;
    case "GET /_sandbox":
      sendText(response, 200, "text/html; charset=utf-8", renderPage(book), {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      });
      return;
    case "GET /_sandbox/book":
      sendJson(response, 200, book);
      return;
    case "GET /_sandbox/requests":
      sendJson(response, 200, { requests: book.requests });
      return;
    case "POST /_sandbox/faults":
      addFault(request, response, body, faults);
      return;
    case "DELETE /_sandbox/faults":
      await faults.clear();
      sendJson(response, 200, { cleared: true });
      return;
    default:
      sendJson(response, 404, {
        error:
          "Known here: GET /_sandbox, /_sandbox/book, /_sandbox/requests; POST and DELETE /_sandbox/faults.",
      });
  }
}

function addFault(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer | undefined,
  faults: FaultPlan,
): void {
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    sendJson(response, 415, { error: "The content type must be application/json." });
    return;
  }
  const rule = parseRule(body);
  const locksOut =
    rule?.fault === "refuse" || (rule?.fault === "reset-in-handshake" && rule.times === "always");
  const problem = !rule
    ? "A JSON object with fault, and if wanted operation, oid, times, forMs, commit and delayMs, is needed."
    : locksOut && rule.forMs === undefined
      ? "forMs: is needed here, since this fault also keeps DELETE /_sandbox/faults from coming through."
      : tryAdd(rule, faults);
  if (problem === undefined) sendJson(response, 201, { added: rule });
  else sendJson(response, 400, { error: problem });
}

function tryAdd(rule: FaultRule, faults: FaultPlan): string | undefined {
  try {
    faults.add(rule);
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

const RULE_NAMES = new Set(["fault", "operation", "oid", "times", "forMs", "commit", "delayMs"]);

function parseRule(body: Buffer | undefined): FaultRule | undefined {
  try {
    const value: unknown = JSON.parse(body?.toString("utf8") ?? "");
    const isRule =
      typeof value === "object" && value !== null && Object.keys(value).every((name) => RULE_NAMES.has(name));
    return isRule ? (value as FaultRule) : undefined;
  } catch {
    return undefined;
  }
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
