import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { Duplex, Readable } from "node:stream";
import { readableText } from "./answer-text.js";
import type { WireAnswer, WireRequest } from "./mount.js";

/** Sends a request over a connection of its own, every byte of it as given. */
export async function sendOverHttp(port: number, wire: WireRequest): Promise<WireAnswer> {
  const { method, path, headers, signal, verbatim } = wire;
  const socket = connect(port, "127.0.0.1");
  const request = httpRequest({
    host: "127.0.0.1",
    port,
    method,
    path,
    headers: { ...contentLength(wire), ...(headers as Record<string, string | string[]>) },
    createConnection: () => (verbatim === undefined ? socket : insteadOfClient(socket, verbatim)),
    ...(signal && { signal }),
  });
  try {
    return await exchange(request, wire);
  } finally {
    request.destroy();
    socket.destroy();
  }
}

function exchange(request: ClientRequest, { body, headers }: WireRequest): Promise<WireAnswer> {
  const source = isIterable(body) ? Readable.from(body) : undefined;
  return new Promise<WireAnswer>((resolve, reject) => {
    let answered = false;
    request.once("response", (response) => {
      answered = true;
      readAnswer(response).then(resolve, reject);
    });
    // A server that has answered may stop reading a body it does not want.
    request.on("error", (error) => {
      if (!answered) reject(error);
    });
    source?.once("error", reject);
    const sendBody = () => {
      if (source) source.pipe(request);
      else request.end(body);
    };
    if (headers.expect !== "100-continue") return sendBody();
    request.flushHeaders();
    once(request, "continue").then(sendBody, reject);
  }).finally(() => source?.destroy());
}

function contentLength({ body, chunked }: WireRequest): { "content-length"?: string } {
  if (body === undefined || chunked || isIterable(body)) return {};
  return { "content-length": String(Buffer.byteLength(body)) };
}

export function isIterable(body: WireRequest["body"]): body is AsyncIterable<string | Uint8Array> {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

/** A connection on which Node's client reads the answer, while what it writes is replaced by other bytes. */
function insteadOfClient(socket: Socket, bytes: string | Uint8Array): Duplex {
  const connection = new Duplex({
    read: () => {},
    write: (_chunk, _encoding, done) => done(),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket
    .on("data", (chunk) => connection.push(chunk))
    .once("end", () => connection.push(null))
    .once("error", (error) => connection.destroy(error))
    .write(bytes);
  return connection;
}

async function readAnswer(response: IncomingMessage): Promise<WireAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(response.headersDistinct).map(([name, values]) => [
    name,
    (values ?? []).join(", "),
  ]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    text: readableText(Buffer.concat(chunks)),
  };
}
