import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import selfsigned from "selfsigned";

/** A key and a certificate for 127.0.0.1 that is its own authority. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export async function makeCertificate(): Promise<Certificate> {
  const { private: key, cert } = await selfsigned.generate([{ name: "commonName", value: "gateway" }], {
    keyType: "ec",
    algorithm: "sha256",
    // Valid on every day on which the tests may run.
    notBeforeDate: new Date("2000-01-01T00:00:00Z"),
    notAfterDate: new Date("2100-01-01T00:00:00Z"),
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { key, cert };
}

/** A server that approves every request, and keeps what it received. */
export class RuntimeGateway {
  readonly #server: Server;
  readonly #tid: string;
  readonly #sockets = new Set<Socket>();
  /** TCP connections, also those whose TLS handshake failed. */
  connections = 0;
  /** What each connection carried, decrypted; one that carried nothing is left out. */
  readonly received: string[] = [];
  /** What happens to a complete request; `approve` resolves when the approval was handed to the kernel. */
  onRequest: (approve: () => Promise<void>) => unknown = (approve) => approve();

  private constructor(tid: string, certificate: Certificate | undefined) {
    this.#tid = tid;
    this.#server =
      certificate === undefined
        ? createServer((socket) => this.#answer(socket))
        : createTlsServer(certificate, (socket) => this.#answer(socket)).on("tlsClientError", () => {});
    this.#server.on("connection", (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Starts one on a free port; its approvals have the transaction id `tid`. */
  static async start(tid: string, certificate?: Certificate): Promise<RuntimeGateway> {
    const gateway = new RuntimeGateway(tid, certificate);
    gateway.#server.listen(0, "127.0.0.1");
    await once(gateway.#server, "listening");
    return gateway;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until every connection is closed and all that it carried is counted. */
  async drained(): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Ends it with its connections. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #answer(socket: Socket): void {
    let request = "";
    let index: number | undefined;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      request += chunk.toString("latin1");
      index ??= this.received.length;
      this.received[index] = request;
      const end = request.indexOf("\r\n\r\n");
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(request)?.[1] ?? 0);
      if (end < 0 || request.length < end + 4 + length) return;
      this.onRequest(() => new Promise((resolve) => void socket.end(this.#approval(), () => resolve())));
    });
  }

  #approval(): string {
    const body = JSON.stringify({
      ResultCode: "00",
      ResultMsg: "OK",
      PayDate: "20261121",
      PayTime: "093001",
      Price: "15000",
      tid: this.#tid,
      ApplNum: "12345678",
    });
    return `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
  }
}
