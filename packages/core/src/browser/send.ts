import type { ProblemBody } from "../handler/messages.js";
import { PayApiProblem, type PayApiProblemDetails } from "./problem.js";

/** How a call that only reads may be made. */
export interface ReadOptions {
  /** Stops waiting. What was sent already may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** How a call that changes something may be made. */
export interface ChangeOptions extends ReadOptions {
  /**
   * 1 to 200 visible ASCII characters that name this one request; a new random one unless given. The same key with the same
   * content gets the same answer for 24 hours, and nothing is done twice.
   */
  readonly idempotencyKey?: string | undefined;
}

/** Where and how the client calls. */
export interface PayApiBrowserOptions {
  /** Where the handler is on the page's own origin, such as `/payments`: its `basePath`. */
  readonly basePath: string;
  /** Sends the requests, by default the browser's own `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** The language of everything that is said for people; by default the browser's, and Korean unless that is English. */
  readonly language?: "ko" | "en" | undefined;
  /**
   * From the start of a call to its complete answer, 150,000: longer than the shop's server waits for the gateway, since
   * giving up earlier leaves the buyer with an answer that nobody heard.
   */
  readonly timeoutMs?: number | undefined;
}

/** One request. */
export interface BuyerRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `basePath`. */
  readonly path: string;
  readonly body?: object | undefined;
  /** A field that every successful answer has as text: what has none came from something else. */
  readonly proof?: string;
  readonly idempotencyKey?: string | undefined;
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
    detail: "Whether it happened is unknown. Ask for the order's status before you try again.",
  },
} as const;

/**
 * Sends each wish once; nothing is repeated here.
 *
 * @throws TypeError if `basePath` is no path
 */
export function sender({ basePath, fetch, language, timeoutMs = 150_000 }: PayApiBrowserOptions) {
  if (!/^(\/[\w.~-]+)*$/.test(basePath)) throw new TypeError('basePath must be a path such as "/payments"');
  const spoken = language ?? (/^en/i.test(browserLanguage() ?? "") ? "en" : "ko");
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
    try {
      const init = { ...request, signal: controller.signal };
      response = await (fetch ?? globalThis.fetch)(basePath + call.path, init);
      text = await response.text();
    } catch {
      // The cause could hold the request, and with it the card.
      throw own("no-answer", 0);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
    const { answer, problem } = understand<Answer>(response, parse(text), call.proof);
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
    // The shop's own server and no other may see what is sent, whatever basePath or a redirect says.
    mode: "same-origin",
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
  };
}

function headersOf({ body, idempotencyKey }: BuyerRequest, language: string): Record<string, string> {
  return {
    accept: "application/json, application/problem+json",
    "accept-language": language,
    ...(body && { "content-type": "application/json" }),
    ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
  };
}

/** Neither of both if it is not the handler's answer. */
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

// Next.js renders pages on the server first, where there is no browser to ask.
function browserLanguage(): string | undefined {
  return (globalThis as { navigator?: { language?: string } }).navigator?.language;
}
