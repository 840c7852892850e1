/**
 * `next start` that also ends when its stdin ends, so that it never outlives the supervisor.
 * Arguments: the app's folder, hostname and port.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { patienceMs } from "./child-life.js";

const [folder = ".", hostname = "127.0.0.1", port = "4000"] = process.argv.slice(2);

const end = () => {
  setTimeout(() => process.exit(1), patienceMs).unref();
  process.kill(process.pid, "SIGTERM");
};
process.stdin.once("end", end).once("error", end).resume();

const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
process.argv = [process.execPath, next, "start", folder, "--hostname", hostname, "--port", port];
await import(pathToFileURL(next).href);
