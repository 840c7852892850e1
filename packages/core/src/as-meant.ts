const blanks = "\0\t\n\r ";

/** Removes the blanks with which the gateway pads values, and a line end after the last value. */
export function unpadded(text: string): string {
  let start = 0;
  let end = text.length;
  // Not a regular expression: on many blanks within a text its work would grow by the square.
  while (start < end && blanks.includes(text.charAt(start))) start += 1;
  while (end > start && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const plainAmount = /^\d{1,40}$/;
const groupedAmount = /^\d{1,3}(?:,\d{3}){1,12}$/;

/**
 * Reads an amount as the gateway writes it: digits, also padded with zeros or blanks, and with commas between thousands. Returns `undefined`
 * for any other text, such as `1e3`, `1,50`, `15000.0` or `1000원`.
 */
export function readAmountText(text: string): number | undefined {
  const value = unpadded(text);
  if (!plainAmount.test(value) && !groupedAmount.test(value)) return undefined;
  const amount = Number(value.replaceAll(",", ""));
  return Number.isSafeInteger(amount) ? amount : undefined;
}

/** The most that a payment of the payment page or a deposit may be, in won: ten digits. */
const mostWon = 9_999_999_999;

/** Reads an amount of money that moved, above 0. */
export function readPriceText(text: string): number | undefined {
  const amount = readAmountText(text);
  return amount !== undefined && amount > 0 && amount <= mostWon ? amount : undefined;
}
