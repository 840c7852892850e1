import type { TransitionRow } from "@payapi/ledger/store";
import type { SeenOrder } from "./observer.js";

/** What the staff says when it has dealt with an order, and how many lines it had read. */
export const wordAfter = (lines: number) => `console, after ${lines} lines`;

/** Whether a line is the word of somebody who dealt with an order: it moves nothing, and says why. */
export function isWord({ evidence, from, to }: TransitionRow): boolean {
  return evidence !== null && from === to;
}

/** The first word that was said of what nobody had read. */
export function unseenWord({ transitions }: SeenOrder): string | undefined {
  const at = transitions.findIndex((line, index) => isWord(line) && line.evidence !== wordAfter(index));
  return at < 0
    ? undefined
    : `line ${at + 1} is the word of somebody who had read ${transitions[at]?.evidence}`;
}

/** Whether somebody dealt with an order, and no line and no money came since. */
export function isDealtWith({ transitions, postings, postingsBeforeWord }: SeenOrder): boolean {
  const last = transitions.at(-1);
  return last !== undefined && isWord(last) && postings.length === postingsBeforeWord;
}
