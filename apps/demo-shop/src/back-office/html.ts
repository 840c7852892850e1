/** Escaped HTML. */
export class Html {
  constructor(readonly text: string) {}
}

type Insert = Html | string | number | undefined | false | readonly Insert[];

/** A template that escapes inserted texts; {@link Html} is inserted unchanged. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  return new Html(parts.map((part, at) => part + (at < inserts.length ? render(inserts[at]) : "")).join(""));
}

function render(insert: Insert): string {
  if (insert === undefined || insert === false) return "";
  if (insert instanceof Html) return insert.text;
  if (Array.isArray(insert)) return insert.map(render).join("");
  return escapeHtml(String(insert));
}

const names: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => names[character] ?? "");
}
