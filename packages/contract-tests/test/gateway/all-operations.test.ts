import { createPayApi, isPayApiError, type Outcome } from "@payapi/core";
import { type Operation, operationList } from "@payapi/core/operations";
import { type FaultKind, faultKinds, sandboxMerchant, startSandbox } from "@payapi/sandbox";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { gatewayCertificate } from "../../src/gateway/certificate.js";
import { callOperation, type GatewayWorld, prepareInput } from "../../src/gateway/prepare.js";

let world: GatewayWorld;
/** Without retries: the outcome is that of one request. */
let single: GatewayWorld["payapi"];

beforeAll(async () => {
  const { key, cert } = await gatewayCertificate();
  const sandbox = await startSandbox({ port: 0, tls: { key, cert } });
  const { mid, signKey, fieldKey, fieldIv } = sandboxMerchant;
  const config = {
    environment: "sandbox",
    mid,
    signKey,
    fieldKey,
    fieldIv,
    baseUrl: sandbox.url,
    ca: cert,
  } as const;
  world = { payapi: createPayApi(config), sandbox };
  single = createPayApi({ ...config, readRetries: 0 });
});
afterEach(() => world.sandbox.faults.clear());
afterAll(() => world.sandbox.close());

const names = operationList.map((operation) => [operation.name, operation] as const);

it("the test covers the 15 services", () => expect(names.length).toBe(15));

describe.each(names)("%s", (name, operation) => {
  it("succeeds with every documented field", async () => {
    const input = await prepareInput(world, operation);
    const result = (await callOperation(world.payapi, name, input)) as Record<string, unknown>;
    expect(result.resultCode).toBe(operation.success.code);
    for (const value of operation.success.needs) expect(result, value).toHaveProperty(value);
    for (const [value, asked] of Object.entries(operation.success.echoes)) {
      expect(result[value], value).toBe(input[asked]);
    }
    const last = world.sandbox.book.requests.at(-1);
    expect(last).toMatchObject({ operation: name, replied: true, httpStatus: 200 });
  });

  it.each(faultKinds)("reports the right outcome under the fault %s", async (fault) => {
    const input = await prepareInput(world, operation);
    const before = world.sandbox.book.requests.length;
    // A fault of the connection applies to the next request of any operation.
    world.sandbox.faults.next(strikesConnections(fault) ? fault : { fault, operation: name });
    const seen = () =>
      world.sandbox.book.requests.slice(before).filter((request) => request.operation === name);
    if (isSilent(fault)) holdTimers();
    const call = callOperation(single, name, input).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    // Its deadline passes when the gateway has the request, however slow the machine is.
    if (isSilent(fault)) {
      while (seen().length === 0) await new Promise((resolve) => setImmediate(resolve));
      await vi.advanceTimersByTimeAsync(single.timeoutMs);
    }
    const error: unknown = await call;
    const expected = outcomeOf(fault, operation);
    if (expected === "success") expect(error).toBeUndefined();
    else if (isPayApiError(error)) expect([error.outcome, error.operation]).toEqual([expected, name]);
    else expect.fail(`${fault} ended without a PayApiError`);
    expect(seen().length, "requests that reached the gateway").toBe(expected === "not-sent" ? 0 : 1);
  });
});

function strikesConnections(fault: FaultKind): boolean {
  return fault === "refuse" || fault === "reset-in-handshake";
}

function isSilent(fault: FaultKind): boolean {
  return fault === "stall-before-commit" || fault === "stall-after-commit";
}

function holdTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

/** The outcome that a client may conclude; anything but a complete valid reply is `unknown`. */
function outcomeOf(fault: FaultKind, operation: Operation): Outcome | "success" {
  const { echoes, needs } = operation.success;
  if (strikesConnections(fault)) return "not-sent";
  if (fault === "wrong-price") return "price" in echoes ? "moved" : "success";
  if (fault === "no-tid") return needs.includes("tid") ? "moved" : "success";
  return "unknown";
}
