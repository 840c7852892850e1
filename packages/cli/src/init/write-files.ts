import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import type { PlannedFile } from "./plan.js";

/**
 * Writes what is planned. A file that came to be since then is not overwritten.
 *
 * @throws Failure if a file cannot be written; those before it are there, and running it again writes the rest
 */
export function writeFiles(folder: string, files: readonly PlannedFile[]): void {
  for (const file of files) {
    try {
      writePlanned(join(folder, file.path), file);
    } catch (error) {
      throw notWritten(file.path, (error as NodeJS.ErrnoException).code ?? "unknown");
    }
  }
}

function writePlanned(place: string, { action, content }: PlannedFile): void {
  if (action === "append") appendFileSync(place, content);
  if (action !== "create") return;
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content, { flag: "wx" });
}

function notWritten(path: string, code: string): Failure {
  return new Failure(
    exitCodes.failed,
    "not-written",
    {
      en: "A file could not be written. Run this again once that is mended; what was written before stays.",
      ko: "파일을 쓸 수 없습니다. 문제를 해결한 뒤 다시 실행하세요. 먼저 쓴 파일은 그대로 있습니다.",
    },
    { details: [{ name: path, message: code }], facts: { files: [path] } },
  );
}
