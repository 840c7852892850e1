import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import selfsigned from "selfsigned";

/** A certificate for 127.0.0.1 and localhost that is its own authority. */
export async function makeCertificate(ip = "127.0.0.1"): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await selfsigned.generate([{ name: "commonName", value: "fault server" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 7, ip },
          { type: 2, value: "localhost" },
        ],
      },
    ],
  });
  return { key, cert };
}

/** The behaviour of a connection; `request` resolves with the whole request as received. */
export interface Connection {
  /** The bare TCP socket, before any TLS. */
  readonly tcp: Socket;
  /** The decrypted stream. */
  readonly tls: TLSSocket;
  request(): Promise<string>;
}

export type Behaviour = (connection: Connection) => void | Promise<void>;

/**
 * A TLS server made of bare sockets, so that a test can break a connection at any byte. It counts the application bytes
 * it has seen and the requests that were whole.
 */
export class FaultServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #ends: Promise<void>[] = [];
  /** Stays the same after the server is closed. */
  origin = "";
  connections = 0;
  bytesSeen = 0;
  requests: string[] = [];
  resumed: boolean[] = [];
  /** The behaviour of the next connections after the TLS handshake. */
  behaviour: Behaviour = () => {};
  /** The behaviour of the next connections before TLS; `false` ends the handshake there. */
  beforeTls: (socket: Socket) => boolean = () => true;

  private constructor(certificate: SecureContextOptions) {
    const secureContext = createSecureContext(certificate);
    this.#server = createServer({ allowHalfOpen: true }, (tcp) => {
      this.connections += 1;
      this.#track(tcp);
      if (!this.beforeTls(tcp)) return;
      const tls = new TLSSocket(tcp, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] });
      this.#track(tls);
      this.#ends.push(
        new Promise((resolve) => {
          for (const event of ["end", "error", "close"]) tls.once(event, () => resolve());
        }),
      );
      tls.on("data", (chunk: Buffer) => {
        this.bytesSeen += chunk.byteLength;
      });
      tls.once("secure", () => {
        this.resumed.push(tls.isSessionReused());
        void this.behaviour({ tcp, tls, request: () => this.#readRequest(tls) });
      });
    });
  }

  static async start(certificate: SecureContextOptions): Promise<FaultServer> {
    const server = new FaultServer(certificate);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    server.origin = `https://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  /** Resolves when the clients have ended all connections so far, and `bytesSeen` counts all they sent. */
  async drained(): Promise<void> {
    await Promise.all(this.#ends);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #readRequest(tls: TLSSocket): Promise<string> {
    return new Promise((resolve) => {
      let text = "";
      tls.on("data", (chunk: Buffer) => {
        text += chunk.toString("latin1");
        const end = text.indexOf("\r\n\r\n");
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
        if (end >= 0 && text.length >= end + 4 + length) {
          this.requests.push(text);
          resolve(text);
        }
      });
    });
  }
}

/** A whole HTTP reply with a JSON body. */
export function jsonReply(body: unknown, status = "200 OK", headers = ""): string {
  return reply(typeof body === "string" ? body : JSON.stringify(body), status, headers);
}

export function reply(body: string | Buffer, status = "200 OK", headers = ""): string {
  const bytes = Buffer.from(body);
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\n${headers}content-length: ${bytes.byteLength}\r\n\r\n${bytes.toString("latin1")}`;
}
