import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, TLSSocket } from "node:tls";
import type { LocalizedMessage } from "../language.js";
import { tooEarly, unsupportedRuntimeMessage } from "./supported-runtime.js";
import { TransportError } from "./transport.js";

/**
 * How long one of the gateway's addresses may take to accept a connection before the next one is tried, in milliseconds. Two
 * lost packets fit in. Node's own limit, 250 ms, gives up on a slow line.
 */
const attemptMs = 5_000;

/** The parts of a URL that a connection needs. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Parses a URL for a connection. */
export function destinationOf(url: URL): Destination {
  const secure = url.protocol === "https:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (secure ? 443 : 80),
    secure,
  };
}

/** Opens connections whose certificate is verified, and resumes their TLS sessions. */
export class Connector {
  readonly #ca: string | string[] | undefined;
  readonly #sessions = new Map<string, Buffer>();

  constructor(ca: string | readonly string[] | undefined) {
    this.#ca = ca === undefined || typeof ca === "string" ? ca : [...ca];
  }

  /** Returns the options of a connection and of a request on it. */
  optionsFor(url: URL): ConnectionOptions {
    const { host, port, secure } = destinationOf(url);
    if (!secure) return { host, port };
    const session = this.#sessions.get(url.origin);
    return {
      host,
      port,
      // Set here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes nothing.
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(session ? { session } : {}),
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    };
  }

  /**
   * Connects.
   *
   * @param timeoutMs of the whole call
   * @param onSocket called at once with the socket, so that the caller can destroy it meanwhile
   * @throws TransportError
   */
  connect(url: URL, timeoutMs: number, onSocket: (socket: Socket) => void): Promise<Socket> {
    const { host, port, secure } = destinationOf(url);
    // An unreachable first address must leave time for the others.
    const attempt = Math.max(10, Math.min(attemptMs, Math.floor(timeoutMs / 4)));
    const options = { ...this.optionsFor(url), host, port, autoSelectFamilyAttemptTimeout: attempt };
    return new Promise((resolve, reject) => {
      const socket = secure ? connectTls(options) : connectTcp(options);
      onSocket(socket);
      // A socket may fail again after the reported failure; without a listener that would end the process.
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
        if (secure && !isVerified(socket)) reject(unsupportedRuntime(tooEarly));
        else resolve(socket);
      });
    });
  }
}

/** Returns whether the TLS handshake is complete and the certificate was accepted. */
function isVerified(socket: Socket): boolean {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false;
  // Deno up to 2.7.1 sets `authorized` before the handshake, and lacks this method.
  const { getProtocol } = socket as Partial<Pick<TLSSocket, "getProtocol">>;
  return getProtocol?.call(socket)?.startsWith("TLSv") === true;
}

/** Creates the error for a runtime that would not send over the verified connection. */
export function unsupportedRuntime(message: LocalizedMessage): TransportError {
  return new TransportError("unsupported-runtime", false, unsupportedRuntimeMessage(message));
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
