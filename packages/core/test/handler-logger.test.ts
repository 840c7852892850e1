import { Writable } from "node:stream";
import pino from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import winston from "winston";
import { createPayApiHandler, type Logger } from "../src/handler/index.js";
import type { FullPaymentStore } from "../src/store/index.js";
import { sandboxClient } from "./support/merchant.js";

/** Lets a handler with this logger refuse a request of another site, which it logs. */
async function refuse(logger: Logger | undefined): Promise<number> {
  const handler = createPayApiHandler({
    payapi: sandboxClient(),
    ledger: { store: { findOrder: async () => undefined } as unknown as FullPaymentStore },
    orders: { find: async () => undefined },
    authorize: () => true,
    publicUrl: "https://shop.example",
    basePath: "/payments",
    groups: ["orders"],
    logger,
  });
  const headers = { origin: "https://evil.example" };
  const request = new Request("https://shop.example/payments/orders/1", { headers });
  return (await handler(request, undefined)).status;
}

const message = expect.stringContaining("A request was refused");
const origins = { origin: "https://evil.example", expectedOrigin: "https://shop.example" };
const fields = { code: "origin-refused", orderId: "1", ...origins };

/** A stream that keeps each line as the JSON that it is. */
function linesOf(): { readonly lines: Record<string, unknown>[]; readonly stream: Writable } {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { lines, stream };
}

afterEach(() => void vi.restoreAllMocks());

describe("the handler's logger", () => {
  it("is called once with one entry", async () => {
    const entries: unknown[] = [];
    expect(await refuse((entry) => entries.push(entry))).toBe(403);
    expect(entries).toEqual([{ ...fields, level: "warn", message }]);
  });

  it("may be pino", async () => {
    const { lines, stream } = linesOf();
    const log = pino(stream);
    await refuse(({ level, message: text, ...rest }) => log[level](rest, text));
    expect(lines).toEqual([expect.objectContaining({ ...fields, level: 40, msg: message })]);
  });

  it("may be winston", async () => {
    const { lines, stream } = linesOf();
    const log = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] });
    await refuse((entry) => log.log(entry));
    await vi.waitFor(() => expect(lines).toEqual([{ ...fields, level: "warn", message }]));
  });

  it("is the console by default", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    await refuse(undefined);
    expect(warn.mock.calls).toEqual([[message, fields]]);
  });

  it.each<[string, Logger]>([
    [
      "throws",
      () => {
        throw new Error("the disk is full");
      },
    ],
    ["rejects", async () => Promise.reject(new Error("the disk is full"))],
  ])("loses no entry and changes no answer if it %s", async (_how, logger) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      expect(await refuse(logger)).toBe(403);
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unhandled).toEqual([]);
    expect(warn.mock.calls).toEqual([[message, fields]]);
  });

  it.each([
    ["winston", winston.createLogger({ silent: true })],
    ["pino", pino({ enabled: false })],
    ["the console", console],
  ])("is refused at start if it is %s itself, with what to write instead", async (_name, logger) => {
    await expect(refuse(logger as unknown as Logger)).rejects.toThrow(
      /logger: must be a function that takes one entry\. For pino: .* for winston: .* for console: /,
    );
  });
});
