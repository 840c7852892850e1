import { parseArgs } from "node:util";
import { findSeed } from "./find-seed.js";
import { runSeed, type SeedResult } from "./run-seed.js";
import { sabotages } from "./sabotage/sabotages.js";

const usage = `simulate --seeds N --from S [--sabotage name] [--database URL] [--trace] [--find-sabotages]
  --seeds     how many lives of a shop, 100
  --from      the first seed, 1
  --sabotage  one of ${Object.keys(sabotages).join(", ")}
  --database  a PostgreSQL server, on which each seed has a schema of its own; the memory store otherwise
  --trace     every step of every seed
  --find-sabotages
              instead: the smallest of these seeds that finds each sabotage (or the one named), for its foundBy`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    sabotage: { type: "string" },
    database: { type: "string" },
    trace: { type: "boolean", default: false },
    "find-sabotages": { type: "boolean", default: false },
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
  process.exitCode = await (values["find-sabotages"] ? findAll() : runAll());
}

async function findAll(): Promise<number> {
  const wanted = Object.entries(sabotages).filter(([name]) => name === (values.sabotage ?? name));
  let missing = 0;
  for (const [name, each] of wanted) {
    const seed = await findSeed(each, { from, seeds });
    if (seed === undefined) missing++;
    const isOutdated = seed !== undefined && seed !== each.foundBy;
    console.log(`${name}: ${seed ?? "not found"}${isOutdated ? ` (foundBy is ${each.foundBy})` : ""}`);
  }
  return missing === 0 ? 0 : 1;
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
