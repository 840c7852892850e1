import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { startSandbox } from "@payapi/sandbox";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { unreachableAdvice } from "../src/doctor/check-gateway.js";
import { makeCertificate } from "./support/certificate.js";
import { openShop, type Shop, sql } from "./support/shop.js";
import { merchant, type Run, run } from "./support/tool.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

interface Check {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly advice: string | null;
}
const checksOf = (done: Run): Check[] => done.json<{ checks: Check[] }>().result.checks;
const find = (done: Run, check: string) => checksOf(done).find((each) => each.check === check);
const doctor = (env = {}, ...args: string[]) => shop.tool(["doctor", "--json", ...args], env);

/** A gateway whose clock is off; it answers whatever it is asked. */
async function gatewayAt(offMs: number): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.setHeader("date", new Date(Date.now() + offMs).toUTCString()).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

describe("doctor", () => {
  it("finds a healthy shop healthy, and sends the gateway only a lookup", async () => {
    const before = shop.sandbox.book.requests.length;
    const done = await doctor();
    expect(done.code).toBe(0);
    expect(done.json()).toMatchObject({ ok: true, command: "doctor", exitCode: 0 });
    expect(checksOf(done).map(({ check, status }) => `${check} ${status}`)).toEqual([
      "configuration ok",
      "ledger-secret ok",
      "ledger-journal ok",
      "gateway ok",
      "gateway-clock ok",
      "sign-key ok",
      "field-key warn",
      "database ok",
      "database-clock ok",
      "ledger-tables ok",
      "ledger-accepted ok",
      "ledger-keys ok",
    ]);
    const asked = shop.sandbox.book.requests.slice(before);
    const moved = asked.filter(({ outcome }) => outcome === "committed" || outcome === "answered");
    expect(moved.map(({ operation }) => operation)).toEqual(["cards.lookupPrefix"]);
    const plain = await shop.tool(["doctor", "--lang", "ko"]);
    expect(plain.code).toBe(0);
    expect(plain.stdout.split("\n").filter((line) => line.startsWith("ok     "))).toHaveLength(11);
    expect(plain.stdout).toContain("원장 테이블이 준비되었습니다");
  });

  it("says all that is wrong with the configuration at once", async () => {
    const done = await doctor({
      PAYAPI_ENVIRONMENT: "live",
      PAYAPI_MID: "",
      PAYAPI_SIGN_KEY: `${merchant.signKey}\n`,
      PAYAPI_FIELD_KEY: Buffer.from(merchant.fieldKey).toString("hex"),
      PAYAPI_FIELD_IV: undefined,
      DATABASE_URL: undefined,
    });
    expect(done.code).toBe(4);
    const configuration = checksOf(done).filter(({ check }) => check === "configuration");
    for (const name of Object.keys(shop.env).filter((each) => !/^PAYAPI_URL|^LEDGER/.test(each))) {
      expect(configuration.map(({ message }) => message).join("\n")).toContain(name);
    }
    expect(configuration.every(({ advice }) => advice !== null)).toBe(true);
  });

  it("warns of a configuration file that others may read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "payapi-cli-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "shop.env");
    await writeFile(file, `PAYAPI_MID=${merchant.mid}\n`);
    await chmod(file, 0o644);
    const open = await doctor({ PAYAPI_MID: undefined }, "--env-file", file);
    expect(open.code).toBe(0);
    expect(find(open, "env-file")).toMatchObject({ status: "warn", advice: expect.stringContaining("600") });
    await chmod(file, 0o600);
    expect(find(await doctor({}, "--env-file", file), "env-file")).toBeUndefined();
  });

  it("finds a gateway that is not there", async () => {
    const done = await doctor({ PAYAPI_URL: "http://127.0.0.1:1" });
    expect(done.code).toBe(5);
    expect(find(done, "gateway")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("ECONNREFUSED"),
      advice: expect.stringContaining("@payapi/sandbox --port 1"),
    });
    expect(find(done, "ledger-tables")?.status).toBe("ok");
  });

  it("checks the TLS handshake, and rejects an unknown certificate", async () => {
    const tls = await makeCertificate();
    const sandbox = await startSandbox({ port: 0, tls });
    onTestFinished(() => sandbox.close());
    const folder = await mkdtemp(join(tmpdir(), "payapi-cli-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const authority = join(folder, "ca.pem");
    await writeFile(authority, tls.cert);
    const stranger = await doctor({ PAYAPI_URL: sandbox.url });
    expect(stranger.code).toBe(5);
    expect(find(stranger, "gateway")?.message).toMatch(/TLS handshake failed \([A-Z_]+\)/);
    const insecure = await doctor({ PAYAPI_URL: sandbox.url, NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    expect(find(insecure, "gateway")?.status).toBe("fail");
    const known = await doctor({ PAYAPI_URL: sandbox.url, NODE_EXTRA_CA_CERTS: authority });
    expect(find(known, "gateway")).toMatchObject({
      status: "ok",
      message: expect.stringContaining("TLSv1.3"),
    });
    expect(find(known, "gateway-clock")?.status).toBe("ok");
  });

  it.each([
    [0, "ok", 0],
    [120_000, "warn", 0],
    [-120_000, "warn", 0],
    [7_200_000, "fail", 1],
  ])("compares the clock with a gateway %i ms ahead: %s", async (offMs, status, code) => {
    const gateway = await gatewayAt(offMs);
    const done = await doctor({ PAYAPI_URL: gateway.url });
    expect(done.code).toBe(code);
    expect(find(done, "gateway-clock")?.status).toBe(status);
    if (offMs !== 0)
      expect(find(done, "gateway-clock")?.message).toContain(offMs > 0 ? "behind" : "ahead of");
    expect(gateway.requests.toSorted()).toEqual(["HEAD /", "POST /search/card/prefix"]);
  });

  it.each([
    ["nobody listens", "postgres://someone:canary-password@127.0.0.1:1/postgres", "host and port"],
    ["no such database", "", "does not exist"],
  ])("finds a database that is not there: %s", async (what, address, advice) => {
    const url = new URL(shop.env.DATABASE_URL ?? "");
    url.pathname = "/nowhere";
    const done = await doctor({ DATABASE_URL: what === "no such database" ? url.href : address });
    expect(done.code).toBe(5);
    expect(find(done, "database")).toMatchObject({ status: "fail", advice: expect.stringContaining(advice) });
  });

  it("reports a database that may lose committed data", async () => {
    const careless = await startLocalPostgres();
    onTestFinished(() => careless.stop());
    await run(["migrate"], { DATABASE_URL: careless.url, LEDGER_SCHEMA: shop.schema });
    await sql("ALTER SYSTEM SET fsync = off", careless.url);
    await sql("SELECT pg_reload_conf()", careless.url);
    await expect
      .poll(async () => (await doctor({ DATABASE_URL: careless.url })).code, { timeout: 20_000 })
      .toBe(4);
    const examined = await doctor({ DATABASE_URL: careless.url });
    expect(find(examined, "database")?.status).toBe("ok");
    expect(find(examined, "ledger-tables")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("fsync is off"),
    });
  });

  it("finds tables that are missing, or too new", async () => {
    const missing = await doctor({ LEDGER_SCHEMA: "nowhere" });
    expect(missing.code).toBe(4);
    expect(find(missing, "ledger-tables")).toMatchObject({
      status: "fail",
      advice: expect.stringContaining("payapi migrate"),
    });
    const other = await openShop();
    onTestFinished(() => other.close());
    await sql(`INSERT INTO "${other.schema}".migrations VALUES (1000, 'later', now())`);
    expect(find(await other.tool(["doctor", "--json"]), "ledger-tables")?.message).toContain("newer");
  });

  it.each([
    ["sign key", { PAYAPI_SIGN_KEY: "another-sign-key" }, "sign-key", "9011"],
    ["mid", { PAYAPI_MID: "nobody" }, "sign-key", "9009"],
    ["field key", { PAYAPI_FIELD_KEY: "x".repeat(32) }, "field-key", "901"],
  ])("proves that the %s is wrong", async (_, env, check, code) => {
    const done = await doctor(env, "--prove-field-key");
    expect(done.code).toBe(4);
    expect(find(done, check)).toMatchObject({ status: "fail", message: expect.stringContaining(code) });
  });

  it("proves the field key by a card that does not exist, and no key is issued", async () => {
    const done = await doctor({}, "--prove-field-key");
    expect(find(done, "field-key")).toMatchObject({ status: "ok" });
    expect(done.code).toBe(0);
  });

  it.each([
    ["the handler", 405, { allow: "POST" }, "ok", ""],
    [
      "a redirect",
      308,
      { location: "https://www.shop.example/payments?session=1" },
      "fail",
      "www.shop.example",
    ],
    ["a login page", 200, {}, "fail", "HTTP 200"],
    ["another server", 404, {}, "fail", "HTTP 404"],
  ])("checks whether %s answers at the shop's address", async (_, status, headers, expected, said) => {
    const server = createServer((_request, response) => response.writeHead(status, headers).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/payments/`;
    const done = await doctor({}, "--shop-url", url);
    expect(find(done, "shop-url")).toMatchObject({
      status: expected,
      message: expect.stringContaining(said),
    });
    expect(done.stdout).not.toContain("session=1");
    expect(done.code).toBe(expected === "ok" ? 0 : 1);
  });

  it("lists what to ask the gateway for, in both languages", async () => {
    const korean = await shop.tool(["doctor", "--going-live", "--lang", "ko"]);
    expect(korean.stdout).toContain("결제사에 요청할 항목");
    expect(korean.stdout).toContain("P_NEXT_URL");
    const { goingLive } = (await doctor({}, "--going-live")).json<{ goingLive: string[] }>().result;
    expect(goingLive.join("\n")).toContain("ip-block@welcomepayments.co.kr");
  });

  it("shows set-up faults of the last day, as does review", async () => {
    const other = await openShop();
    onTestFinished(() => other.close());
    const reserved = await other.ledger.store.reserveApproval({
      orderId: "o1",
      price: 1_000,
      payType: "card",
    });
    if (reserved.status !== "reserved") throw new Error(reserved.reason);
    await other.ledger.store.markSending(reserved.call);
    const outcome = { outcome: "refused", code: "setup-fault", resultCode: "9011" } as const;
    await other.ledger.store.settle(reserved.call, outcome);
    expect(find(await other.tool(["doctor", "--json"]), "recent-setup-faults")).toMatchObject({
      status: "warn",
      message: expect.stringContaining("9011"),
    });
    const reviewed = await other.tool(["review", "--json"]);
    expect(reviewed.json<{ also: { setupFaults: number } }>().result.also.setupFaults).toBe(1);
  });

  it("names the block of foreign addresses where the gateway does not answer", () => {
    const gateway = new URL("https://payapi.paywelcome.co.kr");
    for (const step of ["tcp", "tls"] as const) {
      expect(unreachableAdvice(step, gateway).en).toContain("ip-block@welcomepayments.co.kr");
      expect(unreachableAdvice(step, gateway).ko).toContain("해외 IP");
    }
    expect(unreachableAdvice("dns", gateway).en).toContain("DNS");
  });
});
