import { request as httpRequest, type IncomingMessage } from "node:http";
import type { WireAnswer, WireRequest } from "./mount.js";

/** Sends a request over a connection of its own, every byte of it as given. */
export function sendOverHttp(port: number, wire: WireRequest): Promise<WireAnswer> {
  const { method, path, body, chunked, signal } = wire;
  const length = body === undefined || chunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers: { ...length, ...wire.headers },
      agent: false,
      ...(signal && { signal }),
    });
    let answered = false;
    request.once("response", (response) => {
      answered = true;
      readAnswer(response).then(resolve, reject);
    });
    // A server that has answered may stop reading a body it does not want.
    request.on("error", (error) => {
      if (!answered) reject(error);
    });
    request.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<WireAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    text: Buffer.concat(chunks).toString("utf8"),
  };
}
