import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { problemTable } from "@payapi/core/handler";
import { describe, expect, it } from "vitest";
import { readmeExample } from "../../src/readme/examples.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const adapters = ["packages/express-middleware/README.md", "packages/next-route-handlers/README.md"] as const;

describe.each(["README.md", "README.ko.md", ...adapters])("%s", (path) => {
  it("has no broken link", () => {
    const links = [...read(path).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(3);
    const missing = links.filter((link) => !existsSync(join(root, dirname(path), link)));
    expect(missing).toEqual([]);
  });

  it("states that keyed-in card data means PCI DSS SAQ D", () => {
    expect(read(path)).toMatch(/PCI DSS,?\s+SAQ D/);
  });
});

describe("README.ko.md", () => {
  it("has the code blocks of README.md", () => {
    expect(blocks(read("README.ko.md"))).toEqual(blocks(read("README.md")));
  });

  it("has the headings and tables of README.md", () => {
    const shape = (text: string) =>
      text.split("\n").flatMap((line) => (/^(## |\|)/.test(line) ? [line.slice(0, 2)] : []));
    expect(shape(read("README.ko.md"))).toEqual(shape(read("README.md")));
  });
});

describe.each([
  { path: adapters[0], example: readmeExample("Express") },
  { path: adapters[1], example: readmeExample("Next.js") },
])("$path", ({ path, example }) => {
  it("has exactly the tested example", () => {
    const examples = blocks(read(path)).filter((block) => block.startsWith("```ts"));
    expect(examples).toEqual([`\`\`\`ts\n${example}\`\`\``]);
  });

  it("lists every problem of the handler", () => {
    const codes = Object.keys(problemTable).filter(
      // In Express an unknown path belongs to the shop.
      (code) => code !== "not-found" || !path.includes("express"),
    );
    expect(codes.filter((code) => !read(path).includes(`\`${code}\``))).toEqual([]);
  });

  it("stays under 120 lines", () => {
    expect(read(path).split("\n").length).toBeLessThan(120);
  });
});

function blocks(text: string): string[] {
  return [...text.matchAll(/^```\w+\n.*?^```/gms)].map(([block]) => block);
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}
