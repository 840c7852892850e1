/** Ways in which requests reach a shop's middleware other than from node:http's own server. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, constants, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import type express from "express";
import type { RequestHandler } from "express";
import serverless from "serverless-http";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP/2 server behind a proxy, since the tests' client speaks HTTP/1.1. Express itself cannot serve HTTP/2. */
export async function overHttp2(middlewares: readonly RequestHandler[]): Promise<Server> {
  const behind = createHttp2Server((request, response) => {
    listenerOf(middlewares)(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  behind.listen(0, "127.0.0.1");
  await once(behind, "listening");
  const session = connect(`http://127.0.0.1:${(behind.address() as AddressInfo).port}`);
  const front = createServer((request, response) => {
    const { host: _, connection: __, expect: ___, "transfer-encoding": ____, ...headers } = request.headers;
    const target = { ":method": request.method ?? "GET", ":path": request.url ?? "/" };
    const all = { ...headers, ...target, ":authority": "shop.example" };
    // Node's client sends no body with DELETE unless told.
    const stream = session.request(all, { endStream: false });
    request.pipe(stream);
    stream.on("error", () => response.destroy());
    stream.once("response", ({ ":status": status = 502, ...answer }) => {
      response.writeHead(status, answer);
      stream.pipe(response);
    });
    response.once("close", () => stream.close(constants.NGHTTP2_CANCEL));
  });
  front.once("close", () => {
    session.destroy();
    behind.close();
  });
  return front;
}

/** An app of Express as a function, called as AWS's API Gateway calls it. */
export function asFunction(app: express.Express): Server {
  const invoke = serverless(app);
  return createServer(async (request, response) => {
    const body = await wholeBody(request);
    // The client went away before its request was complete, so the gateway calls nothing.
    if (body === undefined) return;
    const [rawPath = "/", ...query] = (request.url ?? "/").split("?");
    const { "transfer-encoding": _, ...headers } = request.headers;
    const event = {
      version: "2.0",
      rawPath,
      rawQueryString: query.join("?"),
      headers,
      body: body.toString("base64"),
      isBase64Encoded: true,
      requestContext: { http: { method: request.method, sourceIp: "127.0.0.1" } },
    };
    const answer = (await invoke(event, {})) as FunctionAnswer;
    response.writeHead(answer.statusCode, answer.headers);
    response.end(Buffer.from(answer.body, answer.isBase64Encoded ? "base64" : "utf8"));
  });
}

interface FunctionAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch {
    return undefined;
  }
}

function listenerOf(middlewares: readonly RequestHandler[]): Listener {
  return (request, response) => {
    const run = (index: number): void => {
      const middleware = middlewares[index];
      if (middleware === undefined) passOn(response);
      else middleware(request as never, response as never, () => run(index + 1));
    };
    run(0);
  };
}

function passOn(response: ServerResponse): void {
  response.writeHead(404, { "content-type": "application/json" }).end('{"passedOn":true}');
}
