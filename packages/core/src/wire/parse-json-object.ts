/**
 * Parses a reply's bytes as one JSON object in UTF-8. Returns `undefined` for other bytes, other values, repeated keys (JSON.parse
 * silently keeps the last one), or nesting deeper than 4.
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return isPlain(text) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const tokens = /"(?:[^"\\]+|\\.)*"|[{}[\]:,]/g;

// The text is valid JSON, so only its strings and punctuation need a look.
function isPlain(text: string): boolean {
  const objects: (Set<string> | undefined)[] = [];
  let previous = "";
  let lastString = "";
  for (const [token] of text.matchAll(tokens)) {
    if (token === "{" || token === "[") {
      objects.push(token === "{" ? new Set() : undefined);
      if (objects.length > 4) return false;
    } else if (token === "}" || token === "]") {
      objects.pop();
    } else if (token === ":" && previous.startsWith('"')) {
      const keys = objects.at(-1);
      const key: string = JSON.parse(lastString);
      if (keys?.has(key)) return false;
      keys?.add(key);
    }
    if (token.startsWith('"')) lastString = token;
    previous = token;
  }
  return true;
}
