import { gzipSync } from "node:zlib";
import { toWebRequest } from "@payapi/core/internal";
import express5, { type RequestHandler } from "express";
import express4 from "express4";
import { describe, expect, it } from "vitest";
import { serve } from "./serve.js";

const json = "application/json";
const form = "application/x-www-form-urlencoded";
const refused = "ConsumedBodyError";

describe.each([
  { version: 5, express: express5 },
  { version: 4, express: express4 },
])("a body that Express $version has read", ({ version, express }) => {
  const parsers = {
    none: [],
    json: [express.json()],
    loose: [express.json({ strict: false })],
    form: [express.urlencoded({ extended: false })],
    nested: [express.urlencoded({ extended: true })],
    text: [express.text({ type: "*/*" })],
    raw: [express.raw({ type: "*/*" })],
    both: [express.json(), express.urlencoded({ extended: true })],
    drained: [drain],
    "drained behind json": [express.json({ type: "application/vnd.api+json" }), drain],
    "half read": [readFirstChunk],
    "heard by a counter": [countBytes],
    "read as text": [setEncoding],
    inherited: [express.json(), giveBody((body) => Object.create(body as object))],
    shared: [express.json(), giveBody((body) => Object.assign(new Sanitised(), body))],
  } satisfies Record<string, RequestHandler[]>;

  it.each<[parser: keyof typeof parsers, type: string, sent: string | Uint8Array, carried: string]>([
    ["none", json, '{ "a": [1] }', '{ "a": [1] }'],
    ["none", form, "a=1&a=2&b[c]=%B0%A1", "a=1&a=2&b[c]=%B0%A1"],
    ["form", json, '{"a":[1]}', '{"a":[1]}'],
    ["json", form, "a=1&a=2", "a=1&a=2"],

    ["json", json, '{"a":"가","b":1,"c":true,"d":null}', '{"a":"가","b":1,"c":true,"d":null}'],
    ["json", json, '{ "a" : "\\u0031" }', '{"a":"1"}'],
    ["json", `${json}; charset=utf-8`, '{"a":"1"}', '{"a":"1"}'],
    ["json", json, '{"__proto__":"1"}', '{"__proto__":"1"}'],
    // The handler reads numbers with JSON.parse, too, so it would have seen these.
    ["json", json, '{"a":0.1,"b":-1E2,"c":9007199254740993}', '{"a":0.1,"b":-100,"c":9007199254740992}'],
    ["json", json, "{}", "{}"],
    ["json", json, "", ""],
    ["both", json, '{"a":"1"}', '{"a":"1"}'],
    ["json", json, '{"a":{"b":1}}', refused],
    ["json", json, '{"a":["1"]}', refused],
    ["json", json, '{"a":1e400}', refused],
    ["json", json, "[]", refused],
    ["loose", json, '"{}"', refused],
    ["loose", json, "1", refused],
    ["loose", json, "null", refused],
    ["inherited", json, '{"a":"1"}', refused],
    ["shared", json, '{"a":"1"}', refused],

    ["form", form, "a=1&b=%EA%B0%80+%EB%82%98", "a=1&b=%EA%B0%80+%EB%82%98"],
    ["nested", form, "a=1&b=%EA%B0%80%20%26", "a=1&b=%EA%B0%80+%26"],
    ["nested", form, "P_STATUS=02&P_RMESG1=", "P_STATUS=02&P_RMESG1="],
    ["both", `${form}; charset=UTF-8`, "a=1", "a=1"],
    ["form", form, "", ""],
    // EUC-KR, percent-encoded and as it is.
    ["form", form, "a=%B0%A1", refused],
    ["nested", form, "a=%B0%A1", refused],
    ["form", form, Buffer.from([0x61, 0x3d, 0xb0, 0xa1]), refused],
    ["form", form, "a=%EF%BF%BD", refused],
    ["form", form, "a=1&a=2", refused],
    ["nested", form, "a[b]=1", refused],
    ["nested", form, "a[]=1", refused],
    ["form", form, "a=b[c]=1", version === 4 ? "a=b%5Bc%5D%3D1" : refused],
    ["form", form, "&&", refused],

    ["text", json, '{ "a": "가" }', '{ "a": "가" }'],
    ["text", form, "a=%B0%A1", "a=%B0%A1"],
    ["text", form, Buffer.from([0x61, 0x3d, 0xb0, 0xa1]), refused],
    ["text", `${json}; charset=utf-16le`, Buffer.from("{}", "utf16le"), refused],

    ["raw", json, '{ "a": 1, "a": [] }', '{ "a": 1, "a": [] }'],
    ["raw", form, "a=1&a=%B0%A1", "a=1&a=%B0%A1"],
    ["raw", "text/plain", "x", "x"],

    ["drained", json, '{"a":"1"}', refused],
    ["drained behind json", json, '{"a":"1"}', refused],
    ["half read", json, '{"a":"1"}', refused],
    ["read as text", json, '{"a":"1"}', refused],
    ["heard by a counter", json, '{"a":"1"}', refused],
  ])("behind %s, %s %o arrives as %s", async (parser, type, sent, carried) => {
    const url = await serve(express().use(...parsers[parser], echo));
    const answer = await fetch(url, { method: "POST", headers: { "content-type": type }, body: sent });
    const { body, headers } = (await answer.json()) as { body: string; headers: Record<string, string> };
    expect(body).toBe(carried);
    if (carried !== refused) expect(headers["content-length"]).toBe(String(Buffer.byteLength(carried)));
  });

  it("is taken without its length said, except a text, which could be a part of it", async () => {
    const bodies: [keyof typeof parsers, string][] = [
      ["json", '{"a":"1"}'],
      ["raw", '{"a":"1"}'],
      ["text", refused],
      ["json", "{}"],
    ];
    for (const [parser, expected] of bodies) {
      const url = await serve(express().use(...parsers[parser], echo));
      const sent = expected === refused ? '{"a":"1"}' : expected;
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": json },
        body: new Blob([sent]).stream(),
        duplex: "half",
      } as RequestInit);
      const { body, headers } = (await answer.json()) as { body: string; headers: Record<string, string> };
      // What an empty object says is nothing, where it cannot be compared with a length.
      expect([parser, body]).toEqual([parser, expected === "{}" ? refused : expected]);
      if (body !== refused) expect(headers).not.toHaveProperty("transfer-encoding");
    }
  });

  it.each<keyof typeof parsers>(["none", "json", "raw"])(
    "stays marked as compressed behind %s, so that it is refused",
    async (parser) => {
      const url = await serve(express().use(...parsers[parser], echo));
      const headers = { "content-type": json, "content-encoding": "gzip" };
      const answer = await fetch(url, { method: "POST", headers, body: gzipSync('{"a":"1"}') });
      expect(await answer.json()).toMatchObject({ headers: { "content-encoding": "gzip" } });
    },
  );
});

class Sanitised {}

const echo: RequestHandler = async (message, response) => {
  const request = toWebRequest(message, { origin: "https://shop.example", path: message.originalUrl });
  const headers = Object.fromEntries(request.headers);
  try {
    response.json({ headers, body: await request.text() });
  } catch (error) {
    response.json({ headers, body: error instanceof Error ? error.name : error });
  }
};

const drain: RequestHandler = (request, _response, next) => {
  request.on("end", () => next()).resume();
};

const readFirstChunk: RequestHandler = (request, _response, next) => {
  request.once("data", () => {
    request.pause();
    next();
  });
};

// It is still flowing when the next one is called, which waits for something first.
const countBytes: RequestHandler = (request, _response, next) => {
  request.on("data", () => {});
  setImmediate(next);
};

const setEncoding: RequestHandler = (request, _response, next) => {
  request.setEncoding("latin1");
  next();
};

function giveBody(make: (body: unknown) => unknown): RequestHandler {
  return (request, _response, next) => {
    request.body = make(request.body);
    next();
  };
}
