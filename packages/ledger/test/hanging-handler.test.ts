import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("an idle process waits until the time limit of a hanging handler is over", async () => {
  const program = fileURLToPath(new URL("./hanging-handler-process.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 60_000 });
  const [failure, run = ""] = stdout.split("\n");
  expect(failure).toBe("HandlerTimeout");
  expect(JSON.parse(run)).toMatchObject({ delivered: 0, failed: 1, dead: 0 });
});
