import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { assemble, type GatewaySettings } from "./assemble.js";
import type { Book } from "./book/book.js";
import type { Outside } from "./control/outside.js";
import { answerControl, isControl } from "./control/router.js";
import { FaultPlan } from "./gateway/faults.js";
import { answerRequest } from "./gateway/requests.js";
import { Listener } from "./http/listener.js";
import { isLoopbackHost } from "./http/loopback.js";
import type { Notifications } from "./notifications/notifications.js";
import { answerPaymentPage, isPaymentPage } from "./payment-page/router.js";
import { Clock, type ClockOptions } from "./time/clock.js";

/** The options of {@link startSandbox}; every option has a default. */
export interface SandboxOptions extends GatewaySettings {
  /** The port; 0 selects a free one (default: 4010). */
  readonly port?: number;
  /** A loopback address (default: 127.0.0.1). Other addresses are rejected, since the sandbox's keys are public. */
  readonly host?: string;
  /** The key and certificate for https, in PEM (default: http). */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The sandbox's clock (default: the machine's). */
  readonly clock?: ClockOptions;
  /** The seed that makes every id repeatable (default: random ids). */
  readonly seed?: string | number;
  /** Certificate authorities to trust for the merchant's https addresses, in PEM. */
  readonly notificationCa?: string;
  /** How many of the latest requests the book keeps (default: 10_000). */
  readonly maxRequests?: number;
  /** Called with one line for each request, without client values. */
  readonly log?: (line: string) => void;
}

/** A running sandbox. */
export interface Sandbox {
  /** Such as `http://127.0.0.1:4010`. */
  readonly url: string;
  /** The book of transactions and requests, live; `toJSON()` copies it. */
  readonly book: Pick<
    Book,
    "transactions" | "accounts" | "escrow" | "billingKeys" | "links" | "requests" | "find" | "toJSON"
  >;
  /** The faults of the next requests. */
  readonly faults: Pick<FaultPlan, "next" | "add" | "clear" | "rules">;
  /** The sandbox's clock. */
  readonly clock: Pick<Clock, "now" | "advance" | "set" | "freeze" | "resume" | "isFrozen">;
  /** The notifications, and the rules that disturb their delivery. */
  readonly notifications: Pick<
    Notifications,
    "list" | "rules" | "next" | "clear" | "resend" | "idle" | "register"
  >;
  /** Events outside the merchant's server: at the payment window, at banks and at the gateway. */
  readonly outside: Pick<
    Outside,
    | "issueMobileKey"
    | "deleteKey"
    | "payWithEscrow"
    | "issueAccount"
    | "deposit"
    | "reverseDeposit"
    | "confirmPurchase"
  >;
  /** Closes the server and every connection. */
  close(): Promise<void>;
}

/**
 * Starts the gateway as a local server.
 * @throws TypeError if an option is invalid
 * @throws Error if the port is in use
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = "127.0.0.1", port = 4010, maxRequests = 10_000, log = () => {} } = options;
  if (!isLoopbackHost(host))
    throw new TypeError("host: only a loopback address is possible, such as 127.0.0.1");
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new TypeError("port: 0 to 65535 is needed");
  if (!Number.isSafeInteger(maxRequests) || maxRequests < 1)
    throw new TypeError("maxRequests: a whole number above 0 is needed");
  const clock = new Clock(options.clock);
  const { rules, book, outbox, notifications, gateway, outside } = assemble(options, {
    clock,
    seed: options.seed === undefined ? undefined : String(options.seed),
    maxRequests,
    ca: options.notificationCa,
    log,
  });
  const stalled = new Set<Socket>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? "";
    const context = { book, gateway, faults, clock, stalled, rawSocket, originOf, log };
    if (isControl(url)) {
      await answerControl(request, response, { book, faults, clock, notifications, outside });
    } else if (isPaymentPage(url)) {
      await answerPaymentPage(request, response, { ...context, notifier: notifications, rules });
    } else await answerRequest(request, response, context);
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      // A client that disconnects during its request is not an error of the sandbox.
      if (!request.complete) log(`a request ended early: ${request.method}`);
      else log(`the sandbox itself failed: ${error instanceof Error ? error.stack : "unknown"}`);
      response.destroy();
    });
  };
  const listener = new Listener({
    host,
    port,
    web: options.tls ? createTlsServer(options.tls, handle) : createServer(handle),
    tls: options.tls !== undefined,
    mayConnect: () => {
      const fault = faults.takeConnection();
      if (fault) book.log({ outcome: "dropped", replied: false, fault });
      return fault === undefined;
    },
  });
  const rawSocket = (request: IncomingMessage) => listener.rawSocket(request);
  const originOf = (request: IncomingMessage) => listener.originOf(request);
  const faults = new FaultPlan(
    {
      pause: () => {
        book.log({ outcome: "dropped", replied: false, fault: "refuse" });
        listener.pause();
      },
      resume: () => listener.resume(),
    },
    () => {
      for (const socket of stalled) socket.destroy();
    },
  );
  await listener.start();
  let closed: Promise<void> | undefined;
  return {
    url: listener.url,
    book,
    faults,
    clock,
    notifications,
    outside,
    close: () => {
      clock.close();
      closed ??= Promise.all([listener.close(), outbox.close()]).then(() => faults.clear());
      return closed;
    },
  };
}
