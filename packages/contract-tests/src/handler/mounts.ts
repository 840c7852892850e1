import { startExpress } from "./express-mount.js";
import type { Exceptions, MountTraits, StartMount } from "./mount.js";
import { startNext15, startNextBuilt, startNextDev } from "./next-mount.js";
import { startPlain } from "./plain-mount.js";

/** A way to serve the handler, with all that is different about it. */
export interface MountEntry {
  readonly start: StartMount;
  readonly traits: MountTraits;
}

const inExpress = {
  server: true,
  unknownPath: "passed-on",
  trailingSlash: "passed-on",
  malformedPath: "passed-on",
  exceptions: {},
} as const satisfies MountTraits;

const inNext = {
  server: true,
  unknownPath: "problem",
  trailingSlash: "redirect",
  malformedPath: "framework-error",
  exceptions: {},
} as const satisfies MountTraits;

const inflated = "the parser inflates the body and the handler gets what was in it";

// express.json() hands on a value, and answers itself where there is none.
const jsonParser = {
  "malformed-json": { status: 400, because: "the parser refuses it" },
  "json-that-is-no-object": { status: 400, because: "the parser, which is strict by default, refuses it" },
  "json-without-body": { status: 422, because: "the parser makes an empty object of it" },
  "json-key-twice": { status: 200, because: "the parser has chosen the last one" },
  "json-no-utf-8": {
    status: 422,
    because: "the parser puts replacement characters in the place of the bytes",
  },
  "json-other-charset": { status: 415, because: "the parser refuses it" },
  "compressed-body": { status: 200, because: inflated },
} as const satisfies Exceptions;

/** Every mount, and the one list of what they may do otherwise than the plain function. */
export const mounts = {
  "as a plain function": {
    start: startPlain,
    traits: {
      server: false,
      unknownPath: "problem",
      trailingSlash: "problem",
      malformedPath: "problem",
      exceptions: {},
    },
  },
  "in Express 5": { start: startExpress("5"), traits: inExpress },
  "in Express 5 behind express.json() and express.urlencoded()": {
    start: startExpress("5-json-form"),
    traits: { ...inExpress, exceptions: jsonParser },
  },
  "in Express 5 behind express.raw()": {
    start: startExpress("5-raw"),
    traits: { ...inExpress, exceptions: { "compressed-body": { status: 200, because: inflated } } },
  },
  "in Express 4": { start: startExpress("4"), traits: inExpress },
  "in Express 4 behind express.json() and express.urlencoded()": {
    start: startExpress("4-json-form"),
    traits: { ...inExpress, exceptions: jsonParser },
  },
  "in next start": { start: startNextBuilt, traits: inNext },
  "in next dev": { start: startNextDev, traits: inNext },
  "in next start of Next.js 15": { start: startNext15, traits: inNext },
} as const satisfies Record<string, MountEntry>;

export type MountName = keyof typeof mounts;
