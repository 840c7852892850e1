import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type {} from "@payapi/dev-services/vitest";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
// Turbopack reads nothing outside its root, and the packages are linked from the workspace.
const root = fileURLToPath(new URL("../../..", import.meta.url));
const within = fileURLToPath(new URL("../.test-projects/", import.meta.url));

const files = {
  "next.config.mjs": `export default { turbopack: { root: ${JSON.stringify(root)} } };\n`,
};
const page = "export default function Page() {\n  return <p>shop</p>;\n}\n";
const layout = (types: string) => `export default function Layout({ children }${types}) {
  return (
    <html lang="ko">
      <body>{children}</body>
    </html>
  );
}
`;
// What create-next-app writes.
const tsconfig = JSON.stringify({
  compilerOptions: {
    target: "ES2017",
    lib: ["dom", "dom.iterable", "esnext"],
    allowJs: true,
    skipLibCheck: true,
    strict: true,
    noEmit: true,
    esModuleInterop: true,
    module: "esnext",
    moduleResolution: "bundler",
    resolveJsonModule: true,
    isolatedModules: true,
    jsx: "react-jsx",
    incremental: true,
    plugins: [{ name: "next" }],
  },
  include: ["next-env.d.ts", "**/*.ts", "**/*.tsx", ".next/types/**/*.ts"],
  exclude: ["node_modules"],
});

/** What the file says to write so that `recover()` runs from the start. */
function instrumentationIn(text: string): string {
  const code = /^ \* {3}(export async function register.*?)^ \*\/$/ms.exec(text)?.[1] ?? "";
  return code.replaceAll(/^ \* {3}/gm, "");
}

const projects = [
  {
    name: "a TypeScript project with src/app",
    manifest: { devDependencies: { typescript: "7.0.2" } },
    lib: "src/lib/payments.ts",
    files: {
      ...files,
      "tsconfig.json": tsconfig,
      "src/app/layout.tsx": layout(": { children: React.ReactNode }"),
      "src/app/page.tsx": page,
    },
  },
  {
    name: "a JavaScript project with app",
    manifest: {},
    lib: "lib/payments.js",
    files: { ...files, "app/layout.jsx": layout(""), "app/page.jsx": page },
  },
] as const;

describe.each(projects)("what `payapi init next` writes in $name", ({ manifest, lib, files }) => {
  let sandbox: Sandbox;
  let project: TestProject;
  let env: Env;

  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
    mkdirSync(within, { recursive: true });
    project = makeProject(manifest, files, { within, keep: true });
    project.install("@payapi/core", "@payapi/ledger", "@payapi/next-route-handlers");
    project.install("next", "react", "react-dom", "@types", "typescript");
    expect(await project.init("next")).toMatchObject({ code: 0 });
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
    expect({ code, output: output() }).toMatchObject({ code: 0 });
  }

  async function withServer(more: Env, work: (server: RunningServer) => Promise<void>): Promise<void> {
    const args = [next, "start", "--port", "0", "--hostname", "127.0.0.1"];
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

  it("is built without a secret or a database, and allows nothing as it is", async () => {
    await build();
    await withServer({}, async (server) => {
      expect((await fetch(server.url)).status).toBe(200);
      const refused = await pay(server, "order-1", "user-1");
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({ code: "forbidden" });
      expect(server.output()).toContain("nobody may approve order-1, since authorize is not written yet");
      expect((await pay(server, "order-2", "user-1")).status).toBe(404);
      expect((await fetch(`${server.url}/api/payments/nothing`)).status).toBe(404);
    });
    await withServer({ PAYAPI_ENVIRONMENT: "" }, async (server) => {
      expect((await pay(server, "order-1", "user-1")).status).toBe(500);
      expect(server.output()).toContain("PAYAPI_ENVIRONMENT must be one of sandbox, test, production");
    });
  });

  it("takes a payment once it says who may pay", async () => {
    const orderId = `order-${randomUUID()}`;
    const text = project.read(lib);
    const filled = `import { cookies } from "next/headers";\n${fillIn(text)}`;
    project.write(lib, filled.replaceAll('"order-1"', `"${orderId}"`));
    const folder = lib.slice(0, -"lib/payments.ts".length);
    project.write(`${folder}instrumentation${lib.slice(-3)}`, instrumentationIn(text));
    await build();
    await withServer({ PAYAPI_ENVIRONMENT: "" }, async (server) => {
      await expect.poll(() => server.output(), { timeout: 20_000 }).toContain("PAYAPI_ENVIRONMENT must be");
      expect((await fetch(server.url)).status).toBe(200);
    });
    await withServer({}, async (server) => {
      expect((await pay(server, orderId)).status).toBe(403);
      expect((await pay(server, orderId, "user-2")).status).toBe(403);
      const paid = await pay(server, orderId, "user-1");
      expect(await paid.json()).toMatchObject({ orderId, status: "paid", price: 15_000 });
      expect((await pay(server, orderId, "user-1")).status).toBe(409);
      expect(sandbox.book.transactions.map(({ price }) => price)).toEqual([15_000]);
      const path = `${server.url}/api/payments/orders/${orderId}`;
      const order = await fetch(path, { headers: { cookie: "user=user-1" } });
      expect(await order.json()).toMatchObject({ status: "paid", remainingPrice: 15_000 });
    });
    project.write(lib, text);
  });

  if (!lib.endsWith(".ts")) return;

  it("compiles with every option that stands in a comment", async () => {
    const text = project.read(lib);
    project.write(lib, `import { cookies } from "next/headers";\n${uncommentAll(text)}`);
    expect(await compile(project.folder)).toBe("");
    project.write(lib, text);
  });
});
