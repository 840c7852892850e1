import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createPayApi, type PayApiConfig, PayApiError } from "../src/index.js";
import { merchant } from "./support/merchant.js";

const real = {
  mid: "welcome123",
  signKey: "c2VjcmV0LXNpZ24ta2V5",
  fieldKey: "abcdefghijklmnopqrstuvwxyz012345",
  fieldIv: "abcdefghijklmnop",
} as const;

function problemsOf(config: object): string[] {
  try {
    createPayApi(config as PayApiConfig);
    return [];
  } catch (error) {
    if (!(error instanceof PayApiError)) throw error;
    expect(error).toMatchObject({ code: "invalid-config", outcome: "not-sent" });
    for (const value of [real.signKey, real.fieldKey, real.fieldIv])
      expect(inspect(error)).not.toContain(value);
    return (error.problems ?? []).map(({ field, message }) => `${field}: ${message}`);
  }
}

describe("createPayApi", () => {
  it.each([
    { ...merchant, environment: "sandbox" },
    { ...merchant, environment: "sandbox", baseUrl: "https://localhost:4010" },
    { ...merchant, environment: "sandbox", baseUrl: "http://[::1]:4010" },
    { ...merchant, environment: "sandbox", baseUrl: "http://127.3.2.1:4010" },
    { ...real, environment: "test" },
    { ...real, environment: "production", baseUrl: "https://payapi.paywelcome.co.kr" },
    { ...real, environment: "production", paths: { "payments.cancel": "/cancel/other" } },
  ])("accepts a valid configuration", (config) => expect(problemsOf(config)).toEqual([]));

  it.each<[object, RegExp]>([
    [{ ...real, environment: undefined }, /^environment: must be "sandbox", "test" or "production"/],
    // Nothing else is reported that only the wrong environment causes.
    [{ ...merchant, environment: "sandbx", baseUrl: "http://127.0.0.1:4010" }, /^environment: must be/],
    [{ ...real, environment: "test", signKey: "" }, /^signKey: is missing/],
    [{ ...real, environment: "test", signKey: `${real.signKey}\n` }, /^signKey: contains white space/],
    [
      { ...real, environment: "test", fieldKey: "short" },
      /^fieldKey: must be the 32 ASCII characters as issued, but has 5/,
    ],
    [{ ...real, environment: "test", fieldKey: "ab".repeat(32) }, /^fieldKey: .*not in hex/],
    [{ ...real, environment: "test", fieldIv: "열여섯글자열여섯글자열여섯글자열여" }, /^fieldIv: /],
    [{ ...real, environment: "test", mid: "eleven_char" }, /^mid: /],
    [{ ...real, environment: "test", timeoutMs: 0 }, /^timeoutMs: /],
    [
      { ...real, environment: "test", paths: { "payments.refund": "/x" } },
      /^paths.payments.refund: is not the name of an operation/,
    ],
    [
      { ...real, environment: "test", paths: { "payments.cancel": "//evil.example/x" } },
      /^paths.payments.cancel: /,
    ],
    [
      { ...real, environment: "test", fingerprintSecrets: { current: "short" } },
      /^fingerprintSecrets: must be .* at least 32 characters/,
    ],
    [{ ...real, environment: "test", fingerprintSecrets: { current: "c".repeat(32), former: [] } }, /former/],
    [{ ...merchant, environment: "test" }, /^mid: is the published sandbox merchant/],
    [
      { ...merchant, mid: "welcome123", environment: "production" },
      /^mid: is the published sandbox merchant/,
    ],
  ])("rejects invalid configuration %#", (config, message) =>
    expect(problemsOf(config)).toEqual([expect.stringMatching(message)]),
  );

  it.each([
    ["sandbox", "https://payapi.paywelcome.co.kr"],
    ["sandbox", "http://192.168.0.10:4010"],
    ["sandbox", "http://127.0.0.1.evil.example"],
    ["sandbox", "http://localhost:4010/path"],
    ["sandbox", "http://user:password@localhost:4010"],
    ["sandbox", "ftp://localhost"],
    ["test", "https://payapi.paywelcome.co.kr"],
    ["test", "http://tpayapi.paywelcome.co.kr"],
    ["production", "https://tpayapi.paywelcome.co.kr"],
    ["production", "https://payapi.paywelcome.co.kr:8443"],
    ["production", "https://payapi.paywelcome.co.kr.evil.example"],
    ["production", "http://127.0.0.1:4010"],
    ["production", "not a url"],
  ])("in %s rejects the base URL %s", (environment, baseUrl) => {
    expect(problemsOf({ ...real, environment, baseUrl })).toEqual([
      expect.stringMatching(/^baseUrl: must be/),
    ]);
  });

  it("reports all problems at once", () => {
    expect(problemsOf({}).map((problem) => problem.split(":")[0])).toEqual([
      "environment",
      "mid",
      "signKey",
      "fieldKey",
      "fieldIv",
    ]);
  });

  it("rejects production while TLS verification is disabled in the environment", () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      expect(problemsOf({ ...real, environment: "production" })).toEqual([
        expect.stringMatching(/NODE_TLS_REJECT_UNAUTHORIZED/),
      ]);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it("creates a client that prints no secret", () => {
    const client = createPayApi({ ...real, environment: "test" });
    const printed = `${inspect(client, { depth: 9, showHidden: true })} ${JSON.stringify(client)}`;
    for (const value of [real.signKey, real.fieldKey, real.fieldIv]) expect(printed).not.toContain(value);
  });
});
