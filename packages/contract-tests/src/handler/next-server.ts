import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fixtureFolder } from "./next-fixtures.js";
import { type ServerProcess, startServerProcess } from "./server-process.js";

/** Serves one of the fixture apps; `next start` on the one that the build script built, unless said. */
export async function startNext(
  settings: Readonly<Record<string, string>>,
  {
    folder = fixtureFolder("next-app"),
    command = "start",
    port = 0,
  }: { folder?: string; command?: "start" | "dev"; port?: number } = {},
): Promise<ServerProcess> {
  if (command === "start" && !existsSync(join(folder, ".next/BUILD_ID"))) {
    throw new Error("The Next.js fixture is not built: run the build script of contract-tests first.");
  }
  const next = createRequire(folder).resolve("next/dist/bin/next");
  return startServerProcess([next, command, "--port", String(port), "--hostname", "127.0.0.1"], folder, {
    NEXT_TELEMETRY_DISABLED: "1",
    ...settings,
  });
}
