import { readFileSync } from "node:fs";
import { quoted } from "./data-folder.js";
import type { Demo } from "./demo.js";

const text = readFileSync(new URL("../../greeting.txt", import.meta.url), "utf8");

export function greeting(demo: Demo): string {
  const values: Readonly<Record<string, string>> = {
    storefront: demo.storefrontUrl,
    staffLink: demo.staffLink(),
    sandbox: demo.sandboxUrl,
    operatorCommand: operatorCommand(demo, "review --lang ko"),
  };
  return text.replace(/\{(\w+)\}/g, (placeholder, name) => values[name] ?? placeholder);
}

/** A CLI command for this demo, as typed in the repository. */
export function operatorCommand({ operatorFile }: Pick<Demo, "operatorFile">, command: string): string {
  // The terminal's own values of these variables may belong to another shop.
  return `(set -a; . ${quoted(operatorFile)}; node packages/cli/bin/payapi.mjs ${command})`;
}

/** A sentence for each server on another port than usual. */
export function movedPorts(demo: Demo): string[] {
  const usual = [
    ["storefront", demo.storefrontUrl, 4000],
    ["back office", demo.backOfficeUrl, 4001],
    ["sandbox", demo.sandboxUrl, 4010],
  ] as const;
  return usual
    .filter(([, url, port]) => Number(new URL(url).port) !== port)
    .map(([name, url, port]) => {
      const { port: taken } = new URL(url);
      return `포트 ${port}번이 쓰이고 있어 ${taken}번을 씁니다. / Port ${port} is busy: the ${name} uses ${taken}.`;
    });
}
