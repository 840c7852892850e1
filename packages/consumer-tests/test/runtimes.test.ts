import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate, RuntimeGateway } from "./support/runtime-gateway.js";
import { type RuntimeName, runIn } from "./support/runtimes.js";

const script = fileURLToPath(new URL("../fixtures/runtimes/pay.mjs", import.meta.url));

let certificate: Certificate;
let another: Certificate;

beforeAll(async () => {
  certificate = await makeCertificate();
  another = await makeCertificate();
});

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
  const https = await RuntimeGateway.start("T-https", certificate);
  const http = await RuntimeGateway.start("T-http");
  const refusing = await RuntimeGateway.start("T-refusing", certificate);
  const untrusted = await RuntimeGateway.start("T-untrusted", another);
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
  const env = {
    http_proxy: proxy,
    https_proxy: proxy,
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    no_proxy: "",
    NO_PROXY: "",
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  };
  const outcomes = JSON.parse(await runIn(runtime, script, argument, env)) as Record<string, unknown[]>;
  await Promise.all(all.map((each) => each.drained()));
  return { outcomes, https, http, refusing, untrusted, trap };
}

describe.each([
  ["this Node.js", "node"],
  ["Bun 1.4.5", "bun"],
  ["Deno 2.9.6", "deno"],
] as const)("in %s", (_, runtime) => {
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

  expectRefusals(() => run);
});

describe("in Bun 1.3.14, which ignores the verified connection", () => {
  let run: Run;
  beforeAll(async () => {
    run = await payIn("bun-1.3");
  });

  it.each([
    ["https", 2],
    ["http", 1],
  ] as const)("a payment over %s is not sent, and the error says why", (scheme, payments) => {
    const refused = {
      outcome: "not-sent",
      code: "unsupported-runtime",
      message: expect.stringMatching(/Bun 1\.3\.14.*another connection.*Bun >= 1\.4.*다른 연결/),
      beforeSends: 1,
    };
    expect(run.outcomes[scheme]).toEqual(Array(payments).fill(refused));
    expect([run[scheme].connections, run[scheme].received]).toEqual([payments, []]);
  });

  expectRefusals(() => run);
});

function expectRefusals(run: () => Run): void {
  it("no byte of the request leaves when beforeSend throws", () => {
    expect(run().outcomes.refusing).toMatchObject([{ outcome: "not-sent", code: "before-send-failed" }]);
    expect([run().refusing.connections, run().refusing.received]).toEqual([1, []]);
  });

  it("a wrong certificate is refused, even with NODE_TLS_REJECT_UNAUTHORIZED=0", () => {
    expect(run().outcomes.untrusted).toMatchObject([
      { outcome: "not-sent", code: "tls-failed", beforeSends: 0 },
    ]);
    expect([run().untrusted.connections, run().untrusted.received]).toEqual([1, []]);
  });

  it("no connection is opened but the verified ones", () => {
    expect([run().trap.connections, run().trap.received]).toEqual([0, []]);
  });
}
