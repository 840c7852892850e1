import { parseArgs } from "node:util";
import { runSeed } from "./run-seed.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    sabotage: { type: "string" },
    trace: { type: "boolean", default: false },
  },
});
const from = Number(values.from);
const began = performance.now();
let operations = 0;
for (let seed = from; seed < from + Number(values.seeds); seed++) {
  const result = await runSeed(seed);
  operations += result.operations;
  if (values.trace) console.log(result.trace.join("\n"));
  if (result.violation !== undefined) {
    console.log(result.trace.slice(-60).join("\n"));
    console.log(`seed ${seed}: ${result.violation.stack}`);
    process.exit(1);
  }
}
console.log(operations, Number(values.seeds) / ((performance.now() - began) / 1000), "seeds/s");
