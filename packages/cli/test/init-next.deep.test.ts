import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type {} from "@payapi/dev-services/vitest";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultNextProject, javascriptNextProject, paymentsPage } from "./support/next-project.js";
import {
  compile,
  environment,
  fillIn,
  makeProject,
  type RunningServer,
  startProgram,
  startServer,
  type TestProject,
  uncommentAll,
} from "./support/project.js";
import { databaseUrl, sql } from "./support/shop.js";
import { card, type Env, run } from "./support/tool.js";

const origin = "http://localhost:3000";
const schema = `cli_${randomUUID().replaceAll("-", "")}`;
const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
const within = fileURLToPath(new URL("../.test-projects/", import.meta.url));

/** What the file says to write so that `recover()` runs from the start. */
function instrumentationIn(text: string): string {
  const code = /^ \* {3}(export async function register.*?)^ \*\/$/ms.exec(text)?.[1] ?? "";
  return code.replaceAll(/^ \* {3}/gm, "");
}

async function connectionsOf(applicationName: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const text = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1";
    const { rows } = await client.query<{ count: number }>(text, [applicationName]);
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

const projects = [
  {
    name: "the default create-next-app project",
    ...defaultNextProject,
    lib: "lib/payments.ts",
    page: "app/payments/page.tsx",
  },
  {
    name: "JavaScript without cacheComponents",
    ...javascriptNextProject,
    lib: "src/lib/payments.js",
    page: "src/app/payments/page.js",
  },
] as const;

describe.each(projects)("what `payapi init next` writes in $name", ({ manifest, lib, page, files }) => {
  let sandbox: Sandbox;
  let project: TestProject;
  let env: Env;
  let written: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    mkdirSync(within, { recursive: true });
    project = makeProject(manifest, { ...files, [page]: paymentsPage }, { within, keep: true });
    project.install("@payapi/core", "@payapi/ledger", "@payapi/next-route-handlers");
    project.install("next", "react", "react-dom", "@types", "typescript");
    expect(await project.init("next")).toMatchObject({ code: 0 });
    written = project.read(lib);
    env = environment(project, {
      PAYAPI_URL: sandbox.url,
      DATABASE_URL: databaseUrl,
      LEDGER_SCHEMA: schema,
    });
    expect(await run(["migrate"], env)).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    project?.remove();
    await sandbox?.close();
    await sql(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  });

  async function build(): Promise<void> {
    // Neither a secret nor a database.
    const { child, output } = startProgram([next, "build"], { cwd: project.folder, env: {} });
    const [code] = await once(child, "close");
    expect(code, output()).toBe(0);
  }

  async function withServer(
    command: "dev" | "start",
    more: Env,
    work: (server: RunningServer) => Promise<void>,
  ): Promise<void> {
    const args = [next, command, "--port", "0", "--hostname", "127.0.0.1"];
    const server = await startServer(args, { cwd: project.folder, env: { ...env, ...more } });
    try {
      await work(server);
    } finally {
      await server.stop();
    }
  }

  const pay = ({ url }: RunningServer, orderId: string, user?: string) =>
    fetch(`${url}/api/payments/orders/${orderId}/card-approval`, {
      method: "POST",
      headers: { origin, "content-type": "application/json", ...(user && { cookie: `user=${user}` }) },
      body: JSON.stringify(card),
    });

  const askLink = ({ url }: RunningServer, orderId: string, user: string) =>
    fetch(`${url}/api/payments/orders/${orderId}/payment-link`, {
      method: "POST",
      headers: { origin, "content-type": "application/json", cookie: `user=${user}` },
      body: JSON.stringify({ payType: "card" }),
    });

  const see = ({ url }: RunningServer, orderId: string) =>
    fetch(`${url}/api/payments/orders/${orderId}`, { headers: { cookie: "user=user-1" } });

  /** Writes what the file asks its reader to write; returns the id of the only order, which is new. */
  function fillInProject(): string {
    const orderId = `order-${randomUUID()}`;
    const filled = fillIn(written).replaceAll('"order-1"', `"${orderId}"`);
    project.write(lib, `import { cookies } from "next/headers";\n${filled}`);
    return orderId;
  }

  async function takesPayment(server: RunningServer, orderId: string): Promise<void> {
    const taken = sandbox.book.transactions.length;
    expect(await (await see(server, orderId)).json()).toMatchObject({ status: "not-paid" });
    expect((await pay(server, orderId)).status).toBe(403);
    expect((await pay(server, orderId, "user-2")).status).toBe(403);
    const paid = await pay(server, orderId, "user-1");
    expect(await paid.json()).toMatchObject({ orderId, status: "paid", price: 15_000 });
    expect((await pay(server, orderId, "user-1")).status).toBe(409);
    expect(sandbox.book.transactions.slice(taken).map(({ price }) => price)).toEqual([15_000]);
    // Next.js keeps neither answer.
    expect(await (await see(server, orderId)).json()).toMatchObject({
      status: "paid",
      remainingPrice: 15_000,
    });
  }

  it("is built without a secret or a database, and allows nothing as it is", async () => {
    await build();
    await withServer("start", {}, async (server) => {
      expect((await fetch(server.url)).status).toBe(200);
      expect((await fetch(`${server.url}/payments`)).status).toBe(200);
      const refused = await askLink(server, "order-1", "user-1");
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({ code: "forbidden" });
      expect(server.output()).toContain("refused to approve order-1, since authorize is not written yet");
      expect((await askLink(server, "order-2", "user-1")).status).toBe(404);
      // The template takes no card number.
      expect(await (await pay(server, "order-1", "user-1")).text()).not.toContain("forbidden");
      expect((await fetch(`${server.url}/api/payments/nothing`)).status).toBe(404);
    });
  });

  it("takes a payment in development once it says who may pay", async () => {
    const orderId = fillInProject();
    await withServer("dev", {}, (server) => takesPayment(server, orderId));
  });

  if (!lib.endsWith(".ts")) return;

  it("takes a payment once it is built, and recovers from the start", async () => {
    const orderId = fillInProject();
    project.write("instrumentation.ts", instrumentationIn(written));
    await build();
    await withServer("start", { PAYAPI_ENVIRONMENT: "" }, async (server) => {
      await expect
        .poll(() => server.output(), { timeout: 60_000 })
        .toContain("PAYAPI_ENVIRONMENT: is missing");
      expect((await fetch(server.url)).status).toBe(200);
      expect((await pay(server, orderId, "user-1")).status).toBe(500);
    });
    await withServer("start", {}, async (server) => {
      const payments = async () => (await fetch(`${server.url}/payments`)).text();
      const listed = `<p>${orderId}: paid</p>`;
      expect(await payments()).not.toContain(listed);
      await takesPayment(server, orderId);
      expect(await payments()).toContain(listed);
    });
  });

  it("keeps the connections that it has through hot reloads in development", async () => {
    const orderId = fillInProject();
    const filled = project.read(lib);
    const name = `reloads_${randomUUID().slice(0, 8)}`;
    const named = new URL(databaseUrl);
    named.searchParams.set("application_name", name);
    const reloads = 6;
    await withServer("dev", { DATABASE_URL: named.href }, async (server) => {
      const priceOf = async () => ((await (await see(server, orderId)).json()) as { price?: number }).price;
      expect(await priceOf()).toBe(15_000);
      const before = await connectionsOf(name);
      for (let reload = 1; reload <= reloads; reload += 1) {
        // The new price shows that the module was evaluated again.
        const price = 15_000 + reload;
        project.write(lib, filled.replace("price: 15_000", `price: ${price}`));
        await expect.poll(priceOf, { timeout: 60_000 }).toBe(price);
      }
      expect(before).toBeGreaterThan(0);
      expect((await connectionsOf(name)) - before).toBeLessThan(reloads / 2);
    });
  });

  it("compiles with every commented-out option", async () => {
    project.write(lib, `import { cookies } from "next/headers";\n${uncommentAll(written)}`);
    expect(await compile(project.folder)).toBe("");
  });
});
