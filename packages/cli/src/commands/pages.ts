import type { Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { count } from "../options.js";
import { type Columns, type Line, tableOf } from "../output.js";
import type { Text } from "../text.js";

/** The options of a list that is shown page by page. */
export const pageOptions = {
  limit: count("N", { most: 500 }, { en: "at most this many (default: 50)", ko: "최대 개수(기본 50)" }),
  before: count(
    "POSITION",
    {},
    {
      en: "older ones: the position in the last line",
      ko: "이전 목록: 마지막 줄의 위치",
    },
  ),
};

interface Page {
  readonly limit: number;
  readonly before?: number;
}

/** A page of results, newest first, and the position before which the next page begins, if there are older ones. */
export async function readPage<Item extends { readonly position: number }>(
  { limit = 50, before }: { readonly limit?: number | undefined; readonly before?: number | undefined },
  list: (page: Page) => Promise<readonly Item[]>,
): Promise<readonly [found: readonly Item[], older: number | undefined]> {
  const found = await list({ limit, ...(before === undefined ? {} : { before }) });
  const last = found.at(-1)?.position;
  if (last === undefined || found.length < limit) return [found, undefined];
  const next = await list({ limit: 1, before: last });
  return [found, next.length === 0 ? undefined : last];
}

/** The command line of the next page, with the options of this one. */
export function olderLines(
  command: string,
  older: number | undefined,
  chosen: Readonly<Record<string, string | number | undefined>>,
): readonly Line[] {
  if (older === undefined) return [];
  const options = Object.entries({ ...chosen, before: older }).filter(([, value]) => value !== undefined);
  const line = `payapi ${command}${options.map(([name, value]) => ` --${name} ${value}`).join("")}`;
  return ["", { en: `Older ones: ${line}`, ko: `이전 목록: ${line}` }];
}

/** A list of what needs review: exit code 3 unless it is empty. */
export function reviewList<Item>(
  items: readonly Item[],
  result: Report["result"],
  {
    none,
    columns,
    advice,
    problem,
  }: {
    readonly none: Text;
    readonly columns: Columns<Item>;
    readonly advice: readonly Line[];
    readonly problem: NonNullable<Report["problem"]>;
  },
): Report {
  if (items.length === 0) return { exitCode: exitCodes.ok, result, lines: [none] };
  return { exitCode: exitCodes.review, result, lines: [tableOf(columns, items), "", ...advice], problem };
}
