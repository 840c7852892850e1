import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

const TIMEOUT_MS = 10_000;
const MAX_ANSWER = 64 * 1024;

/** A merchant's answer. */
export interface Answer {
  readonly status: number;
  /** One character for each byte. */
  readonly body: string;
}

/**
 * Sends one notification; redirects are not followed.
 * @throws Error if no whole answer came.
 */
export function postNotification(
  url: string,
  body: Buffer,
  options: {
    readonly contentType: string | undefined;
    readonly ca: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: "POST",
        agent: false,
        signal,
        ...(options.ca !== undefined && { ca: options.ca }),
        headers: {
          ...(options.contentType !== undefined && { "Content-Type": options.contentType }),
          "Content-Length": body.length,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length > MAX_ANSWER) sent.destroy(new Error("the answer is larger than 64 KiB"));
          else chunks.push(chunk);
        });
        response.once("error", reject);
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("latin1") }),
        );
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}
