import { readFileSync } from "node:fs";

const readme = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");

/** The example's routes of the payments, as TypeScript, exactly as they are written in README.md. */
export function readmeExample(heading: "Express" | "Next.js"): string {
  return readmeBlock(heading, "ts", "createPayApi(");
}

/** README.md's other route of the Next.js example, which makes orders. */
export const readmeOrders = (): string => readmeBlock("Next.js", "ts", "export async function POST");

/** README.md's page, which serves both examples. */
export const readmePage = (): string => readmeBlock("A shop in five minutes", "html");

/** The one block of a language under a heading of README.md. */
export function readmeBlock(heading: string, language: string, containing = ""): string {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  const blocks = [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))]
    .map(([, block = ""]) => block)
    .filter((block) => block.includes(containing));
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new Error(
      `README.md has ${blocks.length} blocks of ${language} under "${heading}"; one is expected.`,
    );
  }
  return block;
}
