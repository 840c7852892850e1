import { expect, it } from "vitest";
import { configFromEnv, createPayApi, isPayApiError } from "../src/index.js";

const env = {
  PAYAPI_ENVIRONMENT: "sandbox",
  PAYAPI_URL: "http://127.0.0.1:4011",
  PAYAPI_MID: "sandbox001",
  PAYAPI_SIGN_KEY: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
  PAYAPI_FIELD_KEY: "1".repeat(32),
  PAYAPI_FIELD_IV: "1".repeat(16),
};

function problemsOf(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    createPayApi(configFromEnv(given));
    return [];
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    expect(error.code).toBe("invalid-config");
    return (error.problems ?? []).map(({ field }) => field);
  }
}

it("a client is created from the environment's variables", () => {
  expect(createPayApi(configFromEnv(env))).toMatchObject({
    mid: "sandbox001",
    environment: "sandbox",
    origin: "http://127.0.0.1:4011",
  });
  expect(createPayApi(configFromEnv({ ...env, PAYAPI_URL: "" })).origin).toBe("http://127.0.0.1:4010");
});

it("missing variables are named together, and an unknown environment is refused", () => {
  expect(problemsOf({ PAYAPI_URL: "", PAYAPI_MID: "" })).toEqual([
    "PAYAPI_ENVIRONMENT",
    "PAYAPI_MID",
    "PAYAPI_SIGN_KEY",
    "PAYAPI_FIELD_KEY",
    "PAYAPI_FIELD_IV",
  ]);
  expect(problemsOf({ ...env, PAYAPI_ENVIRONMENT: "prod" })).toEqual(["environment"]);
});

it("the configuration shows no key where it is printed", () => {
  expect(JSON.stringify(configFromEnv(env))).not.toContain(env.PAYAPI_SIGN_KEY);
  expect(JSON.stringify(configFromEnv(env))).not.toContain(env.PAYAPI_FIELD_KEY);
});
