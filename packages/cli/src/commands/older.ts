import type { Call } from "../command.js";

interface Page {
  readonly limit: number;
  readonly before?: number;
}

/** A page of a list, newest first, and the position that the next one begins before, if there is anything older. */
export async function withOlder<Item extends { readonly position: number }>(
  page: Page,
  list: (page: Page) => Promise<readonly Item[]>,
): Promise<readonly [found: readonly Item[], older: number | undefined]> {
  const found = await list(page);
  const last = found.at(-1)?.position;
  if (last === undefined || found.length < page.limit) return [found, undefined];
  const next = await list({ ...page, limit: 1, before: last });
  return [found, next.length === 0 ? undefined : last];
}

/** The command line of the next page, with what chose this one. */
export function olderLines(
  call: Call,
  command: string,
  older: number | undefined,
  kept: readonly string[],
): string[] {
  if (older === undefined) return [];
  const chosen = kept.flatMap((name) => {
    const value = call.options[name];
    return typeof value === "string" ? [` --${name} ${value}`] : [];
  });
  const line = `payapi ${command}${chosen.join("")} --before ${older}`;
  return ["", call.say({ en: `Older ones: ${line}`, ko: `이전 목록: ${line}` })];
}
