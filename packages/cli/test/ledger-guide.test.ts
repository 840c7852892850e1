import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { commands } from "../src/commands.js";
import { parseCommandLine } from "../src/parse.js";

const guide = readFileSync(new URL("../../../docs/guides/ledger.md", import.meta.url), "utf8");
const lines = [...guide.matchAll(/^payapi (.+)$/gm)].map(([, line = ""]) => line);

it.each(lines)("takes the guide's command: payapi %s", (line) => {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain);
  expect(parseCommandLine(words, commands)).toMatchObject({ kind: "run" });
});
