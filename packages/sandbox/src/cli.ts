import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { sandboxMerchant } from "./merchants.js";
import { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.js";
import { testCards } from "./test-cards.js";

const HELP = `payapi-sandbox: the PAYAPI gateway as a local server. No real money moves.

  --port <number>              the port to listen on; 0 takes any free one (default 4010)
  --host <address>             a loopback address (default 127.0.0.1)
  --tls-key <file>             a private key in PEM; https instead of http, together with --tls-cert
  --tls-cert <file>            its certificate in PEM
  --duplicate-oid <choice>     "refuse" or "accept" a second approval under one order number (default refuse)
  --help                       this text

The book is at /_sandbox, and as JSON at /_sandbox/book. Faults: POST and DELETE /_sandbox/faults.
`;

/** A wrong command line: exit code 2. */
class UsageError extends Error {}

/** Runs the command until SIGINT or SIGTERM. */
export async function main(args: readonly string[]): Promise<void> {
  let sandbox: Sandbox;
  try {
    const options = readOptions(args);
    if (options === "help") {
      process.stdout.write(HELP);
      return;
    }
    sandbox = await startSandbox({ ...options, log: (line) => console.log(line) });
  } catch (error) {
    console.error(`payapi-sandbox: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
    return;
  }
  // Before the greeting: whoever waits for it may send the signal at once.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void sandbox.close());
  console.log(greeting(sandbox.url));
}

function readOptions(args: readonly string[]): SandboxOptions | "help" {
  const values = parse(args[0] === "--" ? args.slice(1) : args);
  if (values.help) return "help";
  const duplicateOid = values["duplicate-oid"];
  if (duplicateOid !== undefined && duplicateOid !== "refuse" && duplicateOid !== "accept") {
    throw new UsageError('--duplicate-oid: "refuse" or "accept" is needed');
  }
  if (values.port !== undefined && !(/^\d{1,5}$/.test(values.port) && Number(values.port) <= 65535)) {
    throw new UsageError("--port: a number from 0 to 65535 is needed");
  }
  const tls = readTls(values["tls-key"], values["tls-cert"]);
  return {
    ...(values.port !== undefined && { port: Number(values.port) }),
    ...(values.host !== undefined && { host: values.host }),
    ...(duplicateOid !== undefined && { duplicateOid }),
    ...(tls && { tls }),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        host: { type: "string" },
        "tls-key": { type: "string" },
        "tls-cert": { type: "string" },
        "duplicate-oid": { type: "string" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)} (--help lists the options)`,
    );
  }
}

function readTls(key: string | undefined, cert: string | undefined): SandboxOptions["tls"] {
  if (key === undefined && cert === undefined) return undefined;
  if (key === undefined || cert === undefined) throw new UsageError("--tls-key and --tls-cert go together");
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

function greeting(url: string): string {
  const cards = testCards.map(
    ({ number, brand, decline }) => `  ${number.padEnd(18)}${brand.padEnd(18)}${decline?.en ?? "approved"}`,
  );
  return `PAYAPI sandbox at ${url}
Book: ${url}/_sandbox

Merchant (published, for sandboxes only):
  mid       ${sandboxMerchant.mid}
  signKey   ${sandboxMerchant.signKey}
  fieldKey  ${sandboxMerchant.fieldKey}
  fieldIv   ${sandboxMerchant.fieldIv}

Test cards (any expiry in the future):
${cards.join("\n")}

Ctrl-C stops it.`;
}
