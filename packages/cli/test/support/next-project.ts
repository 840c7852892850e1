import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

// Turbopack reads nothing outside its root, and the packages are linked from the workspace.
const root = fileURLToPath(new URL("../../../..", import.meta.url));
const turbopack = `turbopack: { root: ${JSON.stringify(root)} },`;
const configOptions = "/* config options here */";
const writtenByDefault = fileURLToPath(new URL("../../fixtures/create-next-app/", import.meta.url));

/** The files of a project before `payapi init`. */
export interface NextProject {
  readonly manifest: object;
  readonly files: Readonly<Record<string, string>>;
}

/** The default project of create-next-app: TypeScript, `app/` and `cacheComponents`. */
export const defaultNextProject: NextProject = fromFolder(writtenByDefault);

/** What create-next-app writes with `--js --src-dir --no-cache-components`. */
export const javascriptNextProject: NextProject = {
  manifest: {},
  files: {
    "next.config.mjs": `export default {\n  ${turbopack}\n};\n`,
    "jsconfig.json": JSON.stringify({ compilerOptions: { paths: { "@/*": ["./src/*"] } } }),
    "src/app/layout.js": `export default function RootLayout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
    "src/app/page.js": "export default function Home() {\n  return <main>Hello World!</main>;\n}\n",
  },
};

/** A page that lists all payments, in TypeScript or JavaScript. Without `connection()`, `next build` would render it. */
export const paymentsPage = `import { connection } from "next/server";
import { Suspense } from "react";
import { getPayments } from "@/lib/payments";

async function Payments() {
  await connection();
  const { ledger } = await getPayments();
  const payments = await ledger.payments.list();
  return payments.map(({ orderId, status }) => <p key={orderId}>{orderId + ": " + status}</p>);
}

export default function Page() {
  return (
    <Suspense>
      <Payments />
    </Suspense>
  );
}
`;

function fromFolder(folder: string): NextProject {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const files = Object.fromEntries(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path).replaceAll(sep, "/"), readFileSync(path, "utf8")];
    }),
  );
  const { "package.json": manifest = "", "next.config.ts": config = "", ...others } = files;
  if (!config.includes(configOptions)) throw new Error("The fixture's next.config.ts has changed.");
  return {
    manifest: JSON.parse(manifest),
    files: { ...others, "next.config.ts": config.replace(configOptions, turbopack) },
  };
}
