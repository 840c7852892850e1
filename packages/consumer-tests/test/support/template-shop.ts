import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { nodeScript, type RunningServer, runToEnd } from "./processes.js";
import { catalogVersion, installProject, type Project } from "./project.js";

/** What a Next.js app may have set. */
export interface Shape {
  readonly next: 15 | 16;
  readonly basePath: string;
  readonly trailingSlash: boolean;
  readonly rewrite: boolean;
  readonly standalone: boolean;
  readonly cacheComponents: boolean;
}

/** A default app of create-next-app in which `payapi init next` was run and filled in. */
export interface TemplateShop {
  readonly project: Project;
  build(shape: Shape): Promise<void>;
  /** The variables of its `.env.example`, with those of this machine and a new schema of the ledger. */
  settings(sandbox: RunningServer, publicUrl: string): Promise<Readonly<Record<string, string | undefined>>>;
  remove(): Promise<void>;
}

const cli = "node_modules/@payapi/cli/bin/payapi.mjs";
const next = "node_modules/next/dist/bin/next";

export async function makeTemplateShop(
  versions: { readonly next: string; readonly typescript: string },
  databaseUrl: string,
): Promise<TemplateShop> {
  const own = ["react", "react-dom", "pg", "@types/node", "@types/pg", "@types/react", "@types/react-dom"];
  const dependencies = Object.fromEntries(own.map((name) => [name, catalogVersion(name)]));
  const project = await installProject("create-next-app", "module", { ...versions, ...dependencies });
  const { folder } = project;
  await rm(join(folder, "next.config.ts"));
  await project.run(cli, "init", "next");
  const lib = join(folder, "lib/payments.ts");
  await writeFile(lib, fillIn(await readFile(lib, "utf8")));
  return {
    project,
    async build(shape) {
      await rm(join(folder, ".next"), { recursive: true, force: true });
      await writeFile(join(folder, "next.config.mjs"), configOf(shape));
      // Neither a secret nor a database is in its environment.
      await project.run(next, "build");
    },
    async settings(sandbox, publicUrl) {
      const env = {
        ...parseEnv(await readFile(join(folder, ".env.example"), "utf8")),
        PAYAPI_URL: sandbox.url,
        DATABASE_URL: databaseUrl,
        LEDGER_SCHEMA: `shapes_${randomUUID().replaceAll("-", "")}`,
        PUBLIC_URL: publicUrl,
      };
      const { code, output } = await runToEnd(nodeScript(join(folder, cli), "migrate"), {
        cwd: folder,
        env,
        timeoutMs: 60_000,
      });
      if (code !== 0) throw new Error(`payapi migrate ended with ${code}:\n${output}`);
      return env;
    },
    remove: project.remove,
  };
}

function configOf({ basePath, trailingSlash, rewrite, standalone, cacheComponents }: Shape): string {
  const config = {
    ...(basePath !== "" && { basePath }),
    ...(trailingSlash && { trailingSlash }),
    ...(standalone && { output: "standalone" }),
    ...(cacheComponents && { cacheComponents }),
  };
  const rewrites = rewrite
    ? 'rewrites: async () => [{ source: "/pay/:path*", destination: "/api/payments/:path*" }],'
    : "";
  // Other lockfiles above the folder must not move its root.
  return `export default { ...${JSON.stringify(config)}, ${rewrites} outputFileTracingRoot: import.meta.dirname };\n`;
}

/** Writes what the template asks its reader to write: the orders, who is asking, what they may, and the payment page. */
function fillIn(template: string): string {
  const order = '({ id, price: 15_000, goodsName: "머그컵", buyerName: "홍길동", customerId: "user-1" })';
  const changes: readonly [RegExp, string][] = [
    [/^ {4}orders: .*$/m, `    orders: { find: async (id: string) => ${order} },`],
    [/^ {4}\/\/ (context: .*)$/m, "    $1"],
    [/^ {4}authorize: \(\{ action, order \}\) => \{\n.*?^ {4}\},$/ms, ""],
    [/^ {4}\/\/ (authorize: .*\n) {4}\/\/ (.*)$/m, "    $1    $2"],
    [/^ {6}\/\/ ("cards",.*)$/m, "      $1"],
  ];
  const filled = changes.reduce((text, [pattern, replacement]) => {
    if (!pattern.test(text)) throw new Error(`The template has no ${pattern.source}.`);
    return text.replace(pattern, replacement);
  }, template);
  return `import { cookies } from "next/headers";\n${filled}`;
}
