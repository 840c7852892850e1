/** `npm run demo`: installs, builds and starts the demo shop, and stops all of it on Ctrl-C or SIGTERM. */
import { join } from "node:path";
import { install, turbo } from "./lib/pnpm.mjs";
import { step } from "./lib/report.mjs";
import { run, stopOnSignals } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";

const [option] = process.argv.slice(2);
if (option !== undefined) {
  console.error(
    `npm run demo에는 옵션이 없습니다: ${option}. 사용 중인 포트는 자동으로 다음 번호로 바뀝니다.\nnpm run demo takes no option: ${option}. A port that is busy gives way to the next free one.`,
  );
  process.exit(2);
}
stopOnSignals();

const ready =
  (await step("install packages", install)) &&
  (await step("build the demo shop", () =>
    turbo(["build", "--filter=@payapi/demo-shop..."], { quiet: true }),
  ));

if (ready) {
  // Should this script be killed outright, the supervisor notices and stops by itself.
  const watch = new URL("./lib/stop-with-parent.mjs", import.meta.url).href;
  const supervisor = join(root, "apps", "demo-shop", "dist", "supervisor", "main.js");
  const { code } = await run(process.execPath, ["--import", watch, supervisor], {
    cwd: join(root, "apps", "demo-shop"),
    env: { DO_NOT_TRACK: "1", NEXT_TELEMETRY_DISABLED: "1" },
    // The supervisor stops its own processes, in its own order.
    wholeGroup: false,
  });
  process.exitCode = code;
} else {
  process.exitCode = 1;
}
