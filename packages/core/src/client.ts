import { type CheckedConfig, checkConfig, type Environment, type PayApiConfig } from "./config.js";
import { errorCodes, isPayApiError, PayApiError } from "./errors.js";
import { digestOf } from "./fingerprints.js";
import { type CallOptions, checkCallOptions, type Method } from "./method.js";
import { type Operation, operations, type ResultOf } from "./operations/index.js";
import { createPaymentPage, type PaymentPage } from "./payment-page/payment-page.js";
import { processTimers, type Timers } from "./timers.js";
import { createHttpsTransport } from "./transport/https-transport.js";
import {
  isTransportError,
  type Transport,
  type TransportReply,
  type TransportRequest,
} from "./transport/transport.js";
import { checkInput, type PlainFields } from "./wire/check-input.js";
import { decodeReply } from "./wire/decode-reply.js";
import { encodeRequest } from "./wire/encode-request.js";

type Operations = typeof operations;

/** A client of the gateway: each operation of the table as a method, `payapi.cards.approve(…)`. */
export type PayApi = {
  readonly [Group in keyof Operations]: {
    readonly [Name in keyof Operations[Group]]: Operations[Group][Name] extends Operation
      ? Method<Operations[Group][Name]>
      : never;
  };
} & {
  /** Payments on the gateway's hosted payment page: creates links, reads returns and requests approvals. */
  readonly page: PaymentPage;
  /** The merchant id. */
  readonly mid: string;
  readonly environment: Environment;
  /** The gateway's origin, such as `https://payapi.paywelcome.co.kr`. */
  readonly origin: string;
  /** The time limit of a call, in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Returns a keyed digest of a text: HMAC-SHA256 with a key derived from `fingerprintSecrets`, as 43 characters of base64url. Equal texts
   * have equal digests. Without the key the text cannot be found by trying values.
   */
  readonly fingerprint: (text: string) => string;
  /** The digests of a text under the `previous` secrets. */
  readonly earlierFingerprints: (text: string) => readonly string[];
};

/**
 * Creates a client of the gateway. It connects only when a method is called.
 *
 * @example
 * ```ts
 * const payapi = createPayApi({ environment: "production", mid, signKey, fieldKey, fieldIv });
 * const payment = await payapi.cards.approve({ oid, price: 15_000, buyerName: "홍길동", cardNumber, cardExpireYY, cardExpireMM });
 * ```
 *
 * @throws PayApiError `invalid-config`, which lists all problems
 */
export function createPayApi(config: PayApiConfig): PayApi {
  return createTimedPayApi(config, processTimers);
}

/** As {@link createPayApi}, with clocks and timers. */
export function createTimedPayApi(config: PayApiConfig, timers: Timers): PayApi {
  const checked = checkConfig(config);
  const [current, ...previous] = checked.fingerprintKeys;
  const transport = config.transport ?? createHttpsTransport({ ca: checked.ca });
  const method =
    <O extends Operation>(operation: O): Method<O> =>
    (input, options = {}) =>
      call(operation, input, options, { config: checked, transport, timers }) as Promise<ResultOf<O>>;
  const groups = Object.entries(operations).map(([group, methods]) => [
    group,
    Object.freeze(
      Object.fromEntries(
        Object.entries<Operation>(methods).map(([name, operation]) => [name, method(operation)]),
      ),
    ),
  ]);
  return Object.freeze({
    ...Object.fromEntries(groups),
    page: createPaymentPage({
      config: checked,
      createLink: method(operations.smsPay.createLink),
      send: (name, request, options) => sendOnce(name, request, options, checked.timeoutMs, transport),
    }),
    mid: checked.mid,
    environment: checked.environment,
    origin: checked.origin,
    timeoutMs: checked.timeoutMs,
    fingerprint: (text: string) => digestOf(current, text),
    earlierFingerprints: (text: string) => previous.map((key) => digestOf(key, text)),
  }) as PayApi;
}

interface Sender {
  readonly config: CheckedConfig;
  readonly transport: Transport;
  readonly timers: Timers;
}

async function call(
  operation: Operation,
  input: unknown,
  options: CallOptions,
  { config, transport, timers }: Sender,
): Promise<unknown> {
  checkCallOptions(operation.name, options);
  const fields = checkInput(operation, input, config.environment);
  const deadline = timers.monotonic() + config.timeoutMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const timeoutMs = Math.max(1, Math.ceil(deadline - timers.monotonic()));
      const reply = await exchange(operation, fields, options, { ...config, timeoutMs }, transport);
      return decodeReply(operation, fields, reply, config);
    } catch (error) {
      const pause = retryPauseMs(attempt, timers);
      const late = timers.monotonic() + pause >= deadline;
      if (late || attempt >= config.readRetries || !mayRepeat(operation, error, options.signal)) throw error;
      await timers.wait(pause, { signal: options.signal }).catch(() => {
        throw error;
      });
    }
  }
}

// Only calls that read are repeated: repeating a call that moves money could move it twice.
function mayRepeat(operation: Operation, error: unknown, signal: AbortSignal | undefined): boolean {
  if (operation.effect !== "reads" || !isPayApiError(error) || signal?.aborted) return false;
  if (error.code === "before-send-failed" || error.code === "unsupported-runtime") return false;
  return error.outcome === "not-sent" || (error.code === "http-error" && (error.httpStatus ?? 0) >= 500);
}

// Exponential backoff with jitter, so that many servers don't retry at the same moment.
function retryPauseMs(attempt: number, { random }: Timers): number {
  return 200 * 2 ** attempt * (0.5 + random());
}

function exchange(
  operation: Operation,
  fields: PlainFields,
  options: CallOptions,
  config: CheckedConfig,
  transport: Transport,
): Promise<TransportReply> {
  const request = {
    url: new URL(config.paths[operation.name] ?? operation.path, config.origin),
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      accept: "application/json",
    },
    body: encodeRequest(operation, fields, config),
  };
  return sendOnce(operation.name, request, options, config.timeoutMs, transport);
}

async function sendOnce(
  operation: string,
  request: Pick<TransportRequest, "url" | "headers" | "body">,
  { signal, beforeSend }: CallOptions,
  timeoutMs: number,
  transport: Transport,
): Promise<TransportReply> {
  try {
    return await transport({ ...request, timeoutMs, signal, beforeSend });
  } catch (error) {
    throw asPayApiError(operation, error);
  }
}

function asPayApiError(operation: string, error: unknown): PayApiError {
  if (!isTransportError(error)) {
    // A transport that throws another error does not say whether the first byte left.
    return new PayApiError({
      code: "connection-lost",
      operation,
      message: "The transport failed without reporting whether anything was sent; the outcome is unknown.",
      cause: error,
    });
  }
  const { sent, failure, message, cause } = error;
  const outcome = errorCodes[failure].outcome;
  const code = sent === (outcome === "unknown") ? failure : sent ? "connection-lost" : "not-sent";
  return new PayApiError({ code, operation, message, cause });
}
