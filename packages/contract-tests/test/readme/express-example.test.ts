import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@payapi/dev-services/environment";
import type {} from "@payapi/dev-services/vitest";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sendOverHttp } from "../../src/handler/http-client.js";
import { readmeExample } from "../../src/readme/examples.js";
import { prepareSurroundings, type Surroundings } from "../../src/readme/surroundings.js";

// Inside the package, where the example's imports resolve.
const folder = fileURLToPath(new URL("../../fixtures/readme-express/", import.meta.url));
const card = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" };

describe("README.md's Express example", () => {
  let surroundings: Surroundings;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "server.ts"), readmeExample("Express"));
    const tsconfig = {
      compilerOptions: {
        target: "es2023",
        module: "nodenext",
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        types: ["node"],
        skipLibCheck: true,
      },
      include: ["server.ts"],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    surroundings = await prepareSurroundings(inject("databaseUrl"), folder);
  });

  afterAll(async () => {
    if (server?.exitCode === null) {
      server.kill();
      await once(server, "exit");
    }
    await surroundings?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("has at most 35 lines", () => {
    expect(readmeExample("Express").trim().split("\n").length).toBeLessThanOrEqual(35);
  });

  it("compiles in strict TypeScript", () => {
    const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(dirname(manifest), "bin/tsc"), "-p", folder],
      {
        encoding: "utf8",
      },
    );
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it("takes the price of a mug by card", async () => {
    const { settings, sandbox } = surroundings;
    const port = Number(settings.PORT);
    server = spawn(process.execPath, [join(folder, "server.js")], {
      env: childEnvironment(settings),
      stdio: "inherit",
    });
    const order = () => sendOverHttp(port, { method: "POST", path: "/orders", headers: {} });
    await expect
      .poll(
        () =>
          order().then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(200);

    const ordered = await order();
    const { id } = JSON.parse(ordered.text) as { id: string };
    const cookie = ordered.headers["set-cookie"]?.split(";")[0] ?? "";
    const pay = (headers: Record<string, string>) =>
      sendOverHttp(port, {
        method: "POST",
        path: `/payments/orders/${id}/card-approval`,
        headers: { origin: settings.PUBLIC_URL ?? "", "content-type": "application/json", ...headers },
        body: JSON.stringify(card),
      });
    expect((await pay({})).status).toBe(403);
    expect((await pay({ cookie, origin: "https://evil.example" })).status).toBe(403);

    const answer = await pay({ cookie });
    expect(JSON.parse(answer.text)).toMatchObject({ orderId: id, status: "paid", price: 15_000 });
    expect((await pay({ cookie })).status).toBe(409);
    expect(sandbox.book.transactions.map(({ price }) => price)).toEqual([15_000]);
    const path = `/payments/orders/${id}`;
    const status = await sendOverHttp(port, { method: "GET", path, headers: { cookie } });
    expect(JSON.parse(status.text)).toMatchObject({ status: "paid", remainingPrice: 15_000 });
  });
});
