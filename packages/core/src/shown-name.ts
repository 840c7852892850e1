import { maskCardNumbers } from "./secret.js";

/**
 * The beginning of a name that somebody else chose, as it may be shown: no part of a card number is in it. Only so much is
 * looked at as the longest number may take, with its blanks, from within what is shown: of a long name all of it would take
 * long enough to keep a server busy.
 */
export function shownName(name: string): string {
  return maskCardNumbers(name.slice(0, 200)).slice(0, 60);
}
