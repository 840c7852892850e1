import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { problemsError } from "../errors.js";
import { type OptionNames, optionProblems } from "../option-names.js";
import { anotherConnection, checkRuntime } from "./supported-runtime.js";
import { type Transport, TransportError, type TransportReply, type TransportRequest } from "./transport.js";
import { Connector, destinationOf, unsupportedRuntime } from "./verified-connection.js";

const replyLimit = 256 * 1024;

/** After this many turns of the event loop without another byte, what had arrived is read. */
const quietTurns = 3;
const maxTurns = 50;

/** The options of the default transport. TLS verification cannot be turned off. */
export interface HttpsTransportOptions {
  /** Certificate authorities to trust instead of Node's own, as PEM. */
  readonly ca?: string | readonly string[] | undefined;
}

const optionNames = { ca: true } satisfies OptionNames<HttpsTransportOptions>;

/**
 * The default transport: one fresh connection per call over `node:tls`, HTTP/1.1, with the TLS session resumed. (Plain
 * TCP for `http:` URLs, which the configuration allows for a sandbox on this machine only.)
 *
 * A connection that is kept alive may be closed by the gateway at the very moment a request is written to it, and the
 * outcome is then unknown. A fresh connection costs a handshake and avoids this.
 *
 * The request is written only after the runtime has assigned that very connection to it. A runtime that ignores
 * `createConnection` (Bun before 1.4, Deno 2.0), or a library that intercepts `node:http`, would send the form over
 * another, unverified one; a runtime that reports a TLS connection before its handshake (Deno before 2.8) would leave
 * every outcome unknown. The transport refuses such a runtime when it is created, and each call checks its own
 * connection (`unsupported-runtime`; nothing is sent). Use Node.js >= 20.19, Bun >= 1.4 or Deno >= 2.8.
 *
 * @throws PayApiError `invalid-config`, `unsupported-runtime`
 */
export function createHttpsTransport(options: HttpsTransportOptions = {}): Transport {
  const problems = optionProblems(options, {
    names: optionNames,
    documented: "the type HttpsTransportOptions of @payapi/core",
  });
  if (problems.length > 0) throw problemsError("invalid-config", problems);
  checkRuntime();
  const connector = new Connector(options.ca);
  return (request) => new Call(request, connector).run();
}

/** One call, from the connection to the complete reply. `sent` turns true right before the first byte is handed over. */
class Call {
  readonly #request: TransportRequest;
  readonly #connector: Connector;
  readonly #deadline: number;
  #sent = false;
  #over = false;
  #socket: Socket | undefined;
  #fail: (error: TransportError) => void = () => {};

  constructor(request: TransportRequest, connector: Connector) {
    this.#request = request;
    this.#connector = connector;
    this.#deadline = performance.now() + request.timeoutMs;
  }

  async run(): Promise<TransportReply> {
    const { signal, timeoutMs } = this.#request;
    const failed = new Promise<never>((_, reject) => {
      this.#fail = (error) => {
        // Set at once, not when the promise is observed: a call reported as not sent must not be sent in between.
        this.#over = true;
        this.#socket?.destroy();
        reject(error);
      };
    });
    // The first failure ends every wait of the call.
    failed.catch(() => {});
    const timer = setTimeout(() => this.#stop("deadline", tooLate(timeoutMs)), timeoutMs);
    const onAbort = () => this.#stop("aborted", "The call was aborted.");
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      if (signal?.aborted)
        throw new TransportError("not-sent", false, "The call was aborted before it began.");
      const reply = await Promise.race([failed, this.#exchange()]);
      return reply;
    } finally {
      this.#over = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#socket?.destroy();
    }
  }

  #stop(failure: "deadline" | "aborted", message: string): void {
    if (!this.#sent) {
      this.#fail(new TransportError("not-sent", false, message));
      return;
    }
    void this.#readArrived().then(() => this.#fail(new TransportError(failure, true, message)));
  }

  /**
   * Reads what has arrived. After a pause of the process (a suspended machine, a busy event loop) timers run before sockets are
   * read, and the reply of a call whose time is over may be there. Returns when nothing more is there.
   */
  async #readArrived(): Promise<void> {
    let read = this.#socket?.bytesRead;
    let quiet = 0;
    // The number of turns is limited, so that a gateway that never stops sending cannot extend the call.
    for (let turn = 0; turn < maxTurns && quiet < quietTurns && !this.#over; turn += 1) {
      // Deno reads sockets in other threads, which takes a moment; in Node.js the immediate comes after the reads.
      await wait(1);
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#socket?.bytesRead === read ? quiet + 1 : 0;
      read = this.#socket?.bytesRead;
    }
  }

  async #exchange(): Promise<TransportReply> {
    const { url, timeoutMs, beforeSend } = this.#request;
    const socket = await this.#connector.connect(url, timeoutMs, (opened) => {
      this.#socket = opened;
    });
    let lost: Error | undefined;
    const onLost = (error?: unknown) => {
      lost ??= error instanceof Error ? error : new Error("The connection was closed by the other side.");
      if (!this.#sent) this.#fail(lostBeforeSend(lost));
    };
    socket.once("error", onLost).once("close", onLost);
    // A gateway that closes, or speaks before it was asked, shows by something to read: the stream's end, or data.
    socket.on("readable", onLost);
    try {
      await beforeSend?.();
    } catch (error) {
      throw new TransportError("before-send-failed", false, "beforeSend failed, so nothing was sent.", error);
    }
    // A call that was reported as not sent must not be sent now.
    if (this.#over || lost !== undefined || socket.destroyed || !socket.writable) throw lostBeforeSend(lost);
    socket.off("readable", onLost);
    return this.#send(socket, this.#createRequest(socket));
  }

  /** Creates the request on the verified connection. This writes nothing yet. */
  #createRequest(socket: Socket): ClientRequest {
    const { url, headers, body } = this.#request;
    const { secure } = destinationOf(url);
    try {
      return (secure ? httpsRequest : httpRequest)({
        // Tracing libraries read these. So does a runtime that ignores `createConnection`: it must not fall back to port 80.
        ...this.#connector.optionsFor(url),
        protocol: url.protocol,
        method: "POST",
        path: url.pathname + url.search,
        headers: { ...headers, host: url.host, "content-length": body.byteLength, connection: "close" },
        // Without an agent, since an agent would open its own connection.
        createConnection: () => socket,
      });
    } catch (error) {
      throw new TransportError(
        "not-sent",
        false,
        "The request could not be created; nothing was sent.",
        error,
      );
    }
  }

  #send(socket: Socket, request: ClientRequest): Promise<TransportReply> {
    return new Promise((resolve, reject) => {
      const broken = (cause?: unknown) => {
        // Node's error contains the bytes of a malformed reply, which a logger could print.
        if (cause instanceof Error) Reflect.deleteProperty(cause, "rawPacket");
        if (!this.#sent) return this.#fail(lostBeforeSend(cause));
        reject(lostAfterSend("The connection broke before a complete reply; the outcome is unknown.", cause));
      };
      let answered = false;
      request.once("response", (response) => {
        answered = true;
        if (response.socket === socket) return void readReply(response).then(resolve, reject);
        reject(lostAfterSend("The reply came over another connection; the outcome is unknown."));
        request.destroy();
      });
      request.on("error", broken);
      request.once("upgrade", () => broken());
      request.once("close", () => {
        if (!answered) broken();
      });
      // Node emits this on the next tick. Until then no byte is sent, so another connection gets none.
      request.once("socket", (assigned: unknown) => {
        if (assigned !== socket || request.socket !== socket)
          this.#fail(unsupportedRuntime(anotherConnection));
        else if (socket.destroyed || !socket.writable) this.#fail(lostBeforeSend(undefined));
        // The process may have been paused since its timers ran last.
        else if (performance.now() >= this.#deadline)
          this.#stop("deadline", tooLate(this.#request.timeoutMs));
        if (this.#over) {
          request.destroy();
          return;
        }
        this.#sent = true;
        request.end(this.#request.body);
      });
    });
  }
}

function tooLate(timeoutMs: number): string {
  return `No complete reply within ${timeoutMs} ms.`;
}

function lostBeforeSend(cause: unknown): TransportError {
  return new TransportError("not-sent", false, "The connection was lost before anything was sent.", cause);
}

function lostAfterSend(message: string, cause?: unknown): TransportError {
  return new TransportError("connection-lost", true, message, cause);
}

async function readReply(response: IncomingMessage): Promise<TransportReply> {
  const encoding = response.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new TransportError(
      "reply-invalid",
      true,
      "The reply has a content encoding that was not requested.",
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.byteLength;
      if (size > replyLimit) {
        throw new TransportError("reply-too-large", true, `The reply is larger than ${replyLimit} bytes.`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TransportError) throw error;
    throw lostAfterSend("The reply was cut off; the outcome is unknown.", error);
  }
  if (!response.complete) throw lostAfterSend("The reply was cut off; the outcome is unknown.");
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}
