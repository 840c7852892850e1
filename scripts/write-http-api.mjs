// Writes docs/http-api.md from the handler's routes; with --check, only says whether it is current.

import { answerShapes, problemTable, routeGroups, routes } from "../packages/core/dist/handler/index.js";
import { completeLimits, completeNotificationLimits } from "../packages/core/dist/handler/rate-limits.js";
import { finalProblems } from "../packages/core/dist/handler/remembered-request.js";
import { bodyTimeoutMs } from "../packages/core/dist/handler/request-body.js";
import { formFieldLimit, formLimit } from "../packages/core/dist/notifications/form.js";
import { code, table, writeOrCheck } from "./lib/generated-doc.mjs";

const groups = {
  cards: "Paying with a card whose number the buyer keys in",
  "card-prefix": "Who issued a card",
  page: "Paying on the gateway's page",
  orders: "What is known about an order's money",
  "billing-keys": "Billing keys",
  charges: "Charging a billing key",
  cancels: "Giving money back",
  escrow: "Escrow",
  "escrow-status": "The state of an escrow payment",
  notifications: "Notifications of the gateway",
};

const callers = {
  page: "the buyer's browser, coming from the payment page",
  notification: "the gateway",
};

const limits = completeLimits(undefined);
const notificationLimits = completeNotificationLimits(undefined);
const json = (value) => ["```json", JSON.stringify(value, null, 2), "```"];

writeOrCheck("docs/http-api.md", [
  "# The HTTP API of the handler",
  "",
  "Generated from `packages/core/src/handler` by `npm run docs`; don't edit it by hand. Paths are below the handler's `basePath`. Only",
  "the groups listed in `groups` exist. Pages written in JavaScript call these routes with `@payapi/core/browser`, whose methods have the",
  "names below.",
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
  "## What every request of the shop's pages needs",
  "",
  "- `Origin` must equal `publicOrigin` (for `GET` it may be missing), and `Sec-Fetch-Site`, where it is sent, must be `same-origin`",
  "  (for `GET` also `none`).",
  "- A request other than `GET` has the header `Content-Type: application/json` and a body of one JSON object in UTF-8 without repeated",
  "  keys, `{}` where there is nothing to say. Names that are no field are refused. No body says a price to charge.",
  "- `authorize` or `authorizeBillingKey` must say exactly `true` for the action named below.",
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
        `1 to 200 visible ASCII characters that name one wish, on everything but ${code("GET")}. The same key with the same content, for the same route and account, gets the same answer; with another content ${problem("idempotency-key-reused")}; while the first request runs ${problem("request-in-progress")}. Successes and ${finalProblems.map(problem).join(", ")} are remembered for 24 hours from when they were first given; after any other problem the key is free again. It needs a ledger.`,
      ],
      [code("Idempotent-Replayed"), "answer", "`true` where the answer is a remembered one"],
      [
        code("Accept-Language"),
        "request",
        "`title`, `detail` and the messages in `errors` are Korean unless English is preferred to it",
      ],
      [code("Content-Language"), "problem", "the language that it is in"],
      [code("Retry-After"), "problem", "seconds to wait before it is tried again"],
      [code("Cache-Control"), "answer", "`no-store`, always"],
    ],
  ),
  "",
  "## Attempts",
  "",
  `Routes that somebody could try out stolen cards with count attempts: ${limits.perAddress} from one address, ${limits.perCard} with one card, ${limits.perCustomer} by one account and ${limits.perOrder}`,
  `for one order within ${limits.windowMs / 60_000} minutes, four times as many where all attempts count; \`rateLimits\` changes that. Then ${problem("too-many-attempts")}. What succeeds,`,
  "and what never reached the gateway, is taken back where only failures count. Links to the payment page all count, four times as many by",
  "one account and for one order; so do returns from the page for one order: after too many the buyer is led back, and nothing is approved.",
  "Declined charges count by billing key and order alone.",
  "",
  `Where \`sources\` are \`"unlisted"\`, notifications are counted too, by the hour unless \`notificationLimits\` says otherwise: what is about`,
  `nothing that the ledger knows ${notificationLimits.perAddress} from one address and ${notificationLimits.inAll} in all, what is about an order that it knows ${notificationLimits.perOrder} for that order. What is more`,
  "is not stored and not acknowledged (503 `FAIL`, for escrow `cd_rslt=9999`), so the gateway sends what was its own again.",
  ...routeGroups.flatMap(describeGroup),
  "",
  "## Answers",
  ...Object.entries(answerShapes).flatMap(describeAnswer),
  "",
  "## Problems",
  "",
  `Whatever is no success is a [Problem](#answer-problem) with \`Content-Type: application/problem+json\`. Programs decide by \`code\`.`,
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
    `${groups[group]}.${group === "notifications" ? ` With ${code("notificationKey")} the last two paths end with it, as in ${code("/notifications/deposit/:notificationKey")}.` : ""}`,
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
    `Called by ${callerOf(route)}. ${code(asks)} is asked for ${code(action)}. Answers ${success} with [${answer}](#answer-${answer.toLowerCase()}).${countsNote(counts)}`,
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
  if (!(name in problemTable)) throw new Error(`there is no problem ${name}`);
  return code(name);
}
