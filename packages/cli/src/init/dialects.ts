/** The language and module system of a project's files. */
export type Dialect = "typescript" | "esm" | "commonjs";

/** The TypeScript syntax in the templates, which is removed without a compiler. Tests run the results. */
const typeSyntax: readonly RegExp[] = [
  /^import type .*\n/gm,
  /type \w+, (?=.*\} from ")|, type \w+(?=.*\} from ")/g,
  /^export interface [\s\S]*?^\}\n\n/gm,
  /: Promise<Payments>(?= \{$)/gm,
  / as const(?=;$)/gm,
  / as \{ \[key: symbol\]: .*\}(?=;$)/gm,
];

/** Converts a TypeScript template to the project's dialect. */
export function translate(template: string, dialect: Dialect): string {
  if (dialect === "typescript") return template;
  const script = typeSyntax.reduce((text, syntax) => text.replaceAll(syntax, ""), template);
  return dialect === "esm" ? script : toCommonJs(script);
}

function toCommonJs(script: string): string {
  const exported = [...script.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => name);
  const body = script
    .replaceAll(/^import (\{.*\}) from ("[^"]+");$/gm, "const $1 = require($2);")
    .replaceAll(/^export /gm, "");
  return `${body}\nmodule.exports = { ${exported.join(", ")} };\n`;
}
