import * as billing from "./billing.js";
import * as cards from "./cards.js";
import type { Operation } from "./define.js";
import * as escrow from "./escrow.js";
import * as payments from "./payments.js";
import * as smsPay from "./sms-pay.js";

export {
  defineOperation,
  type InputOf,
  type Operation,
  type ReplyCodec,
  type ReplyField,
  type RequestCodec,
  type RequestField,
  type ResultOf,
  wireName,
} from "./define.js";

/**
 * The gateway's services as data, by group and method. The client's methods, the checks, the signature, the
 * sandbox's routes and the documentation all derive from this one table.
 */
export const operations = { cards, payments, billing, escrow, smsPay } as const;

/** The table as a flat list, in the order of the gateway's guide. */
export const operationList: readonly Operation[] = Object.values(operations)
  .flatMap((group) => Object.values<Operation>(group))
  .sort((a, b) => a.section.localeCompare(b.section, "en"));

/**
 * Every result code that means success for some operation: the codes of the table, and `0000`, which live integrations accept for a
 * completed cancel. For an operation with another success code, such a code proves neither success nor failure.
 */
export const successCodes: ReadonlySet<string> = new Set([
  ...operationList.map(({ success }) => success.code),
  "0000",
]);

/** Returns whether a result code other than the operation's own success proves neither success nor failure: the outcome is unknown. */
export function isUnprovenCode(code: string, furtherCodes: readonly string[]): boolean {
  return successCodes.has(code) || furtherCodes.includes(code);
}
