import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { bundlers, type Target } from "./support/bundlers.js";
import { publishedPackages } from "./support/published.js";

const serverOnly = [
  "@payapi/core",
  "@payapi/core/crypto",
  "@payapi/core/handler",
  "@payapi/core/node",
  "@payapi/core/notifications",
  "@payapi/core/testing",
  "@payapi/express-middleware",
  "@payapi/ledger",
  "@payapi/ledger/store",
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

function refusalFor(entry: string, target: Target): string {
  return target === "browser"
    ? `${entry} is not for browsers: import it in server code only; in the browser use @payapi/core/browser. 서버 코드에서만 import하세요. 브라우저에서는 @payapi/core/browser를 씁니다.`
    : `${entry} needs Node.js, and this is an edge runtime: remove \`export const runtime = "edge"\` from the route's file; Next.js then runs it in Node.js. Edge 런타임에서는 쓸 수 없습니다. 라우트 파일에서 \`export const runtime = "edge"\`를 삭제하면 Node.js에서 실행됩니다.`;
}

/** Runs a bundle where nothing of Node.js is; returns the message of what it throws. */
function messageFrom(code: string): string | undefined {
  try {
    runInContext(code, createContext({}));
    return undefined;
  } catch (error) {
    // An error of another context is no instance of this one's Error.
    return (error as Error).message;
  }
}

describe("outside Node.js", () => {
  it("every entry is either refused or known to be harmless", () => {
    const entries = publishedPackages.flatMap((each) => [...each.entries]);
    const refused = entries.filter(([, targets]) => "browser" in targets).map(([entry]) => entry);
    expect(refused.toSorted()).toEqual(serverOnly);
    const open = entries.filter(([, targets]) => !("browser" in targets)).map(([entry]) => entry);
    expect(open.toSorted()).toEqual(others);
  });

  describe.each(Object.entries(bundlers))("%s", (_name, bundle) => {
    describe.each(["browser", "edge-light", "workerd"] as const)("for %s", (target) => {
      it.each(serverOnly)("%s says what to do, whichever name is used", async (entry) => {
        const names = Object.keys(await import(entry));
        expect(names.length).toBeGreaterThan(0);
        for (const used of [...names.map((name) => [name]), names]) {
          const code = await bundle(
            `import { ${used.join(", ")} } from "${entry}"; globalThis.used = [${used.join(", ")}];`,
            target,
          );
          expect(messageFrom(code)).toBe(refusalFor(entry, target));
          expect(code.length).toBeLessThan(2_500);
        }
      });

      it("a call is not made to vanish", async () => {
        const code = await bundle(
          `import { createPayApi } from "@payapi/core"; const payapi = createPayApi({ mid: "m" });`,
          target,
        );
        expect(messageFrom(code)).toBe(refusalFor("@payapi/core", target));
      });

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
