import type { IncomingMessage, ServerResponse } from "node:http";

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The first part of a body, read before the head is written, so that a short body gets a Content-Length. */
interface Start {
  readonly bytes: Uint8Array;
  readonly whole: boolean;
}

const heldBytes = 64 * 1024;
const lingerMs = 2_000;

/**
 * Writes a web Response to a Node response, with separate Set-Cookie headers. A disconnected client is not an error.
 *
 * If the request's body was not read completely, the connection closes after the answer. Until then, for at most two seconds, the
 * rest of the body is read and discarded: a client that is cut off while it sends may never read the answer.
 *
 * @throws the error of reading the response's body
 */
export async function sendWebResponse(target: ServerResponse, response: Response): Promise<void> {
  const reader: Reader | undefined = response.body?.getReader();
  const start = await readStart(reader);
  if (target.destroyed || target.headersSent) return abandon(reader);
  const bodiless = target.req.method === "HEAD" || response.status === 204 || response.status === 304;
  const unread = hasUnreadBody(target.req);
  if (unread) target.shouldKeepAlive = false;
  writeHead(target, response, lengthOf(target.req.method, response, start));
  if (bodiless) await abandon(reader);
  else await writeBody(target, start, reader);
  if (target.destroyed) return;
  if (unread) {
    target.flushHeaders();
    await discardRest(target.req);
  }
  target.end();
}

async function readStart(reader: Reader | undefined): Promise<Start> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (reader && size <= heldBytes) {
    const { done, value } = await reader.read();
    if (done) return { bytes: Buffer.concat(chunks), whole: true };
    chunks.push(value);
    size += value.byteLength;
  }
  return { bytes: Buffer.concat(chunks), whole: reader === undefined };
}

function writeHead(
  target: ServerResponse,
  { status, headers }: Response,
  length: string | number | undefined,
) {
  target.statusCode = status;
  for (const [name, value] of headers) {
    if (!/^(?:set-cookie|content-length|transfer-encoding)$/.test(name)) target.setHeader(name, value);
  }
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) target.setHeader("set-cookie", cookies);
  if (length !== undefined) target.setHeader("content-length", length);
}

function lengthOf(method: string | undefined, { status, headers, body }: Response, start: Start) {
  if (status === 204 || status === 304) return undefined;
  // Without a body, an answer to HEAD keeps its own Content-Length.
  if (method === "HEAD" && body === null) return headers.get("content-length") ?? undefined;
  return start.whole ? start.bytes.byteLength : undefined;
}

async function writeBody(target: ServerResponse, start: Start, reader: Reader | undefined): Promise<void> {
  if (start.bytes.byteLength > 0) target.write(start.bytes);
  if (!reader || start.whole) return;
  try {
    for (;;) {
      if (target.destroyed) return await abandon(reader);
      if (target.writableNeedDrain) await drained(target);
      else {
        const { done, value } = await reader.read();
        if (done) return;
        if (!target.destroyed) target.write(value);
      }
    }
  } catch (error) {
    // The head is already sent; only a closed connection shows the client that the rest is missing.
    target.destroy();
    throw error;
  }
}

function drained(target: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      target.off("drain", done).off("close", done);
      resolve();
    };
    target.on("drain", done).on("close", done);
  });
}

async function abandon(reader: Reader | undefined): Promise<void> {
  // Ignore a failed cancel: the answer is already over.
  await reader?.cancel().catch(() => undefined);
}

function hasUnreadBody(message: IncomingMessage): boolean {
  const { "transfer-encoding": coding, "content-length": length = 0 } = message.headers;
  return !message.complete && (coding !== undefined || Number(length) > 0);
}

function discardRest(message: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const discard = () => {
      while (message.read() !== null);
    };
    const done = () => {
      clearTimeout(timer);
      message.off("readable", discard).off("end", done).off("close", done);
      resolve();
    };
    const timer = setTimeout(done, lingerMs);
    // Unlike resume(), this also works while other code awaits a part of the body.
    message.on("readable", discard).on("end", done).on("close", done);
    discard();
  });
}
