import type { LogLines } from "./log.js";

const seeUnknown = "Find it in the gateway's console and resolve it (`payapi review`). Don't charge again.";

/** Entries about calls to the gateway, of the handler and of the ledger's recovery. */
export const callLines = {
  "connection-failed": {
    level: "error",
    message:
      "The gateway could not be connected to; nothing was sent. Check its address, and that it accepts this server's address.",
    action: "Run `payapi doctor` on this server. Buyers may try again.",
  },
  "tls-failed": {
    level: "error",
    message:
      "The gateway's TLS certificate was rejected; nothing was sent. The connection may be intercepted, or a certificate is wrong.",
    action: "Look for a proxy that opens TLS. Never turn the check off.",
  },
  "unsupported-runtime": {
    level: "error",
    message:
      "The runtime, or a library that intercepts node:http, would not send over the verified connection; nothing was sent. Use Node.js >= 20.19, Bun >= 1.4 or Deno >= 2.8.",
    action: "Update the runtime, or remove the library.",
  },
  "not-sent": {
    level: "warn",
    message:
      "A call ended before its first byte was sent: deadline, abort or lost connection. Nothing was sent.",
    action: "Nothing, unless it happens often. Buyers may try again.",
  },
  "before-send-failed": {
    level: "error",
    message: "The ledger rejected the call before it was sent; nothing was sent.",
    action: "`cause` says why, such as `clock-skew` or `database-changed`.",
  },
  "setup-fault": {
    level: "error",
    message:
      "The gateway rejected the shop's set-up (sign key, field key, mid, clock or order number); no card was declined. Run `payapi doctor`.",
    action: "Run `payapi doctor`; `resultCode` says which part is wrong.",
  },
  "request-rejected": {
    level: "error",
    message:
      "The gateway rejected the request itself with HTTP 4xx (a parameter or the address); no card was declined. Run `payapi doctor`.",
    action: "`resultMessage` names the parameter.",
  },
  "call-refused": {
    level: "info",
    message: "The gateway refused an approval or a cancel; no money moved.",
    action: "Nothing for a declined card. Compare a refused cancel with the gateway's console.",
  },
  "call-unknown": {
    level: "warn",
    message: "The outcome of a call is unknown; the order is locked.",
    action: seeUnknown,
  },
  "call-mismatch": {
    level: "warn",
    message: "The gateway reports success that differs from the request; the order is locked for review.",
    action: "Compare amount, `tid` and order with the gateway's console, and close the review.",
  },
  "outcome-not-recorded": {
    level: "error",
    message: "Failed to write the outcome to the ledger; the order stays locked.",
    action: "Keep the line: without a journal it is the only trace of the gateway's answer.",
  },
  "key-not-deleted": {
    level: "warn",
    message: "A stopped billing key may still exist at the gateway.",
    action: "Nothing while a worker runs: recovery repeats it. Otherwise `payapi keys`.",
  },
} as const satisfies LogLines;

export type CallLine = keyof typeof callLines;
