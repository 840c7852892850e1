/**
 * Run by a package's build script, in its folder, after tsc. Entries of `exports` that name a module for edge runtimes or
 * browsers get it written: it has the entry's names and throws when it is evaluated (docs/decisions/0007).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { readJson } from "./lib/workspace.mjs";

const edge = (name) =>
  `${name} needs Node.js, and this is an edge runtime: remove \`export const runtime = "edge"\` from the route's file; Next.js then runs it in Node.js. ` +
  `Edge 런타임에서는 쓸 수 없습니다. 라우트 파일에서 \`export const runtime = "edge"\`를 삭제하면 Node.js에서 실행됩니다.`;
const browser = (name) =>
  `${name} is not for browsers: import it in server code only; in the browser use @payapi/core/browser. ` +
  "서버 코드에서만 import하세요. 브라우저에서는 @payapi/core/browser를 씁니다.";
const messages = { "edge-light": edge, workerd: edge, browser };
const conditions = Object.keys(messages);

const manifest = readJson("package.json");

for (const [path, targets] of Object.entries(manifest.exports)) {
  const refused = conditions.filter((condition) => targets[condition] !== undefined);
  if (refused.length === 0) continue;
  // The first condition that matches wins: `types` for compilers, and `default` only for what is neither of these.
  const order = Object.keys(targets).join();
  if (order !== ["types", ...conditions, "default"].join()) {
    throw new Error(`${manifest.name}: ${path} in exports has the conditions ${order}`);
  }
  const names = Object.keys(await import(pathToFileURL(targets.default).href));
  for (const condition of refused) {
    mkdirSync(dirname(targets[condition]), { recursive: true });
    writeFileSync(targets[condition], refusal(messages[condition](posix.join(manifest.name, path)), names));
  }
}

/**
 * Every name is the one constant that throws. A `throw` of its own would be dropped wherever bundlers know what a name is
 * worth, as `sideEffects: false` lets them.
 */
function refusal(message, names) {
  return `const refused = (() => {
  throw new Error(${JSON.stringify(message)});
})();
export { ${names.map((name) => `refused as ${name}`).join(", ")} };
`;
}
