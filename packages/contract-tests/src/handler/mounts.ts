import { startExpress } from "./express-mount.js";
import type { MountTraits, StartMount } from "./mount.js";
import { startNext15, startNextBuilt, startNextDev } from "./next-mount.js";
import { startPlain } from "./plain-mount.js";

/** A way to serve the handler, with all that is different about it. */
export interface MountEntry {
  readonly start: StartMount;
  readonly traits: MountTraits;
}

const firstContentType = {
  status: 200,
  because: "Node keeps the first of them, and no server hands on another",
} as const;

const inExpress = {
  server: true,
  unknownPath: "passed-on",
  trailingSlash: "served",
  malformedPath: "passed-on",
  exceptions: { "repeated-content-type": firstContentType },
} as const satisfies MountTraits;

const inNext = {
  server: true,
  unknownPath: "problem",
  trailingSlash: "redirect",
  malformedPath: "framework-error",
  exceptions: {
    "repeated-content-type": firstContentType,
    trace: { status: 500, because: "no web Request can have this method, and Next.js fails to make one" },
  },
} as const satisfies MountTraits;

const consumed = {
  status: 500,
  problem: {
    code: "body-consumed",
    title: "서버 설정 오류입니다",
    detail:
      "다른 코드가 요청 본문을 먼저 읽었습니다. 결제는 시도되지 않았습니다. express.json()보다 먼저 연결하고, Next.js에서는 request.clone()을 읽으세요.",
  },
} as const;

const overParserLimit = {
  "form-over-128-kib": { status: 413, because: "the parser stops at 100 kB, its own default" },
} as const;

// express.json() and express.urlencoded() pass on a parsed value, or answer an error themselves.
const behindParsers = {
  ...inExpress,
  exceptions: {
    ...inExpress.exceptions,
    "malformed-json": { status: 400, because: "the parser refuses it" },
    "json-that-is-no-object": {
      status: 400,
      because: "the parser, strict by default, refuses it",
    },
    "json-not-flat": { ...consumed, because: "only a flat map can be written again as it surely was" },
    "json-key-twice": { status: 200, because: "the parser keeps the last one and hides the other" },
    "json-no-utf-8": { status: 422, because: "the parser hands on replacement characters" },
    "json-other-charset": { status: 415, because: "the parser refuses it" },
    "form-no-utf-8": { ...consumed, because: "the parser reads UTF-8, so the original bytes are lost" },
    ...overParserLimit,
  },
} as const satisfies MountTraits;

const behindRawParser = {
  ...inExpress,
  exceptions: { ...inExpress.exceptions, ...overParserLimit },
} as const satisfies MountTraits;

/** Every mount, with its exceptions from the plain function. */
export const mounts = {
  "as a plain function": {
    start: startPlain,
    traits: {
      server: false,
      unknownPath: "problem",
      trailingSlash: "served",
      malformedPath: "problem",
      exceptions: {},
    },
  },
  "in Express 5": { start: startExpress("5"), traits: inExpress },
  "in Express 5 behind express.json() and express.urlencoded()": {
    start: startExpress("5-json-form"),
    traits: behindParsers,
  },
  "in Express 5 behind express.raw()": { start: startExpress("5-raw"), traits: behindRawParser },
  "in Express 5 as a serverless function": { start: startExpress("5-function"), traits: inExpress },
  "over HTTP/2": { start: startExpress("http2"), traits: inExpress },
  "in Express 4": { start: startExpress("4"), traits: inExpress },
  "in Express 4 behind express.json() and express.urlencoded()": {
    start: startExpress("4-json-form"),
    traits: behindParsers,
  },
  "in next start": { start: startNextBuilt, traits: inNext },
  "in next dev": { start: startNextDev, traits: inNext },
  "in next start of Next.js 15": { start: startNext15, traits: inNext },
} as const satisfies Record<string, MountEntry>;

export type MountName = keyof typeof mounts;
