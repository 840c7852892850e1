import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { translate } from "./dialects.js";
import type { Framework, Project } from "./project.js";

/** What becomes of one file. */
export interface PlannedFile {
  /** Within the project, with `/`. */
  readonly path: string;
  readonly action: "create" | "keep";
  readonly content: string;
}

/**
 * What `init` would do. A file that it wrote and that is unchanged is kept, so that it may be run again.
 *
 * @throws Failure if a file is there that says something else
 */
export function planFiles(framework: Framework, project: Project): readonly PlannedFile[] {
  const sources = sourceFiles(framework, project);
  const taken = sources.flatMap(({ path, content }) => occupants(project, path, content));
  if (taken.length > 0) throw exists(taken);
  return [
    ...sources.map(({ path, content }): PlannedFile => {
      const action = existsSync(join(project.folder, path)) ? "keep" : "create";
      return { path, action, content };
    }),
    envFile(framework, project),
  ];
}

function sourceFiles(framework: Framework, { dialect, sources }: Project) {
  const extension = dialect === "typescript" ? "ts" : "js";
  const names = {
    express: ["payments"],
    next: ["app/api/payments/[...route]/route", "lib/payments"],
  } as const;
  return names[framework].map((name) => ({
    path: `${sources}${name}.${extension}`,
    content: translate(readTemplate(`${framework}/${name}.ts`), dialect),
  }));
}

// A file of the same name in another dialect would answer the same import, or the same route.
function occupants({ folder }: Project, path: string, content: string): string[] {
  const stem = path.replace(/\.\w+$/, "");
  return ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"]
    .map((extension) => `${stem}.${extension}`)
    .filter((each) => existsSync(join(folder, each)))
    .filter((each) => each !== path || readFileSync(join(folder, each), "utf8") !== content);
}

function exists(paths: readonly string[]): Failure {
  return new Failure(
    exitCodes.failed,
    "files-exist",
    {
      en: "These files exist and nothing was written. Move them away, or add what you need by hand (--dry-run in an empty project shows it).",
      ko: "이미 있는 파일이 있어 아무것도 쓰지 않았습니다. 파일을 옮기거나 필요한 부분을 직접 추가하세요(빈 프로젝트에서 --dry-run으로 확인).",
    },
    { details: paths.map((name) => ({ name, message: "exists" })), facts: { files: paths } },
  );
}

/** A shop's own example of variables stays as it is. */
function envFile(framework: Framework, { folder }: Project): PlannedFile {
  const content = readTemplate(`${framework}/env.example`);
  const own = join(folder, ".env.example");
  const isTaken = existsSync(own) && readFileSync(own, "utf8") !== content;
  const path = isTaken ? ".env.payapi.example" : ".env.example";
  return { path, action: existsSync(join(folder, path)) ? "keep" : "create", content };
}

function readTemplate(path: string): string {
  return readFileSync(new URL(`../../templates/${path}`, import.meta.url), "utf8");
}

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
  if (action !== "create") return;
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content, { flag: "wx" });
}

function notWritten(path: string, code: string): Failure {
  return new Failure(
    exitCodes.failed,
    "not-written",
    {
      en: "A file could not be written. Run this again once that is fixed; what was written before stays.",
      ko: "파일을 쓸 수 없습니다. 문제를 해결한 뒤 다시 실행하세요. 먼저 쓴 파일은 그대로 있습니다.",
    },
    { details: [{ name: path, message: code }], facts: { files: [path] } },
  );
}
