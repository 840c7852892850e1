import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./workspace.mjs";

/**
 * Writes a generated page; with `--check`, only says whether it is current.
 *
 * @param {string} path from the project's root
 * @param {readonly string[]} lines
 */
export function writeOrCheck(path, lines) {
  const target = join(root, path);
  const text = `${lines.join("\n")}\n`;
  if (!process.argv.includes("--check")) {
    writeFileSync(target, text);
  } else if (readFileSync(target, "utf8") !== text) {
    console.error(`${path} is stale: run \`npm run docs\` and commit it.`);
    process.exitCode = 1;
  }
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly unknown[])[]} rows
 */
export function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** @param {unknown} value */
export function code(value) {
  return `\`${value}\``;
}
