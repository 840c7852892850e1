/**
 * Run by a package's build script, in its folder. Wherever its `exports` name a module `….refused.js` for some condition,
 * writes that module: it has every name of the one that others get, so that no bundler stumbles over a missing export, and
 * throws when it is evaluated.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));

for (const [subpath, conditions] of Object.entries(exports)) {
  const refused = Object.values(conditions).find((target) => target.endsWith(".refused.js"));
  if (refused === undefined) continue;
  const names = Object.keys(await import(pathToFileURL(resolve(conditions.default))));
  writeFileSync(refused, refusal(name + subpath.slice(1), names));
}

// A call at the top level: of a constant that nobody needs, a bundler may drop the whole module.
function refusal(entry, names) {
  const message = [
    `${entry} holds secrets and needs Node.js, and was loaded in a browser or an edge runtime.`,
    "Import it in server code only; in the browser use @payapi/core/browser.",
    'A Next.js route.ts needs export const runtime = "nodejs".',
    `서버(Node.js) 코드에서만 import할 수 있습니다. 브라우저에서는 @payapi/core/browser를 쓰고, Next.js의 route.ts에는 export const runtime = "nodejs"를 적으세요.`,
  ].join(" ");
  return `${[
    "function refuse() {",
    `  throw new Error(${JSON.stringify(message)});`,
    "}",
    ...names.map((exported) => `export const ${exported} = refuse();`),
  ].join("\n")}\n`;
}
