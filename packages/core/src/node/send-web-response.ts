import type { ServerResponse } from "node:http";

/** Writes a web Response to a Node response, repeated Set-Cookie headers kept apart. A client that went away is no error. */
export async function sendWebResponse(target: ServerResponse, response: Response): Promise<void> {
  const body = response.body === null ? undefined : Buffer.from(await response.arrayBuffer());
  if (target.destroyed || target.headersSent) return;
  target.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") target.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) target.setHeader("set-cookie", cookies);
  if (body) target.setHeader("content-length", body.byteLength);
  target.end(body);
}
