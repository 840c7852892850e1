// Writes docs/guides/logs.md from the tables of the log; with --check, only says whether it is current.

import { callLines, handlerLines } from "../packages/core/dist/internal.js";
import { ledgerLines } from "../packages/ledger/dist/internal.js";
import { code, table, writeOrCheck } from "./lib/generated-doc.mjs";

const without = (lines, others) => Object.entries(lines).filter(([name]) => !(name in others));

const rows = (lines) =>
  table(
    ["code", "level", "message", "what to do"],
    lines.map(([name, { level, message, action }]) => [code(name), level, message, action]),
  );

writeOrCheck("docs/guides/logs.md", [
  "# Logs",
  "",
  "Generated from `packages/core/src/log/call-lines.ts`, `packages/core/src/handler/log-lines.ts` and `packages/ledger/src/errors.ts` by",
  "`npm run docs`; don't edit it by hand.",
  "",
  "The handler and the ledger write entries `{ level, code, message, ...fields }` to the function in their option `logger` (default: the",
  "console). Every request that was refused, every call that was not sent or not proved, every fault of the set-up and everything that needs",
  "review has one entry. `code` is stable: search for it, and set alarms by it. Successful requests write nothing.",
  "",
  "```ts",
  "const logger = ({ level, message, ...fields }) => pino[level](fields, message); // pino",
  "const logger = (entry) => winston.log(entry); // winston",
  "```",
  "",
  "A logger that throws or rejects changes no answer and ends no process; its entry goes to the console.",
  "",
  "## Fields",
  "",
  "| field | meaning |",
  "|---|---|",
  "| `orderId`, `keyId` | the order or the billing key; of a refused request, what the path names |",
  "| `callId` | the call in the timeline (`payapi orders`) |",
  "| `oid`, `tid` | the order number and the transaction id to search for in the gateway's console |",
  "| `operation` | the gateway's service, such as `cards.approve` |",
  "| `outcome`, `reason` | [what the call means for the money](../glossary.md#outcomes-of-a-call), and why: the code of the error or of the refusal |",
  "| `resultCode`, `resultMessage` | what the gateway says |",
  "| `problem`, `route` | the code that the shop's page got, and the route: [the HTTP API](../http-api.md) |",
  "| `error`, `cause` | the class or the code of an error; its message may contain secrets and is not logged |",
  "",
  "No entry contains card numbers, birth dates, PINs, keys, signatures, billing keys or ciphertexts.",
  "",
  "## Calls to the gateway",
  "",
  "Of the handler, and of the ledger's recovery.",
  "",
  rows(Object.entries(callLines)),
  "",
  "## The handler",
  "",
  rows(without(handlerLines, callLines)),
  "",
  "## The ledger",
  "",
  "The recovery, the delivery of events, and the watch over the database. Problems that every call finds again are logged at most once an hour.",
  "",
  rows(without(ledgerLines, callLines)),
]);
