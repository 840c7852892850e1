import type { ProblemBody } from "../handler/messages.js";
import { PayApiProblem, type PayApiProblemDetails } from "./problem.js";

/** The options of a call that only reads. */
export interface ReadOptions {
  /** Stops waiting. The server may still process a sent request. */
  readonly signal?: AbortSignal | undefined;
}

/** The options of a call that reads an order. */
export interface ReadOrderOptions extends ReadOptions {
  /** The ticket that `returnTo` got, for a buyer who came back from the payment page without the session. */
  readonly ticket?: string | undefined;
}

/** The options of a call that changes something. */
export interface ChangeOptions extends ReadOptions {
  /**
   * 1 to 200 visible ASCII characters that identify this request (default: a new random key). For 24 hours the same key with
   * the same content gets the same answer, and the server does nothing twice.
   */
  readonly idempotencyKey?: string | undefined;
}

/** The options of the browser client. */
export interface PayApiBrowserOptions {
  /** The path of the routes as browsers see it: the path of the handler's `publicUrl`, and its `basePath`, such as `/shop/payments`. */
  readonly basePath: string;
  /** The function that sends requests (default: the browser's `fetch`). */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** The language of messages (default: English if the browser's language is English, else Korean). */
  readonly language?: "ko" | "en" | undefined;
  /**
   * Milliseconds from the start of a call to its complete answer (default: 150_000). It is longer than the server waits for the
   * gateway, so that the buyer gets the server's answer.
   */
  readonly timeoutMs?: number | undefined;
}

/** A request to a buyer route. */
export interface BuyerRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path below `basePath`. */
  readonly path: string;
  readonly body?: object | undefined;
  /** A text field of every successful answer; an answer without it is not the handler's. */
  readonly proof?: string;
  readonly idempotencyKey?: string | undefined;
  readonly ticket?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

type OwnCode = "no-answer" | "unexpected-answer";

const messages = {
  ko: {
    "no-answer": "응답을 받지 못했습니다",
    "unexpected-answer": "알 수 없는 응답입니다",
    detail: "처리되었는지 알 수 없습니다. 다시 시도하기 전에 주문 상태를 확인해 주세요.",
  },
  en: {
    "no-answer": "No answer",
    "unexpected-answer": "Unexpected answer",
    detail:
      "It is not known whether the request was processed. Check the order's status before you try again.",
  },
} as const;

/**
 * Returns a function that sends a request once.
 *
 * @throws TypeError if `basePath` is not a path
 */
export function sender({ basePath, fetch, language, timeoutMs = 150_000 }: PayApiBrowserOptions) {
  if (!/^(\/[\w.~-]+)*$/.test(basePath)) throw new TypeError('basePath must be a path such as "/payments"');
  const spoken = language ?? (/^en/i.test(browserLanguage() ?? "") ? "en" : "ko");
  let slash: "" | "/" = "";
  return async function send<Answer>(call: BuyerRequest): Promise<Answer> {
    const { idempotencyKey, signal } = call;
    const own = (code: OwnCode, status: number) => {
      const { [code]: title, detail } = messages[spoken];
      return new PayApiProblem({ code, status, title, detail, idempotencyKey });
    };
    const request = { ...requestOf(call), headers: headersOf(call, spoken) };
    const controller = new AbortController();
    const stop = () => controller.abort();
    const timer = setTimeout(stop, timeoutMs);
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    let response: Response;
    let text: string;
    let end = slash;
    const ask = () =>
      (fetch ?? globalThis.fetch)(basePath + call.path + end, { ...request, signal: controller.signal });
    try {
      response = await ask();
      if (isRedirect(response) && end === "") {
        // A redirect is not the handler's answer. With `trailingSlash`, Next.js serves only the same path with a slash. Browsers hide the
        // redirect's target, so that path on the shop's own server is the only one to ask. The Idempotency-Key stays the same: should a
        // proxy have hidden the answer of a request that was carried out, the server does not carry it out again.
        end = "/";
        response = await ask();
      }
      if (isRedirect(response)) throw new TypeError("redirected");
      text = await response.text();
    } catch {
      // The cause could contain the request with the card number.
      throw own("no-answer", 0);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
    const { answer, problem } = understand<Answer>(response, parse(text), call.proof);
    if (answer || problem) slash = end;
    if (answer) return answer;
    throw problem
      ? new PayApiProblem({ ...problem, idempotencyKey })
      : own("unexpected-answer", response.status);
  };
}

function requestOf({ method, body }: BuyerRequest): RequestInit & { readonly cache: "no-store" } {
  return {
    method,
    ...(body && { body: JSON.stringify(body) }),
    // Only the shop's own server may receive the request, also with a wrong basePath or a redirect.
    mode: "same-origin",
    credentials: "same-origin",
    redirect: "manual",
    cache: "no-store",
  };
}

// Browsers hide a redirect's status.
function isRedirect({ type, status }: Response): boolean {
  return type === "opaqueredirect" || (status >= 300 && status < 400);
}

function headersOf({ body, idempotencyKey, ticket }: BuyerRequest, language: string): Record<string, string> {
  return {
    accept: "application/json, application/problem+json",
    "accept-language": language,
    ...(body && { "content-type": "application/json" }),
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
    ...(ticket !== undefined && { "payapi-ticket": ticket }),
  };
}

/** Returns neither an answer nor a problem if the response is not the handler's. */
function understand<Answer>(
  { ok, status, headers }: Response,
  json: Record<string, unknown> | undefined,
  proof: string | undefined,
): { readonly answer?: Answer; readonly problem?: PayApiProblemDetails } {
  const [type] = (headers.get("content-type") ?? "").split(";");
  if (ok) {
    const proven = type === "application/json" && (!proof || typeof json?.[proof] === "string");
    return proven ? { answer: json as Answer } : {};
  }
  if (type !== "application/problem+json" || !isProblem(json)) return {};
  const { code, title, detail, order, errors, gateway } = json;
  const retryAfter = headers.get("retry-after");
  const retryAfterSeconds = retryAfter ? Number(retryAfter) : undefined;
  return { problem: { code, status, title, detail, order, errors, gateway, retryAfterSeconds } };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return json instanceof Object ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(json: object | undefined): json is ProblemBody {
  const { type, code } = (json ?? {}) as Partial<ProblemBody>;
  return code !== undefined && type === `urn:payapi:problem:${code}`;
}

// Next.js renders pages on the server first, without a browser.
function browserLanguage(): string | undefined {
  return (globalThis as { navigator?: { language?: string } }).navigator?.language;
}
