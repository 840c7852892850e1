import type { WireAnswer } from "./mount.js";

// What the transport or the framework adds on its own, and no reader of an answer looks at.
const transportHeaders = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "transfer-encoding",
  "vary",
  "x-powered-by",
]);

/** Every answer of a suite in order, so that all mounts can be held to the same ones. */
export class Transcript {
  readonly #lines: string[] = [];

  heading(text: string): void {
    this.#lines.push(`\n# ${text}`);
  }

  add(method: string, path: string, { status, headers, text }: WireAnswer): void {
    const shown = Object.entries(headers)
      .filter(([name]) => !transportHeaders.has(name))
      .map(([name, value]) => `${name}: ${value}`)
      .toSorted();
    this.#lines.push(`\n${method} ${path}\n${status} ${shown.join(" | ")}`);
    if (text !== "") this.#lines.push(stable(text));
  }

  toString(): string {
    return `${this.#lines.join("\n").trim()}\n`;
  }
}

/** The text without what differs in every run: the gateway's approval numbers and times. */
function stable(text: string): string {
  return text
    .replace(/"applNum":"\d+"/g, '"applNum":"<number>"')
    .replace(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"<time>"');
}
