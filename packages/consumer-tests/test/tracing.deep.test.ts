import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { nodeScript, runToEnd } from "./support/processes.js";
import { installProject, type Project } from "./support/project.js";
import { makeCertificate, RuntimeGateway } from "./support/runtime-gateway.js";

let project: Project | undefined;

beforeAll(async () => {
  project = await installProject("tracing", "module", {
    "@opentelemetry/api": "1.9.1",
    "@opentelemetry/instrumentation": "0.223.0",
    "@opentelemetry/instrumentation-http": "0.223.0",
    "@opentelemetry/sdk-trace-base": "2.12.1",
  });
});
afterAll(() => project?.remove());

it("OpenTelemetry's span of a payment has the gateway's scheme, host and port", async () => {
  const folder = project?.folder ?? expect.fail("The project is not installed.");
  const certificate = await makeCertificate();
  const gateway = await RuntimeGateway.start("T-traced", certificate);
  onTestFinished(() => gateway.stop());
  const origin = `https://${gateway.host}`;
  const [node, args] = nodeScript(join(folder, "pay.mjs"), origin, certificate.cert);
  const traced = ["--import", "./tracing.mjs", ...args];
  const { code, output } = await runToEnd([node, traced], { cwd: folder, timeoutMs: 60_000 });
  expect(code, output).toBe(0);
  expect(JSON.parse(output)).toMatchObject([
    {
      "url.full": `${origin}/noauth/pay/card`,
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(origin).port),
      "http.response.status_code": 200,
    },
  ]);
  expect([gateway.connections, gateway.received.length]).toEqual([1, 1]);
});
