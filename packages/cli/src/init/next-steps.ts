import type { Text } from "../text.js";
import type { PlannedFile } from "./files.js";
import type { Framework, PackageManager, Project } from "./project.js";

/** One thing to do, and the commands or the code for it. */
export interface Step {
  readonly text: Text;
  readonly lines: readonly string[];
}

/** What is left to do once the files are there. */
export function nextSteps(
  framework: Framework,
  project: Project,
  files: readonly PlannedFile[],
): readonly Step[] {
  const envExample = files.at(-1)?.path ?? ".env.example";
  const env = framework === "next" ? ".env.local" : ".env";
  return [
    ...install(framework, project),
    {
      text: {
        en: `Set the variables, with your own DATABASE_URL. ${env} stays out of git.`,
        ko: `변수를 설정하세요(DATABASE_URL은 직접 수정). ${env} 파일은 git에 올리지 마세요.`,
      },
      lines: [`cat ${envExample} >> ${env}`],
    },
    {
      text: { en: "Make the ledger's tables.", ko: "원장 테이블을 만드세요." },
      lines: [`npx @payapi/cli migrate --env-file ${env}`],
    },
    {
      text: {
        en: "Start the local gateway. It prints test cards; no real money moves.",
        ko: "로컬 결제 서버를 실행하세요. 테스트 카드가 출력되며 실제 결제는 일어나지 않습니다.",
      },
      lines: ["npx @payapi/sandbox --port 4010"],
    },
    ...mount(framework, project, env),
    {
      text: {
        en: `Write \`orders\`, \`context\` and \`authorize\` in ${settingsFile(files)}: until then every payment is answered with 403.`,
        ko: `${settingsFile(files)}에서 \`orders\`, \`context\`, \`authorize\`를 작성하세요. 그 전에는 모든 결제가 403으로 거절됩니다.`,
      },
      lines: [],
    },
    {
      text: {
        en: "Check the set-up, here and on the server that is to take money.",
        ko: "설정을 점검하세요(운영 서버에서도).",
      },
      lines: [`npx @payapi/cli doctor --env-file ${env}`],
    },
  ];
}

/** The packages a project needs, without those it has. */
function install(framework: Framework, { dependencies, dialect, packageManager }: Project): readonly Step[] {
  const adapter = framework === "express" ? "express-middleware" : "next-route-handlers";
  const wanted = [framework, "@payapi/core", "@payapi/ledger", `@payapi/${adapter}`];
  const ofExpress = framework === "express" ? ["@types/express"] : [];
  const types = dialect === "typescript" ? [...ofExpress, "@types/node"] : [];
  const addMissing = (names: readonly string[], ...flags: readonly string[]) => {
    const missing = names.filter((name) => !dependencies.has(name));
    return missing.length === 0 ? [] : [[add[packageManager], ...flags, ...missing].join(" ")];
  };
  const lines = [...addMissing(wanted), ...addMissing(types, "-D")];
  return lines.length === 0 ? [] : [{ text: { en: "Install.", ko: "패키지를 설치하세요." }, lines }];
}

const add: Readonly<Record<PackageManager, string>> = {
  npm: "npm install",
  pnpm: "pnpm add",
  yarn: "yarn add",
  bun: "bun add",
};

function mount(framework: Framework, project: Project, env: string): readonly Step[] {
  if (framework === "next") {
    return [
      {
        text: {
          en: "Start Next.js. The routes are at /api/payments and need no mounting; Next reads .env.local by itself.",
          ko: "Next.js를 실행하세요. 경로는 /api/payments이며 따로 연결할 것은 없습니다. .env.local은 Next가 읽습니다.",
        },
        lines: ["npx next dev"],
      },
    ];
  }
  return [
    {
      text: {
        en: "Mount it BEFORE express.json() and every other body parser, and let it end in order.",
        ko: "express.json() 등 본문 파서보다 먼저 연결하고, 종료할 때 정리되도록 하세요.",
      },
      lines: mountingCode(project),
    },
    ...(project.dialect === "typescript" ? [compilerOptions] : []),
    {
      text: {
        en: "Start your server with the variables.",
        ko: "변수와 함께 서버를 실행하세요.",
      },
      lines: [`node --env-file=${env} server.js`],
    },
  ];
}

const compilerOptions: Step = {
  text: {
    en: 'The packages are ES modules: tsconfig.json needs "module": "nodenext" (TypeScript 5.8 or newer) or "preserve".',
    ko: '패키지는 ES 모듈입니다. tsconfig.json에 "module": "nodenext"(TypeScript 5.8 이상) 또는 "preserve"가 필요합니다.',
  },
  lines: [],
};

function mountingCode({ dialect, esModules }: Project): readonly string[] {
  const imported =
    dialect === "commonjs"
      ? 'const { openPayments } = require("./payments.js");'
      : 'import { openPayments } from "./payments.js";';
  const use = ['app.use("/payments", payments.middleware);', "payments.closeWith(app.listen(3000));"];
  // Only ES modules may wait at their top.
  return esModules
    ? [imported, "const payments = await openPayments();", ...use]
    : [imported, "openPayments().then((payments) => {", ...use.map((line) => `  ${line}`), "});"];
}

function settingsFile(files: readonly PlannedFile[]): string {
  return files.find(({ path }) => /payments\.\w+$/.test(path))?.path ?? "payments";
}
