import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@payapi/dev-services/environment";
import type {} from "@payapi/dev-services/vitest";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { sendOverHttp } from "../../src/handler/http-client.js";
import { chooseAtPage } from "../../src/handler/page-buyer.js";
import { prepareSurroundings, type Surroundings } from "../../src/readme/surroundings.js";

const guide = readFileSync(new URL("../../../../docs/guides/payment-page.md", import.meta.url), "utf8");
const [server = "", browser = ""] = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);

// Inside the package, where the guide's imports resolve.
const folder = fileURLToPath(new URL("../../fixtures/payment-page-guide/", import.meta.url));

describe("the guide to the payment page", () => {
  let surroundings: Surroundings;
  let running: ChildProcess | undefined;
  let port: number;
  let output = "";

  const json = async (method: string, path: string, cookie = "", body?: object) => {
    const answer = await sendOverHttp(port, {
      method,
      path,
      headers: {
        origin: surroundings.settings.PUBLIC_URL ?? "",
        cookie,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { ...answer, body: JSON.parse(answer.text) as Record<string, unknown> };
  };

  /** A buyer orders, goes to the page, chooses there, and comes back by what the page sends. */
  const buy = async (payType: string) => {
    const ordered = await json("POST", "/orders");
    const id = String(ordered.body.id);
    const cookie = String(ordered.headers["set-cookie"]).split(";")[0] ?? "";
    const link = await json("POST", `/payments/orders/${id}/payment-link`, cookie, { payType });
    const { path, fields } = await chooseAtPage(String(link.body.url), { method: payType });
    const back = await sendOverHttp(port, {
      method: "POST",
      path,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    });
    expect([back.status, back.headers.location]).toEqual([
      303,
      `${surroundings.settings.PUBLIC_URL}/orders/${id}`,
    ]);
    return { id, fields, status: async () => (await json("GET", `/payments/orders/${id}`, cookie)).body };
  };

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "server.ts"), server);
    await writeFile(join(folder, "page.ts"), browser);
    const compilerOptions = {
      ...{ target: "es2023", lib: ["es2023", "dom"], module: "nodenext", types: ["node"] },
      ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
      skipLibCheck: true,
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    const prepared = await prepareSurroundings(inject("databaseUrl"));
    port = Number(prepared.settings.PORT);
    // The gateway notifies the shop where its buyers see it, so it must really be there.
    const settings = { ...prepared.settings, PUBLIC_URL: `http://127.0.0.1:${port}` };
    surroundings = { ...prepared, settings };
    const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
    const tsc = join(dirname(manifest), "bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    running = spawn(process.execPath, [join(folder, "server.js")], {
      env: childEnvironment(settings),
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const answers = () =>
      json("POST", "/orders").then(
        ({ status }) => status === 200,
        () => false,
      );
    await vi.waitUntil(answers, { timeout: 20_000 });
  });

  afterAll(async () => {
    if (running?.exitCode === null) {
      running.kill();
      await once(running, "exit");
    }
    await surroundings?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("takes a card payment through the payment page", async () => {
    const { id, status } = await buy("card");
    expect(await status()).toMatchObject({ status: "paid", price: 15_000, remainingPrice: 15_000 });
    await expect.poll(() => output, { timeout: 20_000 }).toContain(`deliver ${id}\n`);
  });

  it("waits for a deposit to a virtual account, and is notified of it", async () => {
    const { id, fields, status } = await buy("vbank");
    expect(await status()).toMatchObject({
      status: "awaiting-deposit",
      remainingPrice: 0,
      account: { number: fields.P_VACT_NUM },
    });
    const reply = await fetch(`${surroundings.sandbox.url}/_sandbox/deposits`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tid: fields.P_TID }),
    });
    expect(reply.ok).toBe(true);
    await expect.poll(async () => (await status()).status, { timeout: 20_000 }).toBe("paid");
    await expect.poll(() => output, { timeout: 20_000 }).toContain(`deliver ${id}\n`);
  });
});
