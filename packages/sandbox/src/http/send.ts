import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

/** Sends a JSON reply, in the content type that the gateway's guide names. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  sendText(response, status, "application/json; charset=utf-8", JSON.stringify(body), headers);
}

/** Sends a reply and closes the connection after it: one request per connection leaves no race about idle ones. */
export function sendText(
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string | Buffer,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(text);
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": body.length,
    "Cache-Control": "no-store",
    Connection: "close",
    ...headers,
  });
  response.end(body);
}
