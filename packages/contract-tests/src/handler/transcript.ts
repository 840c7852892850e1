import type { WireAnswer } from "./mount.js";

// Headers that the transport or the framework adds. Everything else is compared.
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

/** An answer's headers without those of the transport, and without what Next.js adds to `vary`. */
export function handlerHeaders(headers: WireAnswer["headers"]): Record<string, string> {
  const entries = Object.entries(headers)
    .map(([name, value]) => [name, name === "vary" ? withoutNext(value) : value] as const)
    .filter(([name, value]) => !transportHeaders.has(name) && !(name === "vary" && value === ""));
  return Object.fromEntries(entries);
}

/** One answer of a suite, with the case and the request that it belongs to. */
interface Entry {
  readonly title: string;
  /** The method and the path. */
  readonly request: string;
  /** `undefined` where this mount's own answer says nothing about the handler. */
  readonly answer: string | undefined;
}

/** Every answer of a suite in order, so that a mount can be held to those of the plain function. */
export class Transcript {
  readonly #entries: Entry[] = [];
  readonly #hidden = new Map<string, string>();
  #title = "";

  /** The case that the answers after it belong to. */
  begin(title: string): void {
    this.#title = title;
  }

  add(method: string, path: string, { status, headers, text }: WireAnswer): void {
    const shown = Object.entries(handlerHeaders(headers))
      .map(([name, value]) => `${name}: ${value}`)
      .toSorted();
    const answer = `${status} ${shown.join(" | ")}${text === "" ? "" : `\n${stable(text)}`}`;
    this.#entries.push({ title: this.#title, request: `${method} ${path}`, answer });
  }

  /** Leaves a place for an answer that the plain function gives and this mount cannot. */
  skip(method: string, path: string): void {
    this.#entries.push({ title: this.#title, request: `${method} ${path}`, answer: undefined });
  }

  /** Shows `name` in the place of something that differs for every mount, wherever it is found. */
  hide(text: string, name: string): void {
    this.#hidden.set(text, name);
  }

  /** This transcript with only the cases that the other one has. */
  of(other: Transcript): Pick<Transcript, "entries"> {
    const titles = new Set(other.#entries.map(({ title }) => title));
    return { entries: this.entries.filter(({ title }) => titles.has(title)) };
  }

  /** What mounts are compared by. */
  get entries(): readonly Entry[] {
    return this.#entries.map(({ title, request, answer }) => ({
      title,
      request: this.#withoutHidden(request),
      answer: answer === undefined ? undefined : this.#withoutHidden(answer),
    }));
  }

  #withoutHidden(text: string): string {
    let shown = text;
    for (const [hidden, name] of this.#hidden) shown = shown.replaceAll(hidden, name);
    return shown;
  }
}

/** An answer that a mount did not give as the plain function gave it. */
interface Difference {
  readonly title: string;
  readonly request: string | undefined;
  readonly plain: string | undefined;
  readonly here: string | undefined;
}

/** Every difference between a mount's answers and those of the plain function, case by case. */
export function differences(mount: Compared, plain: Compared): Difference[] {
  const [ours, theirs] = [byTitle(mount), byTitle(plain)];
  if (theirs.size === 0) throw new Error("the plain function gave no answer to compare with");
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((title) => {
    const [here, there] = [ours.get(title) ?? [], theirs.get(title) ?? []];
    return Array.from({ length: Math.max(here.length, there.length) }, (_, index) => ({
      title,
      request: here[index]?.request ?? there[index]?.request,
      plain: shown(there[index]),
      here: shown(here[index]?.answer === undefined && here[index] ? there[index] : here[index]),
    })).filter((pair) => pair.here !== pair.plain);
  });
}

function shown(entry: Entry | undefined): string | undefined {
  return entry && `${entry.request}\n${entry.answer}`;
}

type Compared = Pick<Transcript, "entries">;

function byTitle(transcript: Compared): Map<string, Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const entry of transcript.entries) found.set(entry.title, [...(found.get(entry.title) ?? []), entry]);
  return found;
}

function withoutNext(vary: string): string {
  const names = vary.split(",").map((name) => name.trim());
  return names.filter((name) => !varyOfNext.has(name.toLowerCase())).join(", ");
}

/** The text without what differs for every mount: the gateway's approval numbers, and the times of its calls. */
function stable(text: string): string {
  return text
    .replace(/"applNum":"\d+"/g, '"applNum":"<number>"')
    .replace(/"approvedDate":"\d{8}"/g, '"approvedDate":"<day>"')
    .replace(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g, '"<time>"');
}
