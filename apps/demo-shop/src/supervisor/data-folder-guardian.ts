/** Removes the given folder on request, or when all processes that could request it have ended. */
import { rm } from "node:fs/promises";
import { untilStopped } from "./child-life.js";

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("No folder was named");
await untilStopped();
await rm(folder, { recursive: true, force: true, maxRetries: 5 });
process.exit(0);
