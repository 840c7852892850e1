import { type Problem, problemsError } from "../errors.js";
import { isOptions } from "../option-names.js";
import { limitNames, nameProblems } from "./check-option-names.js";
import { addressList } from "./client-address.js";
import { checkNeeds, type Demand } from "./group-needs.js";
import { type PayApiHandlerOptions, routeGroups } from "./options.js";
import { riskOfProxies, riskOfSources } from "./risky-addresses.js";

/**
 * Validates the options for the listed groups.
 *
 * @throws PayApiError `invalid-config`, which lists all problems
 */
export function checkOptions<Context, Native>(options: PayApiHandlerOptions<Context, Native>): void {
  const problems: Problem[] = nameProblems(options);
  if (!isOptions(options)) throw problemsError("invalid-config", problems);
  const demand: Demand = (field, fine, message) => {
    if (!fine && !problems.some((problem) => problem.field === field)) problems.push({ field, message });
  };
  const { payapi, publicUrl, basePath, trustedProxies, rateLimits, context, actor } = options;
  const groups = Array.isArray(options.groups) ? options.groups : [];
  const used = groups.filter((group) => routeGroups.includes(group));
  demand(
    "payapi",
    typeof payapi?.fingerprint === "function",
    payapi === undefined || payapi === null
      ? "is missing: pass the client that createPayApi returns"
      : "must be the client that createPayApi returns, and not its options",
  );
  demand("ledger", isOptions(options.ledger?.store), "is missing: pass a ledger from openLedger");
  for (const group of used) checkNeeds(group, options, demand);
  demand("context", isFunctionOrNothing(context), "must be a function that takes the request");
  demand("actor", isFunctionOrNothing(actor), "must be a function that takes the context");
  checkPlace(publicUrl, basePath, payapi?.environment, demand);
  const unknown = groups.filter((group) => !used.includes(group)).map((group) => `"${group}"`);
  demand(
    "groups",
    groups.length > 0 && unknown.length === 0,
    `must list one or more of ${routeGroups.map((name) => `"${name}"`).join(", ")}${unknown.length > 0 ? `, and not ${unknown.join(", ")}` : ""}`,
  );
  demand(
    "trustedProxies",
    trustedProxies === undefined || isAddressList(trustedProxies),
    "must list addresses or CIDR blocks",
  );
  checkRisk("trustedProxies", trustedProxies, riskOfProxies, options, demand);
  checkLimits("rateLimits", rateLimits, demand);
  checkLimits("notificationLimits", options.notificationLimits, demand);
  checkLogger(options.logger, demand);
  if (used.includes("notifications")) checkNotifications(options, demand);
  if (used.includes("page")) checkPage(options, demand);
  if (problems.length > 0) throw problemsError("invalid-config", problems);
}

function checkPlace(
  publicUrl: unknown,
  basePath: unknown,
  environment: string | undefined,
  demand: Demand,
): void {
  demand(
    "publicUrl",
    isPlainUrl(publicUrl),
    `must be the shop's address such as "https://shop.example" or "https://shop.example/shop", without a slash at its end${suggestedUrl(publicUrl)}`,
  );
  demand(
    "publicUrl",
    environment !== "production" || String(publicUrl).startsWith("https://"),
    "must be https in production",
  );
  demand(
    "basePath",
    typeof basePath === "string" && isPath(basePath),
    'must be a path such as "/payments", without a slash at its end, or ""',
  );
}

function checkLimits(field: keyof typeof limitNames, limits: unknown, demand: Demand): void {
  if (limits === undefined || limits === false) return;
  const isCount = (value: unknown) =>
    value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1);
  const names = limitNames[field];
  const fine =
    isOptions(limits) &&
    Object.entries(limits).every(([name, value]) => !names.includes(name) || isCount(value));
  demand(field, fine, `must be false, or have whole numbers from 1 for ${names.join(", ")}`);
}

function checkLogger(logger: unknown, demand: Demand): void {
  demand(
    "logger",
    isFunctionOrNothing(logger),
    "must be a function that takes one entry. For pino: ({ level, message, ...fields }) => pino[level](fields, message); for winston: (entry) => winston.log(entry); for console: ({ level, message, ...fields }) => console[level](message, fields)",
  );
}

function checkNotifications<Context, Native>(
  options: PayApiHandlerOptions<Context, Native>,
  demand: Demand,
): void {
  const { payapi, sources, notificationKey } = options;
  demand(
    "sources",
    sources === "unlisted" ||
      isAddressList(sources) ||
      (sources === undefined && payapi?.environment === "sandbox"),
    'must list the addresses or CIDR blocks that the gateway sends from, or be "unlisted" if it does not name them',
  );
  checkRisk("sources", sources, riskOfSources, options, demand);
  const { notificationCharsets = {}, escrowAcknowledgement } = options;
  demand(
    "notificationCharsets",
    isOptions(notificationCharsets) &&
      Object.values(notificationCharsets).every((charset) => isOneOf(charset, "euc-kr", "utf-8")),
    'must be "euc-kr" or "utf-8" for mobile, deposit and escrow',
  );
  demand(
    "escrowAcknowledgement",
    isOneOf(escrowAcknowledgement, "cd_rslt", "ok"),
    'must be "cd_rslt" or "ok"',
  );
  demand(
    "notificationKey",
    notificationKey === undefined ||
      (typeof notificationKey === "string" && /^[A-Za-z0-9_-]{16,64}$/.test(notificationKey)),
    "must be an unguessable text of 16 to 64 letters, digits, _ or -",
  );
}

// The gateway limits return URLs to 100 characters; this is the longest path.
const longestPagePath = `/page-return/${"x".repeat(22)}/`.length;

function checkPage<Context, Native>(options: PayApiHandlerOptions<Context, Native>, demand: Demand): void {
  const { publicUrl, basePath, returnTo, notificationUrl, constantNextUrl, methods } = options;
  demand(
    "returnTo",
    typeof returnTo === "function",
    'is missing: return the path of the shop to which buyers return, such as (orderId) => "/orders/" + orderId',
  );
  demand(
    "basePath",
    `${publicUrl}${basePath}`.length + longestPagePath <= 100,
    `is too long: with publicUrl it may have ${100 - longestPagePath} characters, since the gateway limits return URLs to 100`,
  );
  demand(
    "methods",
    methods === undefined ||
      (Array.isArray(methods) && methods.length > 0 && methods.every((name) => /^[\w-]{1,20}$/.test(name))),
    'must list the gateway\'s names of the payment methods that you offer, such as ["card", "vbank"]',
  );
  demand("constantNextUrl", isOneOf(constantNextUrl, true, false), "must be true or false");
  demand(
    "notificationUrl",
    notificationUrl === undefined || URL.canParse(notificationUrl),
    "must be the full URL at which another process receives notifications",
  );
}

/** In the sandbox, which runs on this machine, every list is allowed. */
function checkRisk<Context, Native>(
  field: "sources" | "trustedProxies",
  list: unknown,
  riskOf: (entries: readonly string[]) => string | undefined,
  { payapi }: PayApiHandlerOptions<Context, Native>,
  demand: Demand,
): void {
  if (payapi?.environment === "sandbox" || !isAddressList(list)) return;
  const risk = riskOf(list);
  if (risk !== undefined) demand(field, false, risk);
}

function isAddressList(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((entry) => typeof entry === "string") &&
    addressList(value) !== undefined
  );
}

function isOneOf(value: unknown, ...choices: readonly (string | boolean)[]): boolean {
  return value === undefined || choices.some((choice) => choice === value);
}

function isFunctionOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "function";
}

/** Returns how browsers write an address with capitals, a default port, a Korean domain or a slash at its end. */
function suggestedUrl(value: unknown): string {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return "";
  return `; write "${url.origin}${url.pathname.replace(/\/+$/, "")}"`;
}

function isPlainUrl(value: unknown): boolean {
  if (typeof value !== "string" || !/^https?:/.test(value) || !URL.canParse(value)) return false;
  const { origin, pathname } = new URL(value);
  return value === origin || (value === origin + pathname && isPath(pathname));
}

function isPath(value: string): boolean {
  return /^(\/[A-Za-z0-9._~-]+)*$/.test(value);
}
