import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** What a client saw of one connection, byte by byte. */
export interface Seen {
  readonly raw: string;
  /** NaN if no status line came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How it ended: by a FIN, or with an error such as ECONNRESET. */
  readonly end: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** A certificate to trust: TLS. */
  readonly ca?: string;
}

/** Opens a socket to the sandbox and sends one request; the bytes are written here, not by an HTTP client. */
export function open(url: string, request: RawRequest): { socket: Socket; seen: Promise<Seen> } {
  const { hostname, port, host } = new URL(url);
  const target = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
  const socket = request.ca
    ? connectTls({ ...target, ca: request.ca, servername: "localhost" })
    : connectTcp(target);
  const body = Buffer.from(request.body ?? "");
  const headers = { Host: host, "Content-Length": String(body.length), ...request.headers };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once(request.ca ? "secureConnect" : "connect", () => {
    socket.write(`${request.method ?? "POST"} ${request.path} HTTP/1.1\r\n${head.join("")}\r\n`);
    socket.write(body);
  });
  return { socket, seen: collect(socket) };
}

/** Sends one request and waits for the connection's end. */
export function exchange(url: string, request: RawRequest): Promise<Seen> {
  return open(url, request).seen;
}

function collect(socket: Socket): Promise<Seen> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let end = "fin";
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      end = error.code ?? error.message;
    });
    socket.on("close", () => resolve(parse(Buffer.concat(chunks).toString("utf8"), end)));
  });
}

function parse(raw: string, end: string): Seen {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { raw, status: Number(statusLine.split(" ")[1]), headers, body: rest.join("\r\n\r\n"), end };
}
