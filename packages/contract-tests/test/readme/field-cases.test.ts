import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const page = fileURLToPath(new URL("../../../../docs/field-cases.md", import.meta.url));
const rows = (await readFile(page, "utf8"))
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| case"))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** The tests of a row: the file of each, and its title as it stands in the source. */
function testsOf(cell: string): { readonly path: string; readonly title: string }[] {
  return cell.split("<br>").map((each) => {
    const [, path = "", title = ""] = /^\[[\w.-]+\]\(([^)]+)\): (.+)$/.exec(each) ?? [];
    return { path, title };
  });
}

it("lists at least sixty cases", () => {
  expect(rows.length).toBeGreaterThanOrEqual(60);
});

it.each(rows.map(([, name = "", holds = "", tests = ""]) => ({ name, holds, tests })))(
  "the case “$name” has tests that exist",
  async ({ holds, tests }) => {
    expect(holds).not.toBe("");
    for (const { path, title } of testsOf(tests)) {
      expect(path).not.toBe("");
      const source = await readFile(join(dirname(page), path), "utf8");
      const found = [`"${title}"`, `\`${title}\``, `'${title}'`].some((literal) => source.includes(literal));
      expect({ path, title, found }).toEqual({ path, title, found: true });
    }
  },
);
