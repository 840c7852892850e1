import { randomUUID } from "node:crypto";
import type {} from "@payapi/dev-services/vitest";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  compile,
  environment,
  fillIn,
  makeProject,
  type RunningServer,
  startServer,
  type TestProject,
} from "./project.js";
import { databaseUrl, sql } from "./shop.js";
import { card, type Env, run } from "./tool.js";

const origin = "http://localhost:3000";

/** The tables of this test file's servers. */
export const schema = `cli_${randomUUID().replaceAll("-", "")}`;

let sandbox: Sandbox;

/** A gateway for the projects of this test file. */
export function useGateway(): void {
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0 });
  });
  afterAll(async () => {
    await sandbox.close();
    await sql(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  });
}

/** A project in strict TypeScript, as it may be at its strictest. */
export const tsconfig = JSON.stringify({
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    declaration: true,
    skipLibCheck: true,
  },
});

const looseTsconfig = JSON.stringify({
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    types: ["node"],
    strict: true,
    esModuleInterop: true,
  },
});

// The shop's own server, around the lines that `init` prints.
const before = `
const app = express();
app.use((request, response, next) => {
  response.locals["userId"] = request.get("x-test-user");
  next();
});
// Neither JavaScript nor strict TypeScript has anything to say against this.
const listen = () => {
  const server = app.listen(0, "127.0.0.1", () => {
    console.log("http://127.0.0.1:" + Object(server.address()).port);
  });
  return server;
};
`;
const after = "\napp.use(express.json());\n";

/** A project of one dialect after `payapi init express`, with its server. */
export async function startProject(manifest: object, files: Record<string, string> = {}) {
  const project = makeProject(manifest, files);
  project.install("@payapi/core", "@payapi/ledger", "@payapi/express-middleware", "express", "@types");
  const done = (await project.init("express", "--json")).json<{ dialect: string; steps: string[] }>();
  const { dialect, steps } = done.result;
  const typed = dialect === "typescript";
  const mounting = steps
    .filter((line) => !/^(npm|npx|cat|node) /.test(line))
    .join("\n")
    .replace("app.listen(3000)", "listen()");
  const imported =
    dialect === "commonjs" ? 'const express = require("express");' : 'import express from "express";';
  project.write(typed ? "server.ts" : "server.js", `${imported}\n${before}${mounting}\n${after}`);
  return { project, file: typed ? "payments.ts" : "payments.js" };
}

/** Its server, with the tables made and the gateway of this test file. */
export async function serve(project: TestProject, more: Env = {}): Promise<RunningServer> {
  const env = environment(project, {
    PAYAPI_URL: sandbox.url,
    DATABASE_URL: databaseUrl,
    LEDGER_SCHEMA: schema,
    ...more,
  });
  expect(await run(["migrate"], env)).toMatchObject({ code: 0 });
  const server = await startServer(["server.js"], { cwd: project.folder, env });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

/** Asks for a link to the payment page, as a buyer's page does. */
export function askLink(server: RunningServer, orderId: string, user?: string): Promise<Response> {
  return fetch(`${server.url}/payments/orders/${orderId}/payment-link`, {
    method: "POST",
    headers: { origin, "content-type": "application/json", ...(user && { "x-test-user": user }) },
    body: JSON.stringify({ payType: "card" }),
  });
}

/** Pays an order by a keyed-in card, as a buyer's page does. */
export function pay(server: RunningServer, orderId: string, user?: string): Promise<Response> {
  return fetch(`${server.url}/payments/orders/${orderId}/card-approval`, {
    method: "POST",
    headers: { origin, "content-type": "application/json", ...(user && { "x-test-user": user }) },
    body: JSON.stringify(card),
  });
}

type Files = Readonly<Record<string, string>>;
type Dialect = readonly [name: string, manifest: object, files: Files];

const dialects = {
  typescript: [
    "TypeScript",
    { type: "module", devDependencies: { typescript: "7.0.2" } },
    { "tsconfig.json": tsconfig },
  ],
  looseTypescript: [
    "TypeScript for CommonJS",
    { devDependencies: { typescript: "7.0.2" } },
    { "tsconfig.json": looseTsconfig },
  ],
  esm: ["ES modules", { type: "module" }, {}],
  commonjs: ["CommonJS", {}, {}],
} as const satisfies Record<string, Dialect>;

/** That the written files allow nothing as they are, and take a payment once they say who may pay. */
export function describeDialects(...names: readonly (keyof typeof dialects)[]): void {
  describe.each<Dialect>(names.map((name) => dialects[name]))(
    "what `payapi init express` writes in %s",
    (dialect, manifest, files) => {
      it("allows nothing as it is, and takes a payment once it says who may pay", {
        timeout: 60_000,
      }, async () => {
        const { project, file } = await startProject(manifest, files);
        const typed = dialect.startsWith("TypeScript");
        if (typed) expect(await compile(project.folder)).toBe("");
        const careful = await serve(project);
        const refused = await askLink(careful, "order-1", "user-1");
        expect(refused.status).toBe(403);
        expect(await refused.json()).toMatchObject({ code: "forbidden" });
        expect(careful.output()).toContain("refused to approve order-1, since authorize is not written yet");
        expect((await askLink(careful, "order-2", "user-1")).status).toBe(404);
        // The template takes no card number.
        expect(await (await pay(careful, "order-1", "user-1")).text()).not.toContain("forbidden");
        expect(await careful.stop()).toBe(0);

        // Every project has the same sample order.
        const orderId = `order-${randomUUID()}`;
        project.write(file, fillIn(project.read(file)).replaceAll('"order-1"', `"${orderId}"`));
        if (typed) expect(await compile(project.folder)).toBe("");
        const server = await serve(project);
        expect((await pay(server, orderId)).status).toBe(403);
        expect((await pay(server, orderId, "user-2")).status).toBe(403);
        const link = await askLink(server, orderId, "user-1");
        expect(await link.json()).toMatchObject({ url: expect.stringMatching(`^${sandbox.url}/p/`) });
        const paid = await pay(server, orderId, "user-1");
        expect(await paid.json()).toMatchObject({ orderId, status: "paid", price: 15_000 });
        expect((await pay(server, orderId, "user-1")).status).toBe(409);
        expect(sandbox.book.transactions.at(-1)).toMatchObject({ price: 15_000 });
        expect(await server.stop()).toBe(0);
        // Node.js warns of nothing, such as a module that it must guess the kind of.
        expect(server.output()).not.toMatch(/^\(node:\d+\)/m);
      });
    },
  );
}
