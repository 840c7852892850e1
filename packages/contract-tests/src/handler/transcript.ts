import type { WireAnswer } from "./mount.js";

// What the transport or the framework adds on its own, and no reader of an answer looks at. Everything else is compared.
const transportHeaders = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "transfer-encoding",
  "x-powered-by",
]);

// Next.js adds these to the `vary` of every answer, after what the handler says itself: it may compress, and pages depend
// on the rest.
const varyOfNext = new Set([
  "accept-encoding",
  "rsc",
  "next-router-state-tree",
  "next-router-prefetch",
  "next-router-segment-prefetch",
  "next-url",
]);

interface Entry {
  /** The method and the path. */
  readonly request: string;
  /** `undefined` where this mount's own answer says nothing about the handler. */
  readonly answer: string | undefined;
}

/** Every answer of a suite in order, so that all mounts can be held to the same ones. */
export class Transcript {
  readonly #entries: (Entry | string)[] = [];
  readonly #hidden = new Map<string, string>();
  #heading: string | undefined;

  /** Stands above the answers that follow, if any do. */
  heading(text: string): void {
    this.#heading = `# ${text}`;
  }

  add(method: string, path: string, { status, headers, text }: WireAnswer): void {
    const shown = Object.entries(headers)
      .map(([name, value]) => [name, name === "vary" ? withoutNext(value) : value] as const)
      .filter(([name, value]) => !transportHeaders.has(name) && !(name === "vary" && value === ""))
      .map(([name, value]) => `${name}: ${value}`)
      .toSorted();
    const answer = `${status} ${shown.join(" | ")}${text === "" ? "" : `\n${stable(text)}`}`;
    this.#push({ request: `${method} ${path}`, answer });
  }

  /** Leaves a place for an answer that the other mounts give and this one cannot. */
  skip(method: string, path: string): void {
    this.#push({ request: `${method} ${path}`, answer: undefined });
  }

  /** Writes `name` in the place of something that differs in every run, wherever it is found. */
  hide(text: string, name: string): void {
    this.#hidden.set(text, name);
  }

  /** What the mounts are compared by; answers that were skipped are taken from `others`, a transcript of another mount. */
  toString(others = ""): string {
    const theirs = others.trim().split(/\n\n(?=# |[A-Z]+ \/)/);
    const parts = this.#entries.map((entry, index) => {
      if (typeof entry === "string") return entry;
      const request = this.#withoutHidden(entry.request);
      if (entry.answer !== undefined) return `${request}\n${this.#withoutHidden(entry.answer)}`;
      const their = theirs[index] ?? "";
      return their.startsWith(`${request}\n`) ? their : `${request}\n(skipped)`;
    });
    return `${parts.join("\n\n")}\n`;
  }

  #push(entry: Entry): void {
    if (this.#heading !== undefined) this.#entries.push(this.#heading);
    this.#heading = undefined;
    this.#entries.push(entry);
  }

  #withoutHidden(text: string): string {
    let shown = text;
    for (const [hidden, name] of this.#hidden) shown = shown.replaceAll(hidden, name);
    return shown;
  }
}

function withoutNext(vary: string): string {
  const names = vary.split(",").map((name) => name.trim());
  return names.filter((name) => !varyOfNext.has(name.toLowerCase())).join(", ");
}

/** The text without what differs in every run: the gateway's approval numbers and times. */
function stable(text: string): string {
  return text
    .replace(/"applNum":"\d+"/g, '"applNum":"<number>"')
    .replace(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"<time>"');
}
