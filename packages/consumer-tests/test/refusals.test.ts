import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { bundlers } from "./support/bundlers.js";
import { publishedPackages } from "./support/published.js";

const serverOnly = [
  "@payapi/core",
  "@payapi/core/crypto",
  "@payapi/core/handler",
  "@payapi/core/internal",
  "@payapi/core/notifications",
  "@payapi/express-middleware",
  "@payapi/ledger",
  "@payapi/ledger/internal",
  "@payapi/next-route-handlers",
];
/** For pages, data without a secret, and programs for a prompt. */
const others = [
  "@payapi/cli",
  "@payapi/core/browser",
  "@payapi/core/codes",
  "@payapi/core/operations",
  "@payapi/sandbox",
  "@payapi/sandbox/in-process",
];

describe("outside Node.js", () => {
  it("every entry is either refused or known to be harmless", () => {
    const entries = publishedPackages.flatMap((each) => [...each.entries]);
    const refused = entries.filter(([, targets]) => "node" in targets).map(([entry]) => entry);
    expect(refused.toSorted()).toEqual(serverOnly);
    const open = entries.filter(([, targets]) => !("node" in targets)).map(([entry]) => entry);
    expect(open.toSorted()).toEqual(others);
  });

  describe.each(Object.entries(bundlers))("%s", (_name, bundle) => {
    describe.each(["browser", "edge-light", "workerd"] as const)("for %s", (target) => {
      it.each(serverOnly)("%s fails the build, whichever name is imported", async (entry) => {
        const names = Object.keys(await import(entry));
        expect(names.length).toBeGreaterThan(0);
        for (const name of names) {
          const source = `import { ${name} } from "${entry}"; globalThis.used = ${name};`;
          await expect(bundle(source, target)).rejects.toThrow(/only-in-node\.js/);
        }
      });

      it.each(serverOnly)(
        "%s fails the build and says what to do where it is imported as a whole",
        async (entry) => {
          const code = bundle(`import * as entry from "${entry}"; globalThis.used = entry;`, target);
          const [scope, name] = entry.split("/");
          await expect(code).rejects.toThrow(
            `${scope}/${name} runs only in Node.js: import it in server code only`,
          );
        },
      );

      it.each(["@payapi/core/browser", "@payapi/core/codes", "@payapi/core/operations"])(
        "%s is the real thing",
        async (entry) => {
          const names = Object.keys(await import(entry));
          const code = await bundle(
            `import * as entry from "${entry}"; globalThis.names = Object.keys(entry);`,
            target,
          );
          const context = createContext({ names: [] });
          runInContext(code, context);
          expect([...context.names].toSorted()).toEqual(names.toSorted());
        },
      );
    });
  });
});
