import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeCertificate, RuntimeGateway } from "./runtime-gateway.js";
import { installRuntime, type RuntimeName, runIn } from "./runtimes.js";

const script = fileURLToPath(new URL("../../fixtures/runtimes/pay.mjs", import.meta.url));

interface Run {
  /** What came of the call to each gateway. */
  readonly outcomes: Record<string, unknown[]>;
  readonly https: RuntimeGateway;
  readonly http: RuntimeGateway;
  readonly refusing: RuntimeGateway;
  readonly untrusted: RuntimeGateway;
  /** Answers every request that a runtime makes of its own accord, and approves it. */
  readonly trap: RuntimeGateway;
}

/** Pays at four gateways in one process of the runtime, and waits until all connections are closed. */
async function payIn(runtime: RuntimeName): Promise<Run> {
  await installRuntime(runtime);
  const certificate = await makeCertificate();
  const https = await RuntimeGateway.start("T-https", certificate);
  const http = await RuntimeGateway.start("T-http");
  const refusing = await RuntimeGateway.start("T-refusing", certificate);
  const untrusted = await RuntimeGateway.start("T-untrusted", await makeCertificate());
  const trap = await RuntimeGateway.start("T-forged");
  const all = [https, http, refusing, untrusted, trap];
  afterAll(() => {
    for (const each of all) each.stop();
  });
  const argument = JSON.stringify({
    ca: certificate.cert,
    gateways: {
      // The second one resumes the TLS session of the first.
      https: { baseUrl: `https://${https.host}`, payments: 2 },
      http: { baseUrl: `http://${http.host}` },
      refusing: { baseUrl: `https://${refusing.host}`, refuse: true },
      untrusted: { baseUrl: `https://${untrusted.host}` },
    },
  });
  // Node's net and tls know no proxy. A runtime that falls back to its own fetch goes through this one, on any port.
  const proxy = `http://${trap.host}`;
  const { stdout } = await runIn(runtime, script, argument, {
    http_proxy: proxy,
    https_proxy: proxy,
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    no_proxy: "",
    NO_PROXY: "",
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  });
  await Promise.all(all.map((each) => each.drained()));
  return { outcomes: JSON.parse(stdout), https, http, refusing, untrusted, trap };
}

/** What holds in a supported runtime. */
export function paysSafely(runtime: RuntimeName): void {
  let run: Run;
  beforeAll(async () => {
    run = await payIn(runtime);
  });

  it.each([
    ["https", 2],
    ["http", 1],
  ] as const)("each payment over %s is sent once, on one connection", (scheme, payments) => {
    const paid = { outcome: "succeeded", tid: `T-${scheme}`, beforeSends: 1 };
    expect(run.outcomes[scheme]).toEqual(Array(payments).fill(paid));
    expect(run[scheme].connections).toBe(payments);
    const request = expect.stringMatching(/^POST \/noauth\/pay\/card (?!.*POST ).*&oid=order-1&/s);
    expect(run[scheme].received).toEqual(Array(payments).fill(request));
  });

  it("no byte of the request leaves when beforeSend throws", () => {
    expect(run.outcomes.refusing).toMatchObject([{ outcome: "not-sent", code: "before-send-failed" }]);
    expect([run.refusing.connections, run.refusing.received]).toEqual([1, []]);
  });

  it("a wrong certificate is refused, even with NODE_TLS_REJECT_UNAUTHORIZED=0", () => {
    expect(run.outcomes.untrusted).toMatchObject([
      { outcome: "not-sent", code: "tls-failed", beforeSends: 0 },
    ]);
    expect([run.untrusted.connections, run.untrusted.received]).toEqual([1, []]);
  });

  it("no connection is opened but the verified ones", () => {
    expect([run.trap.connections, run.trap.received]).toEqual([0, []]);
  });
}

/** What holds in a runtime that the client refuses, for the given reason. */
export function isRefused(runtime: RuntimeName, reason: RegExp): void {
  let run: Run;
  beforeAll(async () => {
    run = await payIn(runtime);
  });

  it("no client can be created, and the error names the runtime, the reason and the versions that work", () => {
    const refused = {
      outcome: "not-sent",
      code: "unsupported-runtime",
      message: expect.stringMatching(reason),
      beforeSends: 0,
    };
    const { outcomes } = run;
    expect(outcomes).toEqual({
      https: [refused],
      http: [refused],
      refusing: [refused],
      untrusted: [refused],
    });
    for (const [{ message }] of Object.values(outcomes) as [{ message: string }][]) {
      expect(message).toContain(`(${runtime})`);
      expect(message).toMatch(/Node\.js >= 20\.19, Bun >= 1\.4 or Deno >= 2\.8.*Deno 2\.8 이상/);
    }
  });

  it("no connection is opened, to the gateways or to anywhere else", () => {
    const { https, http, refusing, untrusted, trap } = run;
    const all = [https, http, refusing, untrusted, trap];
    expect(all.map(({ connections }) => connections)).toEqual(Array(all.length).fill(0));
  });
}
