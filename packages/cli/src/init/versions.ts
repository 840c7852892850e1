import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import type { Framework } from "./project.js";

/** The least versions the packages work with. */
export const leastVersions = { node: "20.19", express: "4.21", next: "15" } as const;

const names: Readonly<Record<keyof typeof leastVersions, string>> = {
  node: "Node.js",
  express: "Express",
  next: "Next.js",
};

/**
 * Refuses what is too old. A version that nobody can tell passes: the package manager will say.
 *
 * @throws Failure that says what to install
 */
export function checkVersions(
  framework: Framework,
  versions: { readonly node: string; readonly framework: string | undefined },
): void {
  const checked = [
    { of: "node", version: versions.node },
    { of: framework, version: versions.framework },
  ] as const;
  const old = checked.filter(
    ({ of, version }) => version !== undefined && isOlder(version, leastVersions[of]),
  );
  if (old.length === 0) return;
  const details = old.map(({ of, version }) => ({
    name: names[of],
    message: `${version} < ${leastVersions[of]}: ${of === "node" ? "https://nodejs.org" : `npm install ${of}@latest`}`,
  }));
  throw new Failure(
    exitCodes.configuration,
    "too-old",
    {
      en: "This is too old for the packages; nothing was written.",
      ko: "버전이 너무 낮습니다. 아무것도 쓰지 않았습니다.",
    },
    { details },
  );
}

function isOlder(version: string, least: string): boolean {
  const [have, need] = [version, least].map((text) =>
    text.split(".").map((part) => Number.parseInt(part, 10)),
  );
  const [major = 0, minor = 0] = have ?? [];
  const [leastMajor = 0, leastMinor = 0] = need ?? [];
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
