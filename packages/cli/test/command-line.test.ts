import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Command } from "../src/command.js";
import { commands } from "../src/commands.js";
import { exitCodeTexts } from "../src/exit-codes.js";
import { main } from "../src/main.js";
import { optionsOf } from "../src/parse.js";
import { databaseUrl, openShop, type Shop, sql } from "./support/shop.js";
import { merchant, run } from "./support/tool.js";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const names = commands.map(({ name }) => name);
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

describe("help", () => {
  it.each([[[]], [["--help"]], [["help"]], [["--", "--help"]]])("lists every command: %j", async (args) => {
    const help = await run(args, {});
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const name of names) expect(help.stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    for (const name of Object.keys(shop.env)) expect(help.stdout).toContain(name);
  });

  it.each(names)("says what %s takes, in both languages, without any configuration", async (name) => {
    const command = commands.find((each) => each.name === name);
    for (const args of [
      [name, "--help"],
      ["help", name],
      [name, "--help", "--lang", "ko"],
    ]) {
      const help = await run(args, {});
      expect(help).toMatchObject({ code: 0, stderr: "" });
      for (const option of [
        ...Object.keys(command === undefined ? {} : optionsOf(command)),
        "json",
        "lang",
        "env-file",
      ]) {
        expect(help.stdout).toContain(`--${option}`);
      }
      expect(help.stdout).toMatch(/^ {2}3 {2}/m);
    }
    expect((await run([name, "--help", "--lang", "ko"], {})).stdout).toMatch(/[가-힣]/);
  });

  it("knows its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect((await run(["--version"], {})).stdout).toBe(`${version}\n`);
  });
});

/** A command's row in the README: its forms with what tells them apart, and its summary. */
function commandRow({ name, forms, summary }: Command): string {
  const written = forms.map(({ args, options }) => {
    const flags = Object.entries(options).filter(([, option]) => option.isRequired && !option.value);
    return `\`${[name, ...args, ...flags.map(([flag]) => `--${flag}`)].join(" ")}\``;
  });
  return `| ${written.join(", ")} | ${summary.en} |`;
}

describe("README.md", () => {
  it("has the exit codes, the commands and the variables, in under 120 lines", () => {
    expect(readme.split("\n").length).toBeLessThan(120);
    const rows = readme.match(/^\| (`[a-z]|\d ).*$/gm) ?? [];
    expect(rows).toEqual([
      ...commands.map(commandRow),
      ...Object.entries(exitCodeTexts).map(([code, { en }]) => `| ${code} | ${en} |`),
    ]);
    for (const name of Object.keys(shop.env)) expect(readme).toContain(`\`${name}`);
  });
});

describe("a wrong command line", () => {
  it.each([
    [["cancle", "order-1"], "Unknown command. The commands are review, "],
    [["review", "order-1"], "too many arguments"],
    [["cancel", "order-1", "order-2"], "usage: payapi cancel <orderId> [--amount WON]"],
    [["cancel"], "<orderId>"],
    [["cancel", "order-1", "--amont", "5"], "--amont"],
    [["cancel", "order-1", "--amount"], "lack its value"],
    [["review", "--lang", "fr"], "--lang"],
    [["resolve"], "<orderId>, --outcome, --actor, --evidence are missing."],
    [["resolve", "o", "--actor", "kim"], "--outcome, --evidence are missing."],
    [["resolve", "o"], "usage: payapi resolve <orderId> --outcome moved|not-moved"],
    [["close", "o", "--evidence", "e"], "--seen, --actor are missing."],
    [["notifications", "release"], "<id>, --actor, --evidence are missing."],
    [["notifications", "release"], "usage: payapi notifications release <id>"],
    [["database", "accept"], "--seen, --actor, --evidence are missing."],
    [["events", "redeliver"], "<eventId> or --all is missing."],
  ])("ends with 2 and says why: %j", async (args, named) => {
    const wrong = await shop.tool(args);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^payapi: /);
    expect(wrong.stderr).toContain(named);
    const json = await shop.tool([...args.filter((arg) => arg !== "--amount"), "--json"]);
    if (!args.includes("--amount")) {
      expect(json).toMatchObject({ code: 2, stderr: "" });
      expect(json.json()).toMatchObject({ ok: false, exitCode: 2, error: { code: "usage" } });
    }
  });

  it.each([
    ["--sign-key", merchant.signKey],
    ["--field-key", merchant.fieldKey],
    ["--field-iv", merchant.fieldIv],
    ["--database-url", "postgres://someone:canary-password@db/shop"],
    ["--password", "canary-password"],
    ["--card-number", "4111111111111111"],
  ])("takes no secret, and repeats none: %s", async (option, secret) => {
    for (const args of [
      ["review", option, secret],
      ["review", `${option}=${secret}`, "--json"],
    ]) {
      const wrong = await shop.tool(args, { PAYAPI_SIGN_KEY: undefined, DATABASE_URL: undefined });
      expect(wrong.code).toBe(2);
      expect(wrong.stdout + wrong.stderr).toContain("no secret is taken from the command line");
    }
  });

  it("repeats nothing that was typed in the wrong place", async () => {
    for (const args of [
      ["4111111111111111"],
      ["review", "4111111111111111"],
      ["review", "--4111111111111111"],
    ]) {
      expect((await shop.tool(args)).code).toBe(2);
    }
  });
});

describe("the configuration", () => {
  it("comes from a file where the environment has none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "payapi cli 시험 "));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "shop.env");
    const lines = Object.entries(shop.env).map(([name, value]) => `${name}="${value}"`);
    await writeFile(file, `# the shop\n${lines.join("\n")}\n`, { mode: 0o600 });
    expect((await run(["review", "--env-file", file], {})).code).toBe(0);
    expect((await run(["orders", `--env-file=${file}`], {})).code).toBe(0);
    const overruled = await run(["review", "--env-file", file], { LEDGER_SCHEMA: "nowhere" });
    expect(overruled.code).toBe(4);
    // Node.js reads --env-file too, and ends by itself when the file is missing.
    const none = join(folder, "none.env");
    expect((await run(["review", "--env-file", none], {})).code).not.toBe(0);
    const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
    expect(await main(["review", "--env-file", none], { env: shop.env, ...streams })).toBe(4);
    expect(String(streams.stderr.read())).toContain("--env-file cannot be read (ENOENT)");
  });

  it.each(["cancel order-1", "review", "migrate", "resolve o --outcome not-moved --actor a --evidence e"])(
    "that is missing ends with 4 and names the variables: %s",
    async (line) => {
      const bare = await run([...line.split(" "), "--json"], {});
      expect(bare.code).toBe(4);
      const { error } = bare.json<never, { code: string; details: { name: string }[] }>();
      expect(error.code).toBe("invalid-config");
      for (const { name } of error.details) expect(Object.keys(shop.env)).toContain(name);
      expect(error.details.length).toBeGreaterThan(0);
    },
  );

  it("is corrected in Korean too: each variable says what it must be", async () => {
    const wrong = {
      PAYAPI_ENVIRONMENT: "live",
      PAYAPI_URL: "https://gateway.example/path",
      PAYAPI_MID: undefined,
      PAYAPI_SIGN_KEY: undefined,
      PAYAPI_FIELD_KEY: "short",
      PAYAPI_FIELD_IV: "short",
    };
    const ledgerOnly = { LEDGER_SECRET: "short", LEDGER_PREVIOUS_SECRETS: "short" };
    for (const [command, env] of [
      ["cancel o", wrong],
      ["review", ledgerOnly],
      ["review", { LEDGER_SCHEMA: "1st", DATABASE_URL: "none", LEDGER_DATABASE_IDENTITY: "none" }],
    ] as const) {
      const { code, stderr } = await shop.tool([...command.split(" "), "--lang", "ko"], env);
      expect(code).toBe(4);
      const [said, ...variables] = stderr.trimEnd().split("\n");
      expect(said).toBe("payapi: 설정이 올바르지 않습니다. 아무것도 실행되지 않았습니다.");
      expect(variables.map((line) => line.trim().split(":")[0]).sort()).toEqual(Object.keys(env).sort());
      for (const line of variables) expect(line).toMatch(/[가-힣]/);
    }
  });

  it("of the published sandbox merchant works nowhere else", async () => {
    const live = await shop.tool(["cancel", "order-1"], {
      PAYAPI_ENVIRONMENT: "production",
      PAYAPI_URL: undefined,
      PAYAPI_MID: "sandbox001",
    });
    expect(live.code).toBe(4);
    expect(live.stderr).toContain("PAYAPI_MID");
  });

  it.each(["review", "orders", "events", "resolve o --outcome not-moved --actor a --evidence e"])(
    "of the published sandbox merchant works nowhere else, also without a call to the gateway: %s",
    async (line) => {
      for (const environment of ["production", "test"]) {
        const live = await shop.tool([...line.split(" "), "--json"], {
          PAYAPI_ENVIRONMENT: environment,
          PAYAPI_URL: undefined,
          PAYAPI_MID: "sandbox001",
        });
        expect(live.code).toBe(4);
        expect(live.json<never, { details: object[] }>().error.details).toEqual([
          { name: "PAYAPI_MID", message: expect.stringContaining("published sandbox merchant") },
        ]);
      }
    },
  );

  it.each([
    ["LEDGER_SCHEMA", "bad schema;"],
    ["LEDGER_SCHEMA", "pg_catalog"],
    ["LEDGER_SCHEMA", "1st"],
    ["LEDGER_SCHEMA", "s".repeat(64)],
    ["DATABASE_URL", "not-a-url"],
    ["DATABASE_URL", "mysql://shop@db/shop"],
    ["DATABASE_URL", "postgres://shop:canary-password@db:port/shop"],
  ])("that can be none ends with 4 and names %s: %s", async (name, value) => {
    for (const command of ["review", "migrate", "journal", "worker"]) {
      const wrong = await shop.tool([command, "--json"], { [name]: value });
      expect(wrong.code).toBe(4);
      const { error } = wrong.json<never, { code: string; details: { name: string }[] }>();
      expect(error).toMatchObject({ code: "invalid-config", details: [{ name }] });
    }
    const doctor = await shop.tool(["doctor"], { [name]: value });
    expect(doctor.code).toBe(4);
    expect(doctor.stdout).toContain(`FAIL   configuration: ${name} must be`);
    expect(doctor.stdout).not.toContain("the network in between");
  });

  it.each([
    "postgres://shop@/shop?host=/nowhere",
    "postgresql://shop:pw@127.0.0.1:1/shop",
    "/nowhere shop",
    "socket:/nowhere?db=shop",
  ])("leaves other ways to name a database to the driver: %s", async (url) => {
    expect((await shop.tool(["review"], { DATABASE_URL: url })).code).toBe(5);
  });
});

describe("migrate", () => {
  it("creates the tables, and does nothing the second time", async () => {
    const schema = `cli_${randomUUID().replaceAll("-", "")}`;
    onTestFinished(() => sql(`DROP SCHEMA "${schema}" CASCADE`));
    const env = { DATABASE_URL: databaseUrl, LEDGER_SCHEMA: schema };
    const first = (await run(["migrate", "--json"], env)).json<{ to: number }>();
    expect(first).toMatchObject({ ok: true, exitCode: 0, result: { schema, from: 0 } });
    expect(first.result.to).toBeGreaterThan(0);
    const second = await run(["migrate"], env);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(second.stdout).toContain("nothing to do");
  });
});
