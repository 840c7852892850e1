import { resolve } from "node:path";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { type PlannedFile, planFiles, writeFiles } from "../init/files.js";
import { nextSteps } from "../init/next-steps.js";
import { type Framework, frameworks, readProject } from "../init/project.js";
import { flag, text as textOption, type ValuesOf } from "../options.js";
import { joined, type Phrase, type Text } from "../text.js";

const options = {
  dir: textOption("FOLDER", {
    en: "the project (default: this folder)",
    ko: "프로젝트 폴더(기본: 현재 폴더)",
  }),
  "dry-run": flag({ en: "print the files and write nothing", ko: "파일을 쓰지 않고 출력만 함" }),
};

/** Writes the few files with which a project takes payments. */
export const init: Command = {
  name: "init",
  summary: {
    en: "write the files with which an Express or Next.js project takes payments",
    ko: "Express 또는 Next.js 프로젝트에 결제 파일 생성",
  },
  notes: {
    en: "Nothing is ever overwritten: if one of the files exists with other content, none is written (exit code 1). The files allow nothing until you write who may pay.",
    ko: "기존 파일은 절대 덮어쓰지 않습니다. 다른 내용의 파일이 하나라도 있으면 아무것도 쓰지 않습니다(종료 코드 1). 결제 권한을 작성하기 전에는 아무것도 허용되지 않습니다.",
  },
  forms: frameworks.map((framework) =>
    form({ args: [framework], options, run: async (call) => initProject(framework, call.options) }),
  ),
};

function initProject(
  framework: Framework,
  { dir = ".", "dry-run": dryRun }: ValuesOf<typeof options>,
): Report {
  const project = readProject(resolve(dir), framework);
  const files = planFiles(framework, project);
  const steps = nextSteps(framework, project, files);
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
      ...files.flatMap((file) => fileLines(file, dryRun)),
      "",
      { en: "Next:", ko: "다음 단계:" },
      ...steps.flatMap(({ text, lines }, at) => [
        joined([`${at + 1}.`, text], " "),
        ...lines.map((line) => `     ${line}`),
      ]),
    ],
  };
}

const actions: Readonly<Record<PlannedFile["action"], Text>> = {
  create: { en: "new", ko: "생성" },
  keep: { en: "unchanged", ko: "변경 없음" },
};

function fileLines({ path, action, content }: PlannedFile, isWhole: boolean): readonly Phrase[] {
  const line = joined([actions[action], path], ": ");
  if (!isWhole || action === "keep") return [line];
  return ["", joined(["###", line], " "), ...content.trimEnd().split("\n")];
}
