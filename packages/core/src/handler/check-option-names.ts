import type { Problem } from "../errors.js";
import { isOptions, type OptionNames, optionProblems } from "../option-names.js";
import type { NotificationLimits, PayApiHandlerOptions, RateLimits } from "./options.js";

const documented = 'the READMEs of @payapi/express-middleware and @payapi/next-route-handlers, "Options"';

const names = {
  payapi: true,
  ledger: true,
  orders: true,
  authorize: true,
  authorizeBillingKey: true,
  context: true,
  customerId: true,
  actor: true,
  publicUrl: true,
  basePath: true,
  groups: true,
  clientAddress: true,
  trustedProxies: true,
  sources: true,
  notificationKey: true,
  notificationCharsets: true,
  escrowAcknowledgement: true,
  notificationUrl: true,
  returnTo: true,
  constantNextUrl: true,
  methods: true,
  rateLimits: true,
  notificationLimits: true,
  logger: true,
} satisfies OptionNames<PayApiHandlerOptions>;

/** The options that contain options. Options that are the merchant's own objects may have other members. */
const within = {
  rateLimits: {
    windowMs: true,
    perAddress: true,
    perCard: true,
    perCustomer: true,
    perOrder: true,
  } satisfies OptionNames<RateLimits>,
  notificationLimits: {
    windowMs: true,
    perAddress: true,
    inAll: true,
    perOrder: true,
  } satisfies OptionNames<NotificationLimits>,
  notificationCharsets: { mobile: true, deposit: true, escrow: true } satisfies OptionNames<
    PayApiHandlerOptions["notificationCharsets"] & object
  >,
};

/** The names of the limits. */
export const limitNames = {
  rateLimits: Object.keys(within.rateLimits),
  notificationLimits: Object.keys(within.notificationLimits),
};

/** Lists unknown names of options and nested options; one problem if the options are not an object. */
export function nameProblems(options: unknown): Problem[] {
  const problems = optionProblems(options, { names, documented });
  if (!isOptions(options)) return problems;
  for (const [field, known] of Object.entries(within)) {
    const given: unknown = (options as Readonly<Record<string, unknown>>)[field];
    if (isOptions(given))
      problems.push(...optionProblems(given, { names: known, documented, within: field }));
  }
  return problems;
}
