import { resolve } from "node:path";
import type { Call, Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { usage } from "../failure.js";
import { nextSteps, type Step } from "../init/next-steps.js";
import { type PlannedFile, planFiles } from "../init/plan.js";
import { type Framework, frameworks, readProject } from "../init/project.js";
import { checkVersions } from "../init/versions.js";
import { writeFiles } from "../init/write-files.js";
import { argument, optional } from "../read-options.js";
import type { Text } from "../words.js";

/** Writes the few files with which a project takes payments. */
export const init: Command = {
  name: "init",
  summary: {
    en: "write the files with which an Express or Next.js project takes payments",
    ko: "Express 또는 Next.js 프로젝트에 결제 파일 생성",
  },
  usage: ["init express|next [--dir FOLDER] [--dry-run]"],
  arguments: 1,
  options: {
    dir: {
      type: "string",
      value: "FOLDER",
      help: { en: "the project, this folder unless said", ko: "프로젝트 폴더(기본: 현재 폴더)" },
    },
    "dry-run": {
      type: "boolean",
      help: { en: "print the files and write nothing", ko: "파일을 쓰지 않고 출력만 함" },
    },
  },
  notes: {
    en: "Nothing is ever overwritten: if one of the files exists and differs, none is written (exit code 1). Nothing is allowed by the files until you write who may pay.",
    ko: "기존 파일은 절대 덮어쓰지 않습니다. 다른 내용의 파일이 하나라도 있으면 아무것도 쓰지 않습니다(종료 코드 1). 결제 권한을 작성하기 전에는 아무것도 허용되지 않습니다.",
  },
  async run(call) {
    const framework = readFramework(call);
    const project = readProject(resolve(optional(call, "dir") ?? "."), framework);
    checkVersions(framework, { node: process.versions.node, framework: project.frameworkVersion });
    const files = planFiles(framework, project);
    const steps = nextSteps(framework, project, files);
    const dryRun = call.options["dry-run"] === true;
    if (!dryRun) writeFiles(project.folder, files);
    return {
      exitCode: exitCodes.ok,
      result: {
        framework,
        dialect: project.dialect,
        dryRun,
        files,
        steps: steps.flatMap(({ lines }) => lines),
      },
      lines: [
        ...files.flatMap((file) => fileLines(call, file, dryRun)),
        "",
        call.say({ en: "Next:", ko: "다음 단계:" }),
        ...steps.flatMap((step, at) => stepLines(call, step, at + 1)),
      ],
    };
  },
};

const actions: Readonly<Record<PlannedFile["action"], Text>> = {
  create: { en: "new", ko: "생성" },
  append: { en: "added to", ko: "추가" },
  keep: { en: "unchanged", ko: "변경 없음" },
};

function readFramework(call: Call): Framework {
  const given = argument(call, "express|next");
  const framework = frameworks.find((name) => name === given);
  if (framework === undefined) {
    throw usage('init takes "express" or "next".', 'init 뒤에는 "express" 또는 "next"를 입력하세요.');
  }
  return framework;
}

function fileLines(call: Call, { path, action, content }: PlannedFile, whole: boolean): string[] {
  const line = `${call.say(actions[action])}: ${path}`;
  return whole && action !== "keep" ? ["", `### ${line}`, ...content.trimEnd().split("\n")] : [line];
}

function stepLines(call: Call, { text, lines }: Step, number: number): string[] {
  return [`${number}. ${call.say(text)}`, ...lines.map((line) => `     ${line}`)];
}
