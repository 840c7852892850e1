import type { DuePage, DuePlace } from "../port.js";

/** The part of a list of what is due that a page asks for, as copies. */
export function pageOf<Due extends DuePlace>(all: readonly Due[], { now, limit, after }: DuePage): Due[] {
  const due = all.filter(({ at }) => at <= now).sort(comparePlaces);
  const rest = after === undefined ? due : due.filter((each) => comparePlaces(each, after) > 0);
  return structuredClone(rest.slice(0, limit));
}

function comparePlaces(one: DuePlace, another: DuePlace): number {
  return one.at.getTime() - another.at.getTime() || (one.id < another.id ? -1 : Number(one.id > another.id));
}
