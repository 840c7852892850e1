import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeForm, readBody } from "../http/form.js";
import { isLoopbackHost } from "../http/loopback.js";
import { sendJson, sendText } from "../http/send.js";
import { type Action, actions, type ControlContext, clearings } from "./actions.js";
import { renderPage } from "./page.js";

/** Returns whether a request is for the control API, not for the simulated gateway. */
export function isControl(url: string): boolean {
  return url === "/" || url === "/_sandbox" || url.startsWith("/_sandbox/");
}

/** The CSRF token of the page's forms. */
const FORM_TOKEN = randomBytes(18).toString("base64url");

const PAGE_POLICY = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

/** Serves the control API and its page. */
export async function answerControl(
  request: IncomingMessage,
  response: ServerResponse,
  context: ControlContext,
): Promise<void> {
  const body = await readBody(request);
  // A page of some other site may have had its name resolved to loopback: its requests carry its own name as Host.
  if (!isLoopbackHost(hostOf(request))) {
    sendJson(response, 403, { error: "The Host header must name a loopback address." });
    return;
  }
  const { method, url = "" } = request;
  const path = url.replace(/^\/_sandbox\/?/, "");
  const action = Object.hasOwn(actions, path) ? actions[path] : undefined;
  const clear = Object.hasOwn(clearings, path) ? clearings[path] : undefined;
  const view = Object.hasOwn(views, path) ? views[path] : undefined;
  if (method === "GET" && url === "/") {
    sendText(response, 303, "text/plain; charset=utf-8", "", { Location: "/_sandbox" });
  } else if (method === "GET" && url === "/_sandbox") {
    sendPage(response, 200, context);
  } else if (method === "GET" && view) {
    sendJson(response, 200, view(context));
  } else if (method === "POST" && url === "/_sandbox/do") {
    await answerForm(response, body, context);
  } else if (method === "POST" && action) {
    await answerAction(request, response, body, action, context);
  } else if (method === "DELETE" && clear) {
    await clear(context);
    sendJson(response, 200, { cleared: true });
  } else sendJson(response, 404, { error: known() });
}

const views: Readonly<Record<string, (context: ControlContext) => unknown>> = {
  book: ({ book }) => book,
  requests: ({ book }) => ({ requests: book.requests }),
  faults: ({ faults }) => ({ rules: faults.rules }),
  clock: ({ clock }) => ({ now: clock.now().toISOString(), frozen: clock.isFrozen }),
  notifications: ({ notifications }) => ({
    notifications: notifications.list,
    rules: notifications.rules,
  }),
};

function known(): string {
  const list = (paths: Readonly<Record<string, unknown>>) =>
    Object.keys(paths)
      .map((path) => `/_sandbox/${path}`)
      .join(", ");
  return `Known here: GET /_sandbox, ${list(views)}; POST ${list(actions)}; DELETE ${list(clearings)}.`;
}

async function answerAction(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer | undefined,
  action: Action,
  context: ControlContext,
): Promise<void> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    sendJson(response, 415, { error: "The content type must be application/json." });
    return;
  }
  const input = parseObject(body);
  const isKnown = input && Object.keys(input).every((name) => action.names.includes(name));
  if (!isKnown) {
    sendJson(response, 400, { error: `A JSON object of ${action.names.join(", ")} is needed.` });
    return;
  }
  const outcome = await tryAction(action, input, context);
  if ("error" in outcome) sendJson(response, 400, outcome);
  else sendJson(response, 201, outcome.result);
}

/** A button of the page: the same actions, with texts for values. */
async function answerForm(
  response: ServerResponse,
  body: Buffer | undefined,
  context: ControlContext,
): Promise<void> {
  const form = parseForm(body);
  if (form?.get("token") !== FORM_TOKEN) {
    sendJson(response, 403, { error: "Open /_sandbox and use its own buttons." });
    return;
  }
  const path = form.get("path") ?? "";
  const clear = form.get("clear") === "yes" && Object.hasOwn(clearings, path) ? clearings[path] : undefined;
  if (clear) {
    await clear(context);
    sendPage(response, 200, context, { text: "해제했습니다. Cleared.", isBad: false });
    return;
  }
  const action = Object.hasOwn(actions, path) ? actions[path] : undefined;
  const input = Object.fromEntries(
    (action?.names ?? []).flatMap((name) => {
      const text = form.get(name) ?? "";
      return text === "" ? [] : [[name, parseValue(name, text)]];
    }),
  );
  const outcome = action ? await tryAction(action, input, context) : { error: "path: is unknown" };
  const message =
    "error" in outcome
      ? { text: outcome.error, isBad: true }
      : { text: JSON.stringify(outcome.result), isBad: false };
  sendPage(response, message.isBad ? 400 : 200, context, message);
}

const NUMBERS = new Set(["price", "times", "forMs", "delayMs", "advanceMs", "id"]);

function parseValue(name: string, text: string): unknown {
  if (name === "frozen" || name === "commit") return text === "true";
  return NUMBERS.has(name) && text !== "always" ? Number(text) : text;
}

async function tryAction(
  action: Action,
  input: Readonly<Record<string, unknown>>,
  context: ControlContext,
): Promise<{ readonly result: unknown } | { readonly error: string }> {
  try {
    return { result: await action.run(input, context) };
  } catch (error) {
    if (error instanceof TypeError) return { error: error.message };
    throw error;
  }
}

function parseObject(body: Buffer | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body?.toString("utf8") ?? "");
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function parseForm(body: Buffer | undefined): ReadonlyMap<string, string> | undefined {
  try {
    return decodeForm(body ?? Buffer.of());
  } catch {
    return undefined;
  }
}

function sendPage(
  response: ServerResponse,
  status: number,
  context: ControlContext,
  message?: { readonly text: string; readonly isBad: boolean },
): void {
  const html = renderPage({ ...context, token: FORM_TOKEN, ...(message && { message }) });
  sendText(response, status, "text/html; charset=utf-8", html, PAGE_POLICY);
}

function hostOf(request: IncomingMessage): string {
  return (request.headers.host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
