import { fieldProblem } from "../errors.js";
import { errorName } from "../log/log.js";
import { createPayments } from "../payments/create-payments.js";
import type { ApprovalRequest, BillingKey, RateLimitRequest } from "../store/index.js";
import { checkNames, checkOrigin } from "./browser-request.js";
import { fromLedger, tooManyAttempts } from "./from-ledger.js";
import type { Order } from "./options.js";
import { HandlerProblem, problemResponse } from "./problems.js";
import { consumeRateLimit, rateLimitOf } from "./rate-limits.js";
import { answerOnce, type Reserving } from "./remembered-request.js";
import { parseJsonBody, receiveBody } from "./request-body.js";
import { isTicket, ticketHeader } from "./return-ticket.js";
import type { BuyerRoute, Call, JsonAnswer, Services } from "./route.js";
import type { Serving } from "./serving.js";

/** The subject of an authorized request. */
interface Subject {
  readonly order?: Order;
  readonly billingKey?: BillingKey;
  readonly customerId?: string | undefined;
  readonly actor?: string | undefined;
}

type Parameters = Readonly<Record<string, string>>;

/** The route of a request, with the path below `basePath`. */
interface FoundRoute {
  readonly route: BuyerRoute;
  readonly parameters: Parameters;
  readonly path: string;
}

/** Serves a request from the shop's own pages: identifies the caller, authorizes the request and runs the route. */
export async function serveBuyerRoute<Context, Native>(
  request: Request,
  native: Native,
  { route, parameters, path }: FoundRoute,
  serving: Serving<Context, Native>,
): Promise<Response> {
  const { options, services } = serving;
  const reads = route.method === "GET";
  checkOrigin(request, serving.origin, reads, services.logger);
  // The body first: sending it may take seconds, and the price and the permission must be read after that.
  const received = reads ? undefined : await receiveBody(request, "json");
  const context = (await options.context?.(request, native)) as Context;
  // The body is parsed only for authorized callers; only a charge needs its key from there before.
  const readBody = () => (received === undefined ? {} : parseJsonBody(received));
  const subject = {
    ...(await allowedSubject(request, { route, parameters, path }, readBody, context, serving)),
    actor: options.actor?.(context),
  };
  const body = readBody();
  checkNames(route.body, body);
  const call: Call = {
    services,
    body,
    userAgent: request.headers.get("user-agent") ?? undefined,
    clientAddress: () => knownAddress(request, native, serving),
    slash: new URL(request.url).pathname.endsWith("/") ? "/" : "",
  };
  const answer = async (reserving?: Reserving) => {
    const { status, body: json } = await countedAnswer(route, call, subject, serving, reserving);
    return jsonResponse(status, json);
  };
  const key = request.headers.get("idempotency-key");
  if (reads || key === null) return answer();
  const identity = {
    route: `${route.method} ${options.basePath}${path}`,
    customerId: subject.customerId ?? "",
    body,
  };
  const writeProblem = (problem: HandlerProblem) => problemResponse(problem, request);
  return answerOnce(key, identity, services, answer, { writeProblem, reserves: route.reserves === true });
}

async function allowedSubject<Context, Native>(
  { headers }: Request,
  { route, parameters: { orderId = "", keyId = "" } }: FoundRoute,
  readBody: () => Readonly<Record<string, unknown>>,
  context: Context,
  serving: Serving<Context, Native>,
): Promise<Subject> {
  const { options, services } = serving;
  if (
    route.takesTicket &&
    isTicket(headers.get(ticketHeader), orderId, services.payapi, services.timers.wall())
  ) {
    const order = await services.findOrder(orderId);
    if (order !== undefined) return { order };
  }
  const customerId = options.customerId?.(context);
  if (route.subject === "customer") {
    if (customerId === undefined || customerId === "") throw new HandlerProblem("forbidden");
    demandTrue(
      await options.authorizeBillingKey?.({ action: route.action, customerId: customerId, context }),
    );
    return { customerId };
  }
  if (route.subject === "billing-key") {
    const billingKey = await findKey(keyId, serving);
    const { customerId } = billingKey;
    demandTrue(
      await options.authorizeBillingKey?.({ action: route.action, customerId, billingKey, context }),
    );
    return { billingKey, customerId };
  }
  const order = await serving.findOrder(orderId, context);
  if (order === undefined) throw new HandlerProblem("order-not-found");
  const current = () => unchangedOrder(order, () => serving.findOrder(orderId, context), route);
  if (route.action !== "charge") {
    demandTrue(await options.authorize?.({ action: route.action, order, context }));
    return { order: await current(), customerId };
  }
  const { billingKeyId } = readBody();
  if (typeof billingKeyId !== "string") {
    const message = {
      en: "must be the id returned when the billing key was issued",
      ko: "등록할 때 받은 결제수단 번호여야 합니다",
    };
    throw new HandlerProblem("invalid-input", { errors: [fieldProblem("billingKeyId", message)] });
  }
  const billingKey = await findKey(billingKeyId, serving);
  demandTrue(await options.authorize?.({ action: route.action, order, billingKey, context }));
  return { order: await current(), billingKey, customerId };
}

/**
 * `authorize` may take long, so the order is read again after it. One whose price changed meanwhile is not charged: the permission was
 * given for the other price.
 */
async function unchangedOrder(
  order: Order,
  findAgain: () => Promise<Order | undefined>,
  { method }: BuyerRoute,
): Promise<Order> {
  if (method === "GET") return order;
  const current = await findAgain();
  if (current === undefined) throw new HandlerProblem("order-not-found");
  if (current.id !== order.id || current.price !== order.price) throw new HandlerProblem("order-changed");
  return current;
}

// Only `true` allows; a truthy value is a mistake.
function demandTrue(allowed: unknown): void {
  if (allowed !== true) throw new HandlerProblem("forbidden");
}

async function findKey<Context, Native>(
  id: string,
  { services: { ledger, logger } }: Serving<Context, Native>,
): Promise<BillingKey> {
  // A ledger never returns such an id, and a database may reject it in a query.
  if (id === "" || id.length > 200 || /\p{Cc}/u.test(id)) throw new HandlerProblem("key-not-found");
  const key = await fromLedger(logger, { subject: "billing key" }, () => ledger.findKey(id));
  if (key === undefined) throw new HandlerProblem("key-not-found");
  return key;
}

/** Counts the attempt, if the route has rate limits, and releases it if it revealed nothing about a card. */
async function countedAnswer<Context, Native>(
  route: BuyerRoute,
  call: Call,
  subject: Subject,
  { limits, services }: Serving<Context, Native>,
  reserving: Reserving | undefined,
): Promise<JsonAnswer> {
  if (route.reserves !== true && (route.counts === undefined || limits === undefined)) {
    return run(route, call, subject);
  }
  const { cardNumber } = call.body;
  const { purpose, byAddress, byCustomer, failuresOnly } = counting[route.counts ?? "failures"];
  const attempt = {
    purpose,
    address: byAddress ? call.clientAddress() : undefined,
    card: typeof cardNumber === "string" ? cardNumber : subject.billingKey?.id,
    customerId: byCustomer ? subject.customerId : undefined,
    orderId: subject.order?.id,
  } as const;
  if (route.reserves === true) {
    const rateLimit = limits && rateLimitOf(attempt, limits, services.payapi);
    return run(route, { ...call, services: reservingServices(services, rateLimit, reserving) }, subject);
  }
  if (limits === undefined) return run(route, call, subject);
  const counted = await fromLedger(services.logger, { subject: "attempts" }, () =>
    consumeRateLimit(attempt, limits, services.ledger, services.payapi),
  );
  if (!counted.allowed) throw tooManyAttempts(counted.retryAfterSeconds);
  const release = () =>
    counted.release().catch((error: unknown) => {
      services.logger.write("attempt-not-released", { error: errorName(error) });
    });
  try {
    const answer = await run(route, call, subject);
    if (failuresOnly) await release();
    return answer;
  } catch (error) {
    if (!(error instanceof HandlerProblem) || !staysCounted(error)) await release();
    throw error;
  }
}

/** The payments of one request, whose reservation counts the attempt and begins the request in one statement. */
function reservingServices(
  services: Services,
  rateLimit: RateLimitRequest | undefined,
  reserving: Reserving | undefined,
): Services {
  const { payapi, ledger } = services;
  const request = reserving?.request;
  const along = { ...(rateLimit && { rateLimit }), ...(request && { request }) };
  const store = {
    ...ledger,
    async reserveApproval(asked: ApprovalRequest) {
      const reservation = await ledger.reserveApproval({ ...asked, along });
      if (reserving !== undefined) reserving.hasReserved = reservation.status === "reserved";
      return reservation;
    },
  };
  return { ...services, payments: createPayments({ payapi, ledger: { store } }) };
}

// Links and charges reveal nothing about other cards, so they are not counted by address: many buyers may share one.
const counting = {
  failures: { purpose: "card", byAddress: true, byCustomer: true, failuresOnly: true },
  all: { purpose: "lookup", byAddress: true, byCustomer: true, failuresOnly: false },
  links: { purpose: "link", byAddress: false, byCustomer: true, failuresOnly: false },
  charges: { purpose: "charge", byAddress: false, byCustomer: false, failuresOnly: true },
} as const;

// Problems that reveal something about a card, or might.
const tellsOfCard: readonly string[] = [
  "declined",
  "outcome-unknown",
  "needs-review",
  "key-unknown",
  "gateway-refused",
];

function staysCounted({ code, extra }: HandlerProblem): boolean {
  return extra.staysCounted ?? tellsOfCard.includes(code);
}

function run(
  route: BuyerRoute,
  call: Call,
  { order, billingKey, customerId, actor }: Subject,
): Promise<JsonAnswer> {
  switch (route.subject) {
    case "order":
      return route.run({
        ...call,
        order: order as Order,
        billingKey,
        ...(actor === undefined ? {} : { actor }),
      });
    case "billing-key":
      return route.run({ ...call, billingKey: billingKey as BillingKey });
    case "customer":
      return route.run({ ...call, customerId: customerId ?? "" });
  }
}

function knownAddress<Context, Native>(
  request: Request,
  native: Native,
  { addressOf }: Serving<Context, Native>,
): string {
  const address = addressOf(request, native);
  if (address === undefined) {
    throw new TypeError(
      "clientAddress returned no address for a request: read it from the socket, or from the header that your own proxy sets",
    );
  }
  return address;
}

/** Writes a successful answer. */
function jsonResponse(status: number, body: object): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
