// Writes packages/ledger/src/store/postgres/schema.generated.ts from packages/ledger/schema.sql; with --check, only says whether it is
// current. A module, since a file beside the code is left behind by bundlers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeOrCheck } from "./lib/generated-doc.mjs";
import { root } from "./lib/workspace.mjs";

const statements = readFileSync(join(root, "packages/ledger/schema.sql"), "utf8")
  .replace(/^\s*--.*\n/gm, "")
  .replace(/\n{2,}/g, "\n")
  .trim();

writeOrCheck("packages/ledger/src/store/postgres/schema.generated.ts", [
  "// Generated from packages/ledger/schema.sql by `npm run docs`; don't edit it by hand.",
  `export const schemaSql = ${JSON.stringify(statements)};`,
]);
