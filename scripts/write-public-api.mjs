// Writes docs/public-api.md from the declarations that the published packages ship; with --check, only says whether it is current.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { code, table, writeOrCheck } from "./lib/generated-doc.mjs";
import { workspacePackages } from "./lib/workspace.mjs";

const kinds = { function: "function", class: "class", const: "value", interface: "type", type: "type" };

const published = workspacePackages()
  .map(({ folder }) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }))
  .filter(({ manifest }) => manifest.private !== true);

const counts = [];
const sections = published.flatMap(({ folder, manifest }) =>
  Object.entries(manifest.exports ?? {})
    .filter(([, target]) => typeof target === "object" && target.types !== undefined)
    .flatMap(([path, target]) => {
      const entry = join(manifest.name, path);
      const names = namesOf(join(folder, target.types)).toSorted((one, other) =>
        one.name < other.name ? -1 : 1,
      );
      counts.push([code(entry), String(names.length)]);
      return [
        `## ${code(entry)}`,
        "",
        table(
          ["name", "kind", "what it is"],
          names.map(({ name, kind, summary }) => [code(name), kind, summary]),
        ),
        "",
      ];
    }),
);

writeOrCheck("docs/public-api.md", [
  "# Public API",
  "",
  "Generated from the packages' declarations by `npm run docs`; don't edit it by hand. It lists every name that a published package",
  "exports. `@payapi/core/internal` and `@payapi/ledger/internal` are for the packages of this repository, and may change in any release.",
  "",
  table(["entry", "names"], counts),
  "",
  ...sections,
]);

/** The names that a declaration file exports, each with its kind and the first sentence of its TSDoc. */
function namesOf(file) {
  const text = readFileSync(file, "utf8");
  const names = [];
  const pattern = /export (?:type )?(?:\{([^}]*)\}|\*) from "([^"]+)"/g;
  for (const [, list, from] of text.matchAll(pattern)) {
    const source = from.startsWith(".") ? join(dirname(file), from.replace(/\.js$/, ".d.ts")) : undefined;
    if (list === undefined) {
      // All types of another package's entry.
      names.push(...(source === undefined ? [{ name: "*", kind: kinds.type, from }] : namesOf(source)));
      continue;
    }
    for (const part of list
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean)) {
      const [original, name = original] = part.replace(/^type /, "").split(" as ");
      names.push({ ...declarationOf(source, original), name, from });
    }
  }
  for (const [, name] of text.matchAll(
    /^export (?:declare )?(?:abstract )?(?:function|class|const|interface|type) (\w+)/gm,
  )) {
    if (!names.some((each) => each.name === name)) names.push({ ...declarationOf(file, name), name });
  }
  return names.map(({ from, ...each }) => ({
    ...each,
    summary: each.summary ?? (from === undefined || from.startsWith(".") ? "" : `see ${code(from)}`),
  }));
}

function declarationOf(file, name) {
  if (file === undefined) return { kind: "" };
  const text = readFileSync(file, "utf8");
  const found = new RegExp(
    `^(?:export )?(?:declare )?(?:abstract )?(function|class|const|interface|type) ${name}\\b`,
    "m",
  ).exec(text);
  if (found === null) {
    const again = namesOf(file).find((each) => each.name === name);
    if (again === undefined) throw new Error(`${file} does not declare ${name}`);
    return again;
  }
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, found.index))?.[1];
  return { kind: kinds[found[1]], summary: comment && firstSentence(comment) };
}

function firstSentence(comment) {
  const text = comment
    .replaceAll(/^\s*\* ?/gm, "")
    .split(/\n\s*@/)[0]
    .replaceAll(/\{@link (?:\w+\.)*(\w+)\}/g, "`$1`")
    .replaceAll(/\s+/g, " ")
    .trim();
  return (/^.*?[.:](?= [A-Z`]|$)/.exec(text)?.[0] ?? text).replaceAll("|", "\\|");
}
