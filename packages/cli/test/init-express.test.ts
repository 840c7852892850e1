import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { openLedger } from "@payapi/ledger";
import { startSandbox } from "@payapi/sandbox";
import { expect, it, onTestFinished } from "vitest";
import {
  describeDialects,
  pay,
  schema,
  serve,
  startProject,
  tsconfig,
  useGateway,
} from "./support/express-project.js";
import { compile, fillIn, type RunningServer, uncommentAll } from "./support/project.js";
import { databaseUrl } from "./support/shop.js";

useGateway();

/** Whether it still takes new connections. */
function accepts({ url }: RunningServer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

// The other two are among the deep tests.
describeDialects("typescript", "commonjs");

it("every option in a comment compiles", { timeout: 60_000 }, async () => {
  const { project, file } = await startProject(
    { type: "module", devDependencies: { typescript: "7.0.2" } },
    { "tsconfig.json": tsconfig },
  );
  const all = uncommentAll(project.read(file));
  for (const text of [
    "\n    trustedProxies: [",
    "\n    secrets: {",
    '\n      "cancels",',
    "\n    logger: ",
  ]) {
    expect(all).toContain(text);
  }
  project.write(file, all);
  expect(await compile(project.folder)).toBe("");
  project.write(file, all.replace("perCard: 5", 'perCard: "five"'));
  expect(await compile(project.folder)).toContain("Type 'string' is not assignable to type 'number'");
});

it("at SIGTERM a payment under way is brought to its end and recorded", { timeout: 60_000 }, async () => {
  const stalling = await startSandbox({ port: 0 });
  const { project, file } = await startProject({ type: "module" });
  const orderId = `order-${randomUUID()}`;
  project.write(file, fillIn(project.read(file)).replaceAll('"order-1"', `"${orderId}"`));
  const server = await serve(project, { PAYAPI_URL: stalling.url });
  stalling.faults.next("stall-after-commit");
  const answer = pay(server, orderId, "user-1");
  await expect.poll(() => stalling.book.transactions.length, { timeout: 20_000 }).toBe(1);

  const ended = server.stop();
  await expect.poll(() => accepts(server), { timeout: 20_000 }).toBe(false);
  await stalling.close();
  const { status } = await answer;
  expect(status).toBe(409);
  expect(await ended).toBe(0);
  const merchant = { mid: "sandbox001", environment: "sandbox" } as const;
  const ledger = await openLedger({ payapi: merchant, database: databaseUrl, schema });
  onTestFinished(() => ledger.close());
  expect(await ledger.payments.find(orderId)).toMatchObject({ status: "unknown" });
});
