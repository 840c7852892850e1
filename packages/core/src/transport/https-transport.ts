import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { problemsError } from "../errors.js";
import { type OptionNames, optionProblems } from "../option-names.js";
import { type Transport, TransportError, type TransportReply, type TransportRequest } from "./transport.js";

const replyLimit = 256 * 1024;

/** What the default transport can be told. TLS verification is not among it: nothing switches it off. */
export interface HttpsTransportOptions {
  /** Certificate authorities to trust instead of Node's own, as PEM. */
  readonly ca?: string | readonly string[] | undefined;
}

const optionNames = { ca: true } satisfies OptionNames<HttpsTransportOptions>;

/**
 * The default transport: one fresh connection per call over `node:tls`, HTTP/1.1, with the TLS session resumed. (Plain
 * TCP for `http:` URLs, which the configuration allows for a sandbox on this machine only.)
 *
 * A connection that is kept alive may be closed by the gateway at the very moment a request is written to it, and then
 * nobody knows whether it arrived; a fresh one costs a handshake and has no such moment.
 *
 * @throws PayApiError `invalid-config`
 */
export function createHttpsTransport(options: HttpsTransportOptions = {}): Transport {
  const problems = optionProblems(options, {
    names: optionNames,
    documented: "the type HttpsTransportOptions of @payapi/core",
  });
  if (problems.length > 0) throw problemsError("invalid-config", problems);
  const sessions = new Map<string, Buffer>();
  return (request) => new Call(request, options, sessions).run();
}

/** One call, from the connection to the complete reply. `sent` turns true right before the first byte is handed over. */
class Call {
  readonly #request: TransportRequest;
  readonly #options: HttpsTransportOptions;
  readonly #sessions: Map<string, Buffer>;
  #sent = false;
  #over = false;
  #socket: Socket | undefined;
  #fail: (error: TransportError) => void = () => {};

  constructor(request: TransportRequest, options: HttpsTransportOptions, sessions: Map<string, Buffer>) {
    this.#request = request;
    this.#options = options;
    this.#sessions = sessions;
  }

  async run(): Promise<TransportReply> {
    const { signal, timeoutMs } = this.#request;
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    // Whatever the call was waiting for, the first failure ends the wait.
    failed.catch(() => this.#socket?.destroy());
    const timer = setTimeout(() => {
      this.#stop("deadline", `No complete reply within ${timeoutMs} ms.`);
    }, timeoutMs);
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
    this.#fail(new TransportError(this.#sent ? failure : "not-sent", this.#sent, message));
  }

  async #exchange(): Promise<TransportReply> {
    const socket = await this.#connect();
    let lost: Error | undefined;
    const onLost = (error?: unknown) => {
      lost ??= error instanceof Error ? error : new Error("The connection was closed by the other side.");
      if (!this.#sent) this.#fail(lostBeforeSend(lost));
    };
    socket.once("error", onLost).once("close", onLost);
    // A gateway that closes, or speaks before it was asked, shows by something to read: the stream's end, or data.
    socket.on("readable", onLost);
    try {
      await this.#request.beforeSend?.();
    } catch (error) {
      throw new TransportError("before-send-failed", false, "beforeSend failed, so nothing was sent.", error);
    }
    // What was reported as not sent must not be sent now.
    if (this.#over || lost !== undefined || socket.destroyed || !socket.writable) throw lostBeforeSend(lost);
    socket.off("readable", onLost);
    return this.#send(socket);
  }

  #connect(): Promise<Socket> {
    const { url } = this.#request;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const secure = url.protocol === "https:";
    const port = Number(url.port) || (secure ? 443 : 80);
    return new Promise((resolve, reject) => {
      const socket = secure ? connectTls(this.#tlsOptions(host, port)) : connectTcp({ host, port });
      this.#socket = socket;
      // A socket may fail again after the failure that was reported; without a listener that would end the process.
      socket.on("error", () => {});
      let connected = false;
      socket.once("connect", () => {
        connected = true;
      });
      const onError = (error: Error) => {
        const failure = connected && secure ? "tls-failed" : "connection-failed";
        this.#sessions.delete(url.origin);
        reject(new TransportError(failure, false, connectMessage(failure, url, error), error));
      };
      const onClose = () => onError(new Error("The connection was closed during the handshake."));
      socket.once("error", onError).once("close", onClose);
      if (secure) socket.on("session", (session: Buffer) => this.#sessions.set(url.origin, session));
      socket.once(secure ? "secureConnect" : "connect", () => {
        socket.off("error", onError).off("close", onClose);
        socket.setNoDelay(true);
        resolve(socket);
      });
    });
  }

  #tlsOptions(host: string, port: number): ConnectionOptions {
    const session = this.#sessions.get(this.#request.url.origin);
    const { ca } = this.#options;
    return {
      host,
      port,
      // Set here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(session ? { session } : {}),
      ...(ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] }),
    };
  }

  #send(socket: Socket): Promise<TransportReply> {
    const { url, headers, body } = this.#request;
    return new Promise((resolve, reject) => {
      const broken = (cause?: unknown) => {
        // Node keeps the bytes of a malformed reply on its error, where a logger would find them.
        if (cause instanceof Error) Reflect.deleteProperty(cause, "rawPacket");
        reject(lostAfterSend("The connection broke before a complete reply; the outcome is unknown.", cause));
      };
      const request = httpRequest({
        method: "POST",
        host: url.hostname,
        path: url.pathname + url.search,
        headers: { ...headers, host: url.host, "content-length": body.byteLength, connection: "close" },
        // Without an agent: with one, Node would open a connection of its own.
        createConnection: () => socket,
      });
      let answered = false;
      request.once("response", (response) => {
        answered = true;
        readReply(response).then(resolve, reject);
      });
      request.on("error", broken);
      request.once("upgrade", () => broken());
      request.once("close", () => {
        if (!answered) broken();
      });
      this.#sent = true;
      request.end(body);
    });
  }
}

function connectMessage(failure: "tls-failed" | "connection-failed", url: URL, error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  const what = code === undefined ? "" : ` (${code})`;
  if (failure === "tls-failed")
    return `${url.host} gave no trustworthy TLS connection${what}; nothing was sent.`;
  return (
    `${url.host} could not be connected to${what}; nothing was sent. ` +
    "The gateway blocks addresses outside Korea until the merchant asks for an exception."
  );
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
    throw new TransportError("reply-invalid", true, "The reply came in a content encoding nobody asked for.");
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
