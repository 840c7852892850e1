import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createPayApiHandler, type PayApiHandlerOptions } from "../src/handler/index.js";
import {
  createHttpsTransport,
  createPayApi,
  createPayments,
  isPayApiError,
  type PayApiConfig,
} from "../src/index.js";
import { optionProblems } from "../src/option-names.js";
import type { FullPaymentStore } from "../src/store/index.js";
import { merchant, sandboxClient } from "./support/merchant.js";

const names = { timeoutMs: true, groups: true, secrets: true, mid: true, ca: true, pageHosts: true } as const;
const documented = "the README";
const messagesFor = (...given: string[]) =>
  optionProblems(Object.fromEntries(given.map((name) => [name, "s3cret"])), { names, documented }).map(
    ({ field, message }) => `${field} ${message}`,
  );

describe("an unknown option name", () => {
  it.each([
    ["timeoutMS", "timeoutMs"],
    ["timeout_ms", "timeoutMs"],
    ["timeout", "timeoutMs"],
    ["grups", "groups"],
    ["gruops", "groups"],
    ["group", "groups"],
    ["secret", "secrets"],
    ["mdi", "mid"],
    ["CA", "ca"],
    ["pagehosts", "pageHosts"],
  ])("%s gets the suggestion %s", (name, meant) => {
    expect(messagesFor(name)).toEqual([
      `${name} is not a known option; did you mean ${meant}? (see the README)`,
    ]);
  });

  it.each(["cb", "retries", "hosts", "", "constructor", "__proto__", "x".repeat(5_000)])(
    "%s gets no suggestion",
    (name) => {
      expect(messagesFor(name)).toEqual([`${name.slice(0, 60)} is not a known option (see the README)`]);
    },
  );

  it("is listed among at most ten, without its value", () => {
    const many = Array.from({ length: 37 }, (_, index) => `SOME_VARIABLE_${index}`);
    const messages = messagesFor(...many);
    expect(messages).toHaveLength(10);
    expect(messages.at(-1)).toBe(
      "SOME_VARIABLE_9 is not a known option, and 27 more are unknown (see the README)",
    );
    expect(messages.join()).not.toContain("s3cret");
  });

  it("is masked if it is a card number", () => {
    expect(messagesFor("4111111111111111")).toEqual(["[redacted] is not a known option (see the README)"]);
  });

  it("is a problem even if it is undefined, unlike a known one", () => {
    const given = { mid: undefined, timeoutMS: undefined };
    expect(optionProblems(given, { names, documented }).map(({ field }) => field)).toEqual(["timeoutMS"]);
  });
});

/** The problems, with the code of the error. */
async function wrong(call: () => unknown): Promise<readonly string[]> {
  try {
    await call();
    return [];
  } catch (error) {
    if (!isPayApiError(error) || error.outcome !== "not-sent") throw error;
    expect(inspect(error)).not.toContain("s3cret");
    return [error.code, ...(error.problems ?? []).map(({ field, message }) => `${field} ${message}`)];
  }
}

const config: PayApiConfig = { ...merchant, environment: "sandbox" };
const handlerReadme = 'the READMEs of @payapi/express-middleware and @payapi/next-route-handlers, "Options"';
const options: PayApiHandlerOptions = {
  payapi: sandboxClient(),
  ledger: { store: {} as FullPaymentStore },
  orders: { find: async () => undefined },
  authorize: () => false,
  clientAddress: () => "127.0.0.1",
  publicUrl: "https://shop.example",
  basePath: "/payments",
  groups: ["card-prefix"],
};
const pageReturn = { status: "failed", statusCode: "01" };

describe.each<[what: string, call: (more: object) => unknown, known: string, typo: string, see: string]>([
  [
    "createPayApi",
    (more) => createPayApi({ ...config, ...more }),
    "timeoutMs",
    "timeoutMS",
    'the README of @payapi/core, "Configuration"',
  ],
  [
    "createHttpsTransport",
    (more) => createHttpsTransport(more),
    "ca",
    "CA",
    "the type HttpsTransportOptions of @payapi/core",
  ],
  [
    "createPayApiHandler",
    (more) => createPayApiHandler({ ...options, ...more }),
    "trustedProxies",
    "trustedProxy",
    handlerReadme,
  ],
])("%s", (_what, call, known, typo, see) => {
  it("a client rejects an unknown option name, and accepts an undefined known one", async () => {
    expect(await wrong(() => call({ [known]: undefined }))).toEqual([]);
    expect(await wrong(() => call({ [typo]: "s3cret" }))).toEqual([
      "invalid-config",
      `${typo} is not a known option; did you mean ${known}? (see ${see})`,
    ]);
  });
});

it("a gateway call with an unknown option sends nothing", async () => {
  const sent: unknown[] = [];
  const payapi = createPayApi({
    ...config,
    transport: async (request) => {
      sent.push(request);
      throw new Error("nothing is to be sent");
    },
  });
  const input = { tid: "T1", msg: "x" } as never;
  const see = '(see the README of @payapi/core, "Operations")';
  for (const [given, problem] of [
    [{ beforeSent: async () => {} }, `beforeSent is not a known option; did you mean beforeSend? ${see}`],
    [null, `options must be an object ${see}`],
  ] as const) {
    expect(await wrong(() => payapi.payments.cancel(input, given as never))).toEqual([
      "invalid-input",
      problem,
    ]);
  }
  const page = payapi.page;
  const misspelled = { beforeSent: async () => {} } as object;
  expect(await wrong(() => page.approve(pageReturn as never, {} as never, misspelled))).toEqual([
    "invalid-input",
    `beforeSent is not a known option; did you mean beforeSend? ${see}`,
  ]);
  expect(await wrong(async () => createPayments({ payapi, leger: {} } as never))).toEqual([
    "invalid-config",
    "leger is not a known option; did you mean ledger? (see the type PaymentsOptions of @payapi/core)",
  ]);
  const charset = { charSet: "euc-kr" } as object;
  expect(await wrong(() => page.readReturn(new URLSearchParams("P_STATUS=01"), charset))).toEqual([
    "invalid-input",
    "charSet is not a known option; did you mean charset? (see the type ReadReturnOptions of @payapi/core)",
  ]);
  expect(sent).toEqual([]);
});

it("the handler checks nested options, and not the merchant's own objects", async () => {
  const { orders, ...rest } = options;
  const own = {
    orders: { ...orders, table: "orders" },
    logger: Object.assign(() => {}, { level: "info" }),
  };
  expect(await wrong(() => createPayApiHandler({ ...rest, ...own } as PayApiHandlerOptions))).toEqual([]);
  const within = {
    rateLimits: { perCrad: 5, perOrder: undefined },
    notificationLimits: { perHour: 5 },
    notificationCharsets: { deposits: "utf-8" },
  };
  expect(await wrong(() => createPayApiHandler({ ...options, ...within } as PayApiHandlerOptions))).toEqual([
    "invalid-config",
    `rateLimits.perCrad is not a known option; did you mean perCard? (see ${handlerReadme})`,
    `notificationLimits.perHour is not a known option (see ${handlerReadme})`,
    `notificationCharsets.deposits is not a known option; did you mean deposit? (see ${handlerReadme})`,
  ]);
});

it.each([[undefined], [null], ["sandbox001"], [[]], [() => ({})]])(
  "%o is rejected as options",
  async (given) => {
    const see = '(see the README of @payapi/core, "Configuration")';
    expect(await wrong(() => createPayApi(given as never))).toEqual([
      "invalid-config",
      `options must be an object ${see}`,
    ]);
    expect(await wrong(() => createPayApiHandler(given as never))).toEqual([
      "invalid-config",
      `options must be an object (see ${handlerReadme})`,
    ]);
  },
);
