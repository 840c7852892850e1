import { helpText, readOptions, UsageError } from "./cli-options.js";
import { type SandboxMerchant, sandboxMerchant } from "./gateway/merchants.js";
import { testCards } from "./gateway/test-cards.js";
import { type Sandbox, startSandbox } from "./sandbox.js";

/** Runs the command until SIGINT or SIGTERM. */
export async function main(args: readonly string[]): Promise<void> {
  let sandbox: Sandbox;
  let merchants: readonly SandboxMerchant[];
  try {
    const options = readOptions(args);
    if (options === "help") {
      process.stdout.write(helpText());
      return;
    }
    merchants = options.merchants ?? [sandboxMerchant];
    sandbox = await startSandbox({ ...options, log: (line) => console.log(line) });
  } catch (error) {
    console.error(`payapi-sandbox: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
    return;
  }
  // Before the greeting: a caller that waits for it may send the signal at once.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void sandbox.close());
  console.log(greeting(sandbox.url, merchants));
}

function greeting(url: string, merchants: readonly SandboxMerchant[]): string {
  const cards = testCards.map(
    ({ number, brand, decline }) => `  ${number.padEnd(18)}${brand.padEnd(18)}${decline?.en ?? "Approved"}`,
  );
  return `PAYAPI sandbox at ${url}
Book: ${url}/_sandbox

${merchants.map(describe).join("\n")}

Test cards (any expiry in the future):
${cards.join("\n")}

Ctrl-C stops it.`;
}

/** Prints only the published merchant's keys; those of other merchants are secret. */
function describe({ mid, signKey, fieldKey, fieldIv }: SandboxMerchant): string {
  if (signKey !== sandboxMerchant.signKey) return `Merchant ${mid}`;
  return `Merchant (published, for sandboxes only):
  mid       ${mid}
  signKey   ${signKey}
  fieldKey  ${fieldKey}
  fieldIv   ${fieldIv}`;
}
