// Writes docs/http-api.md from the handler's routes; with --check, only says whether it is current.

import { answerShapes, problemTable, routeGroups, routes } from "../packages/core/dist/handler/index.js";
import { completeLimits, completeNotificationLimits } from "../packages/core/dist/handler/rate-limits.js";
import { finalProblems } from "../packages/core/dist/handler/remembered-request.js";
import { bodyTimeoutMs } from "../packages/core/dist/handler/request-body.js";
import { formFieldLimit, formLimit } from "../packages/core/dist/notifications/form.js";
import { code, table, writeOrCheck } from "./lib/generated-doc.mjs";

const groups = {
  cards: "Payment with a keyed-in card",
  "card-prefix": "Lookup of a card's issuer",
  page: "Payment on the gateway's payment page",
  orders: "The payment status of an order",
  "billing-keys": "Billing keys",
  charges: "Charges of a billing key",
  cancels: "Full and partial cancels",
  escrow: "Escrow",
  "escrow-status": "The state of an escrow payment",
  notifications: "Notifications of the gateway",
};

const callers = {
  page: "the buyer's browser, returning from the payment page",
  notification: "the gateway",
};

const limits = completeLimits(undefined);
const notificationLimits = completeNotificationLimits(undefined);
const json = (value) => ["```json", JSON.stringify(value, null, 2), "```"];

writeOrCheck("docs/http-api.md", [
  "# The HTTP API of the handler",
  "",
  "Generated from `packages/core/src/handler` by `npm run docs`; don't edit it by hand. Paths are below the handler's `basePath`. Only",
  "the groups listed in `groups` exist. In the shop's pages call these routes with `@payapi/core/browser`; its methods have the names below.",
  "",
  table(
    ["method", "path", "name", "group", "who calls"],
    routes.map((route) => [
      route.method,
      code(route.path),
      route.name ? `[${route.name}](#${route.name.toLowerCase()})` : "–",
      `[${route.group}](#group-${route.group})`,
      callerOf(route),
    ]),
  ),
  "",
  "## Requests of the shop's pages",
  "",
  "- `Origin` must be the origin of `publicUrl` (for `GET` it may be missing), and `Sec-Fetch-Site`, if present, must be `same-origin`",
  "  (for `GET` also `none`).",
  "- A request other than `GET` has the header `Content-Type: application/json` and a body of one JSON object in UTF-8 without repeated",
  "  keys, or `{}` without fields. Unknown fields are rejected. No body has a price to charge.",
  "- `authorize` or `authorizeBillingKey` must return `true` for the action named below.",
  `- A body has at most ${formLimit / 1024} KiB, arrives within ${bodyTimeoutMs / 1000} seconds and is not compressed. Forms have at most ${formFieldLimit} fields.`,
  "",
  "## Headers",
  "",
  table(
    ["header", "in", "meaning"],
    [
      [
        code("Idempotency-Key"),
        "request",
        `1 to 200 visible ASCII characters that identify a request; for all methods but ${code("GET")}. The same key with the same content, route and customer gets the same answer; with other content it gets ${problem("idempotency-key-reused")}; while the first request runs it gets ${problem("request-in-progress")}. Successes and ${finalProblems.map(problem).join(", ")} are stored for 24 hours from the first answer; any other problem frees the key. It needs a ledger.`,
      ],
      [
        code("Payapi-Ticket"),
        "request",
        `the ticket of a return from the payment page; ${code("GET /orders/:orderId")} then answers a buyer without the session`,
      ],
      [code("Idempotent-Replayed"), "answer", "`true` if the answer is a stored one"],
      [
        code("Accept-Language"),
        "request",
        "`title`, `detail` and the messages in `errors` are in Korean unless the header prefers English",
      ],
      [code("Content-Language"), "problem", "the language of the problem"],
      [code("Retry-After"), "problem", "seconds to wait before the next try"],
      [code("Cache-Control"), "answer", "`no-store`, always"],
    ],
  ),
  "",
  "## Rate limits",
  "",
  `Routes that could be used for card testing have rate limits. Within ${limits.windowMs / 60_000} minutes the handler allows ${limits.perAddress} attempts from one address, ${limits.perCard} with`,
  `one card, ${limits.perCustomer} of one customer and ${limits.perOrder} for one order; then it answers ${problem("too-many-attempts")}. \`rateLimits\` changes the limits. Attempts that succeed`,
  "or never reach the gateway are released, except on routes where all attempts count; there the limits are four times as high. Payment",
  "links all count, by customer and order. Returns from the payment page all count, by order: above the limit the buyer is redirected to the",
  "shop, and nothing is approved. Declined charges count only by billing key and order.",
  "",
  `With \`sources: "unlisted"\` notifications have limits too. Per hour the handler accepts ${notificationLimits.perAddress} about unknown payments from one address, ${notificationLimits.inAll} in`,
  `all, and ${notificationLimits.perOrder} about one known order; \`notificationLimits\` changes the limits. Notifications above a limit are neither stored nor`,
  "acknowledged (503 `FAIL`, for escrow `cd_rslt=9999`), so the gateway repeats its own.",
  ...routeGroups.flatMap(describeGroup),
  "",
  "## Answers",
  ...Object.entries(answerShapes).flatMap(describeAnswer),
  "",
  "## Problems",
  "",
  `Every error answer is a [Problem](#answer-problem) with \`Content-Type: application/problem+json\`. Decide by its \`code\`.`,
  "",
  table(
    ["code", "status", "title", "in Korean", "meaning"],
    Object.entries(problemTable).map(([name, { status, en, ko }]) => [
      code(name),
      status,
      en[0],
      ko[0],
      en[1],
    ]),
  ),
]);

function describeGroup(group) {
  return [
    "",
    `## Group: ${group}`,
    "",
    `${groups[group]}.${group === "notifications" ? ` With ${code("notificationKey")} the last two paths end with the key: ${code("/notifications/deposit/:notificationKey")}.` : ""}`,
    ...routes.filter((route) => route.group === group).flatMap(describeRoute),
  ];
}

function describeRoute(route) {
  const { name, method, path, summary } = route;
  const lines = ["", ...(name ? [`### ${name}`, ""] : []), `${code(`${method} ${path}`)}: ${summary}`];
  if (!name) return [...lines, "", `Called by ${callerOf(route)}.`];
  const { subject, action, body, answer, success, counts } = route;
  const asks = subject === "order" ? "authorize" : "authorizeBillingKey";
  return [
    ...lines,
    "",
    `Called by ${callerOf(route)}. ${code(asks)} decides about ${code(action)}. Answers ${success} with [${answer}](#answer-${answer.toLowerCase()}).${countsNote(counts)}`,
    ...(body.length === 0
      ? []
      : [
          "",
          table(
            ["in the body", "type", "required", "note"],
            body.map(({ name: field, type, required, note }) => [
              code(field),
              type,
              required ? "yes" : "no",
              note,
            ]),
          ),
        ]),
  ];
}

function describeAnswer([name, { fields, example }]) {
  return [
    "",
    `### Answer: ${name}`,
    "",
    table(
      ["field", "type", "always there", "note"],
      Object.entries(fields).map(([field, { type, always, note }]) => [
        code(field),
        type,
        always ? "yes" : "no",
        note,
      ]),
    ),
    "",
    ...json(example),
  ];
}

function countsNote(counts) {
  if (counts === undefined) return "";
  return counts === "all" ? " All attempts count." : " Attempts without success count.";
}

function callerOf({ subject }) {
  return callers[subject] ?? "the shop's pages";
}

function problem(name) {
  if (!(name in problemTable)) throw new Error(`Unknown problem: ${name}`);
  return code(name);
}
