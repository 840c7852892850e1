/** Removes the folder that it is given when it is told to, or when everybody is gone who could tell. */
import { rm } from "node:fs/promises";
import { untilTold } from "./child-life.js";

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("No folder was named");
await untilTold();
await rm(folder, { recursive: true, force: true, maxRetries: 5 });
process.exit(0);
