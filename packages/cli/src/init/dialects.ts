/** What the files of a project are written in. */
export type Dialect = "typescript" | "esm" | "commonjs";

/** All that the templates have of TypeScript: taking it out needs no compiler. Tests run what remains. */
const typeSyntax: readonly RegExp[] = [
  /^import type .*\n/gm,
  /type \w+, (?=.*\} from ")|, type \w+(?=.*\} from ")/g,
  /^export interface [\s\S]*?^\}\n\n/gm,
  /: Promise<Payments>(?= \{$)/gm,
  / as const(?=;$)/gm,
  / as \{ \[key: symbol\]: .*\}(?=;$)/gm,
];

/** A template, which is TypeScript, in the dialect of the project. */
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
