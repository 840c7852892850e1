import { build } from "esbuild";
import { rolldown } from "rolldown";
import { here } from "./published.js";

/** The target of a bundle. */
export type Target = "browser" | "edge-light" | "workerd";

/** Bundles a module for a target that is not Node.js. */
export type Bundle = (source: string, target: Target) => Promise<string>;

// Next.js and wrangler set `browser` too, behind the name of their runtime.
const conditionsFor = (target: Target) => (target === "browser" ? [] : [target, "worker"]);

const withEsbuild =
  (minify: boolean): Bundle =>
  async (source, target) => {
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: here },
      bundle: true,
      write: false,
      format: "iife",
      platform: "browser",
      conditions: conditionsFor(target),
      minify,
      // A failed build rejects with the messages; printed as well, they would hide what failed in a green run.
      logLevel: "silent",
    });
    return outputFiles.map(({ text }) => text).join("\n");
  };

const withRolldown =
  (minify: boolean): Bundle =>
  async (source, target) => {
    const bundle = await rolldown({
      input: "entry",
      platform: "browser",
      resolve: { conditionNames: [...conditionsFor(target), "browser", "import", "module"] },
      logLevel: "warn",
      onLog: (_level, log) => {
        throw new Error(log.message);
      },
      plugins: [
        {
          name: "entry",
          resolveId: (id) => (id === "entry" ? `${here}/entry.js` : undefined),
          load: (id) => (id === `${here}/entry.js` ? source : undefined),
        },
      ],
    });
    const { output } = await bundle.generate({ format: "iife", minify });
    await bundle.close();
    return output.map((part) => (part.type === "chunk" ? part.code : "")).join("\n");
  };

export const bundlers: Readonly<Record<string, Bundle>> = {
  esbuild: withEsbuild(false),
  "esbuild, minified": withEsbuild(true),
  rolldown: withRolldown(false),
  "rolldown, minified": withRolldown(true),
};
