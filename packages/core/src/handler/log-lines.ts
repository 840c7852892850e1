import { callLines } from "../log/call-lines.js";
import type { LogLines } from "../log/log.js";
import type { RequestLog } from "../log/request-log.js";

const tellShop = "Nothing: the buyer is back in the shop and may pay again.";
const forged = "Nothing, unless it happens often: someone may be trying forged requests.";

/** Every entry of the handler's log. */
export const handlerLines = {
  ...callLines,
  "request-refused": {
    level: "info",
    message: "A request was refused; `problem` is the code that the shop's page got.",
    action: "Search for `orderId` or `problem` when a buyer asks. See docs/http-api.md.",
  },
  "internal-error": {
    level: "error",
    message: "A request failed unexpectedly.",
    action: "Mend what `detail` says, mostly in the shop's own functions.",
  },
  "body-consumed": {
    level: "error",
    message: "Other code read the request's body first; nothing was sent.",
    action: "Mount the middleware above body parsers, or read a clone.",
  },
  "merchant-order-invalid": {
    level: "error",
    message: "The merchant's order has values that the gateway does not accept; nothing was sent.",
    action: "Mend the fields in `problems` in what `orders.find` returns.",
  },
  "ledger-failed": {
    level: "error",
    message: "The ledger failed; nothing was sent.",
    action: "`reason` is the ledger's code, such as `unavailable` or `database-changed`.",
  },
  "origin-refused": {
    level: "warn",
    message: "A request was refused: its Origin is not that of publicUrl, or it comes from another site.",
    action: "If it is the shop's own page, correct `publicUrl`.",
  },
  "request-not-remembered": {
    level: "error",
    message: "Failed to store an Idempotency-Key; nothing was sent.",
    action: "Look at the database.",
  },
  "answer-not-remembered": {
    level: "warn",
    message: "Failed to store the answer for an Idempotency-Key.",
    action: "Nothing: the ledger prevents a second charge.",
  },
  "attempt-not-released": {
    level: "warn",
    message: "Failed to release a rate-limit attempt.",
    action: "Nothing: the buyer has one attempt less for ten minutes.",
  },
  "escrow-unknown": {
    level: "warn",
    message: "The outcome of an escrow call is unknown; read the escrow status before you repeat it.",
    action: "Read the escrow status.",
  },
  "key-refused": {
    level: "info",
    message: "The gateway refused to issue a billing key; no money moved.",
    action: "Nothing: the buyer may use another card.",
  },
  "key-unknown": {
    level: "warn",
    message:
      "A billing key was not stored: the outcome of its issue is unknown, or its success came too late.",
    action: "See `payapi keys`: the key may exist at the gateway.",
  },
  "key-not-recorded": {
    level: "error",
    message: "Failed to store an issued billing key; an unusable key may exist at the gateway.",
    action: "See `payapi keys`.",
  },
  "page-failed": {
    level: "info",
    message: "A buyer came back from the payment page without a payment; no money moved.",
    action: tellShop,
  },
  "page-return-malformed": {
    level: "warn",
    message: "A return from the payment page could not be read; nothing was approved.",
    action: forged,
  },
  "page-return-differs": {
    level: "warn",
    message: "A return from the payment page has another link's token; nothing was approved.",
    action: forged,
  },
  "page-return-rejected": {
    level: "warn",
    message: "A return from the payment page has values that are not accepted; nothing was approved.",
    action: "`problems` names the field: of P_REQ_URL, compare `pageHosts` and `pagePaths`.",
  },
  "page-return-refused": {
    level: "warn",
    message: "A return from the payment page was not approved; `reason` says why.",
    action: "Nothing for `already-paid`: a reloaded page.",
  },
  "page-return-limited": {
    level: "warn",
    message: "Too many returns from the payment page for an order; nothing was approved.",
    action: forged,
  },
  "order-changed": {
    level: "warn",
    message: "The order changed after its link was created; nothing was approved.",
    action: tellShop,
  },
  "net-cancelled": {
    level: "info",
    message: "An approval whose outcome was unknown was net-cancelled; the order may be paid again.",
    action: tellShop,
  },
  "net-cancel-failed": {
    level: "warn",
    message: "The net cancel did not succeed; the order stays locked.",
    action: "Recovery repeats it; otherwise resolve the order (`payapi review`).",
  },
  "net-cancel-not-reserved": {
    level: "error",
    message: "Failed to reserve the net cancel; the order stays locked.",
    action: "Recovery tries again once the database answers.",
  },
  "account-differs": {
    level: "warn",
    message: "A virtual account was issued for another amount, order or merchant; it was not stored.",
    action: "`differs` names the fields. Compare the account with the gateway's console.",
  },
  "account-not-stored": {
    level: "warn",
    message: "A return has a virtual account that matches no link; it was not stored.",
    action: "Compare the account with the gateway's console.",
  },
  "notification-source-refused": {
    level: "warn",
    message: "A notification came from an address that is not in sources; it was not stored.",
    action: "If it is the gateway's or your proxy's address, correct `sources` or `trustedProxies`.",
  },
  "notification-from-browser": {
    level: "warn",
    message: "A notification was refused, since a browser sent it.",
    action: forged,
  },
  "notification-limited": {
    level: "warn",
    message: "Rejected a notification above the limit for unlisted sources; the gateway may repeat it.",
    action: "List the gateway's addresses in `sources`.",
  },
  "notification-not-stored": {
    level: "error",
    message: "Failed to store a notification; the gateway will repeat it.",
    action: "Look at the database.",
  },
  "notification-needs-review": {
    level: "warn",
    message: "A notification needs review: it is quarantined, or differs from the order.",
    action: "`payapi notifications`: compare it with the gateway's console, and release it.",
  },
} as const satisfies LogLines;

export type HandlerLine = keyof typeof handlerLines;

/** The log of one request to the handler. */
export type HandlerLog = RequestLog<HandlerLine>;
