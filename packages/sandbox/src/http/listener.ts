import type { Server as HttpServer, IncomingMessage } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Listening } from "../gateway/faults.js";
import { isLoopbackUrl } from "./loopback.js";

/** The options of a listener. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** The HTTP(S) server that connections are handed to. It never listens itself. */
  readonly web: HttpServer;
  readonly tls: boolean;
  /** Asked for every new connection, before a byte is read. */
  readonly mayConnect: () => boolean;
}

/**
 * Owns the port and every raw connection, so that faults can strike below HTTP and TLS: closing the port while
 * calls are under way, and resetting a connection instead of ending it.
 */
export class Listener implements Listening {
  readonly #options: ListenerOptions;
  readonly #front: Server;
  readonly #sockets = new Map<string, Socket>();
  #port: number;
  #up = true;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#port = options.port;
    // The same settings http and https give their own listening sockets.
    this.#front = createServer({ allowHalfOpen: !options.tls, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Starts listening; rejects with a plain message when the port is taken. */
  async start(): Promise<void> {
    await this.#listen();
    this.#port = (this.#front.address() as AddressInfo).port;
  }

  get url(): string {
    const { host, tls } = this.#options;
    return `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${this.#port}`;
  }

  /**
   * The origin under which a client reached this sandbox, as its Host header says; this listener's own if that names
   * another machine.
   */
  originOf(request: IncomingMessage): string {
    const origin = `${this.#options.tls ? "https" : "http"}://${request.headers.host ?? ""}`;
    return isLoopbackUrl(origin) ? new URL(origin).origin : this.url;
  }

  pause(): void {
    this.#up = false;
    this.#front.close();
  }

  async resume(): Promise<void> {
    if (this.#up || this.#closed) return;
    this.#up = true;
    await this.#listen();
  }

  /** Ends the port and every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#up = false;
    const closed = new Promise<void>((resolve) => this.#front.close(() => resolve()));
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }

  /** The TCP connection that a request came over, below TLS. */
  rawSocket(request: IncomingMessage): Socket | undefined {
    return this.#sockets.get(peerOf(request.socket));
  }

  #accept(socket: Socket): void {
    socket.on("error", () => {});
    if (!this.#options.mayConnect()) {
      socket.resetAndDestroy();
      return;
    }
    const peer = peerOf(socket);
    this.#sockets.set(peer, socket);
    socket.once("close", () => this.#sockets.delete(peer));
    this.#options.web.emit("connection", socket);
  }

  #listen(): Promise<void> {
    const { host } = this.#options;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException) => {
        this.#front.off("listening", onListening);
        reject(error.code === "EADDRINUSE" ? portTaken(host, this.#port, error) : error);
      };
      const onListening = () => {
        this.#front.off("error", onError);
        // A fault, or the end, may have come in between.
        if (!this.#up) this.#front.close();
        resolve();
      };
      this.#front.once("error", onError).once("listening", onListening);
      this.#front.listen({ host, port: this.#port });
    });
  }
}

function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

function portTaken(host: string, port: number, cause: Error): Error {
  return new Error(
    `Port ${port} on ${host} is in use by another program. Choose another one with --port (or the option "port"); 0 takes any free port.`,
    { cause },
  );
}
