import { parseArgs } from "node:util";
import { runSeed, type SeedResult } from "./run-seed.js";
import { sabotages } from "./sabotage/sabotages.js";

const usage = `simulate --seeds N --from S [--sabotage name] [--database URL] [--trace]
  --seeds     how many lives of a shop, 100
  --from      the first seed, 1
  --sabotage  one of ${Object.keys(sabotages).join(", ")}
  --database  a PostgreSQL server, on which each seed has a schema of its own; the memory store otherwise
  --trace     every step of every seed`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    sabotage: { type: "string" },
    database: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});

const [seeds, from] = [Number(values.seeds), Number(values.from)];
const sabotage = values.sabotage === undefined ? undefined : sabotages[values.sabotage];
const isUsable =
  Number.isSafeInteger(seeds) &&
  seeds > 0 &&
  Number.isSafeInteger(from) &&
  from >= 0 &&
  (values.sabotage === undefined || sabotage !== undefined);

if (!isUsable) {
  console.error(usage);
  process.exitCode = 2;
} else {
  process.exitCode = await runAll();
}

async function runAll(): Promise<number> {
  const began = performance.now();
  let operations = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await runSeed(seed, { sabotage, database: values.database });
    operations += result.operations;
    if (values.trace) console.log(result.trace.join("\n"));
    if (result.violation !== undefined) {
      report(result, result.violation);
      return 1;
    }
  }
  const seconds = (performance.now() - began) / 1_000;
  const speed = (seeds / seconds).toFixed(1);
  console.log(
    `${seeds} seeds, ${operations} operations, 0 violations in ${seconds.toFixed(1)} s (${speed} seeds/s)`,
  );
  return 0;
}

function report({ seed, trace, hash }: SeedResult, violation: Error): void {
  if (!values.trace) console.log(trace.join("\n"));
  const isRule = violation.name === "Violation";
  console.log(`\nseed ${seed} (trace ${hash}): ${isRule ? violation.message : violation.stack}`);
  const also = values.sabotage === undefined ? "" : ` --sabotage ${values.sabotage}`;
  // A connection string has a password in it.
  const over = values.database === undefined ? "" : " --database URL";
  console.log(`To repeat it: npm run simulate -- --seeds 1 --from ${seed}${also}${over}`);
}
