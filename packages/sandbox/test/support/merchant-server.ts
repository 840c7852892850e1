import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

/** One request that the merchant's server got. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface MerchantServer {
  readonly url: string;
  readonly received: Received[];
  /** What it answers next; the last one stays. */
  answers: { readonly status?: number; readonly body: string; readonly headers?: Record<string, string> }[];
}

const running: Server[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A merchant's server for notifications, on this machine. */
export async function merchantServer(...bodies: string[]): Promise<MerchantServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    received.push({
      method: request.method ?? "",
      url: request.url ?? "",
      contentType: request.headers["content-type"] ?? "",
      body: Buffer.concat(chunks),
    });
    const [answer = { body: "OK" }] = merchant.answers;
    if (merchant.answers.length > 1) merchant.answers.shift();
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  });
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const merchant: MerchantServer = { url, received, answers: bodies.map((body) => ({ body })) };
  return merchant;
}

/** A form's fields; percent-encoded bytes are decoded as CP949 or UTF-8. */
export function readFields(body: Buffer, charset: "euc-kr" | "utf-8"): Record<string, string> {
  const decoder = new TextDecoder(charset, { fatal: true });
  const decode = (text: string) => {
    const bytes = text
      .replaceAll("+", " ")
      .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return decoder.decode(Buffer.from(bytes, "latin1"));
  };
  return Object.fromEntries(
    body
      .toString("latin1")
      .split("&")
      .map((pair) => {
        const equals = pair.indexOf("=");
        return [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
      }),
  );
}
