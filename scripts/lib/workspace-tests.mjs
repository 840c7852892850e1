import { relative } from "node:path";
import { BaseSequencer } from "vitest/node";
import { BriefReporter } from "./brief-reporter.mjs";
import { figuresOf } from "./vitest-config.mjs";
import { root } from "./workspace.mjs";

// A file that runs for long must not be the last to begin. Every other file ends within seconds.
const longest = [/^packages\/contract-tests\/test\/handler\//, /^packages\/simulation\//, /^apps\//];

class LongestFirst extends BaseSequencer {
  async sort(files) {
    const rank = ({ moduleId }) => {
      const found = longest.findIndex((each) => each.test(relative(root, moduleId).replaceAll("\\", "/")));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

/**
 * The vitest configuration of the whole workspace: every package is a project of one run, so that all of them share the
 * workers and one PostgreSQL.
 *
 * @param {"fast" | "deep"} tier
 */
export function workspaceConfig(tier) {
  const file = tier === "deep" ? "vitest.deep.config.ts" : "vitest.config.ts";
  return {
    test: {
      projects: [`packages/*/${file}`, `apps/*/${file}`],
      reporters: [
        new BriefReporter({
          command: tier === "deep" ? "npm run test:deep" : "npm test",
          figures: figuresOf(tier),
          verbose: process.env.PAYAPI_TEST_VERBOSE === "1",
        }),
      ],
      sequence: { sequencer: LongestFirst },
    },
  };
}
