import { isIPv4 } from "node:net";
import { isPayApiError } from "../../errors.js";
import { type InputOf, type Operation, operations, type ResultOf } from "../../operations/index.js";
import { fieldsOf, pick } from "../body-fields.js";
import { fromLedger } from "../from-ledger.js";
import type { EscrowDone, EscrowStatus } from "../messages.js";
import { viewOrder } from "../order-view.js";
import { HandlerProblem } from "../problems.js";
import type { JsonAnswer, OrderCall, Route, Services } from "../route.js";
import { checkForGateway, gatewayProblem } from "./gateway-problems.js";
import { settledOrder, usePayments } from "./payment-answers.js";

type DeliveryInput = Omit<InputOf<typeof registerDelivery>, "clientIp" | "tid" | "oid">;
type EscrowState = ResultOf<typeof operations.escrow.getStatus>["status"];

const { confirmPurchase, rejectPurchase, confirmRejection, registerDelivery } = operations.escrow;

const deliveryFields = fieldsOf(registerDelivery, [
  "soid",
  "report",
  "invoice",
  "registName",
  "exCode",
  "exName",
  "charge",
  "invoiceDay",
  "sendName",
  "sendPost",
  "sendAddr1",
  "sendAddr2",
  "sendTel",
  "recvName",
  "recvPost",
  "recvAddr",
  "recvTel",
  "goodsCode",
  "goodsName",
  "goodsCnt",
]);
const confirmFields = fieldsOf(confirmPurchase, ["buyName"], ["buyName"]);
const rejectFields = fieldsOf(
  rejectPurchase,
  ["buyName", "denyMsg", "refundBankCode", "refundAccount", "refundName"],
  ["buyName", "refundName"],
);
const rejectionFields = fieldsOf(confirmRejection, ["dcnfName"]);

const escrow = {
  group: "escrow",
  subject: "order",
  method: "POST",
  answer: "EscrowDone",
  success: 200,
} as const;

export const escrowRoutes = [
  {
    ...escrow,
    name: "registerDelivery",
    path: "/orders/:orderId/escrow/delivery",
    action: "register-delivery",
    summary: "Registers the delivery of an escrow order, or changes it (`report`: `change`).",
    body: deliveryFields,
    run: (call: OrderCall) => {
      const input = { ...pick(call.body, deliveryFields), price: call.order.price } as DeliveryInput;
      return act(call, registerDelivery, input, ({ payapi }, ids) =>
        payapi.escrow.registerDelivery({ ...input, ...ids }),
      );
    },
  },
  {
    ...escrow,
    name: "confirmPurchase",
    path: "/orders/:orderId/escrow/confirmation",
    action: "confirm-purchase",
    summary: "Confirms an escrow purchase for the buyer; the seller is paid.",
    body: confirmFields,
    run: (call: OrderCall) => {
      const input = { buyName: call.order.buyerName, ...pick(call.body, confirmFields) };
      return act(
        call,
        confirmPurchase,
        input,
        ({ payapi }, { clientIp, tid }) => payapi.escrow.confirmPurchase({ ...input, clientIp, tid }),
        "purchase-confirmed",
      );
    },
  },
  {
    ...escrow,
    name: "rejectPurchase",
    path: "/orders/:orderId/escrow/rejection",
    action: "reject-purchase",
    summary: "Rejects an escrow purchase for the buyer.",
    body: rejectFields,
    run: (call: OrderCall) => {
      const { buyerName } = call.order;
      const input = { buyName: buyerName, refundName: buyerName, ...pick(call.body, rejectFields) };
      return act(
        call,
        rejectPurchase,
        input,
        ({ payapi }, { clientIp, tid }) => payapi.escrow.rejectPurchase({ ...input, clientIp, tid }),
        "purchase-rejected",
      );
    },
  },
  {
    ...escrow,
    name: "confirmRejection",
    path: "/orders/:orderId/escrow/rejection-confirmation",
    action: "confirm-rejection",
    summary: "Accepts the rejection of an escrow purchase for the seller; the buyer is refunded.",
    body: rejectionFields,
    run: acceptRejection,
  },
  {
    ...escrow,
    group: "escrow-status",
    method: "GET",
    name: "getEscrowStatus",
    path: "/orders/:orderId/escrow",
    action: "view",
    summary: "Reads the state of an escrow payment from the gateway.",
    body: [],
    answer: "EscrowStatus",
    run: showStatus,
  },
] as const satisfies readonly Route[];

/** The identifiers of an escrow payment at the gateway. */
interface EscrowIds {
  readonly tid: string;
  readonly oid: string;
  readonly clientIp: string;
}

/**
 * @param proof the state that proves success; if the reply was lost, the handler reads the state from the gateway
 */
async function act(
  call: OrderCall,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  send: (services: Services, ids: EscrowIds) => Promise<{ readonly processedAt?: Date }>,
  proof?: EscrowState,
): Promise<JsonAnswer<EscrowDone>> {
  const { services, order, body } = call;
  const ids = await escrowIds(call);
  const known = Object.fromEntries(Object.entries(ids).filter(([name]) => takes(operation, name)));
  checkForGateway(operation, { ...input, ...known }, body, services, { orderId: order.id });
  try {
    const { processedAt } = await send(services, ids);
    return done(order.id, processedAt);
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    if (error.outcome === "refused" || error.outcome === "not-sent") throw gatewayProblem(error);
    if (proof !== undefined && (await isInState(services, ids, proof))) return done(order.id, undefined);
    const { code: reason } = error;
    services.logger.write("escrow-unknown", { orderId: order.id, operation: operation.name, reason });
    throw new HandlerProblem("escrow-unknown");
  }
}

/** It refunds the buyer, so it is a cancel. */
async function acceptRejection(call: OrderCall): Promise<JsonAnswer<EscrowDone>> {
  const { services, order, body, actor } = call;
  const dcnfName = body.dcnfName as string;
  const request = { orderId: order.id, dcnfName, clientIp: clientIpOf(call), actor };
  const result = await usePayments(services, { orderId: order.id }, rejectionFields, (payments) =>
    payments.confirmRejection(request),
  );
  const payment = settledOrder(result, services.logger);
  const outcome = result.status === "settled" ? result.outcome : undefined;
  if (payment.cancel?.status === "done") return done(order.id, outcome?.at);
  if (outcome?.outcome === "refused") throw gatewayProblem(outcome);
  const code = outcome?.outcome === "not-sent" ? "not-sent" : "outcome-unknown";
  throw new HandlerProblem(code, { order: viewOrder(payment) });
}

function takes(operation: Operation, name: string): boolean {
  return operation.request[name] !== undefined;
}

function done(orderId: string, at: Date | undefined): JsonAnswer<EscrowDone> {
  return {
    status: 200,
    body: { orderId, done: true, ...(at && { processedAt: at.toISOString() }) },
  };
}

async function isInState({ payapi }: Services, { tid, clientIp }: EscrowIds, state: EscrowState) {
  try {
    return (await payapi.escrow.getStatus({ tid, clientIp })).status === state;
  } catch {
    // A failed inquiry proves nothing.
    return false;
  }
}

async function escrowIds(call: OrderCall, { reads = false } = {}): Promise<EscrowIds> {
  const { order, services } = call;
  const { ledger, logger } = services;
  const payment = await fromLedger(logger, { orderId: order.id }, () => ledger.findOrder(order.id));
  if (payment?.tid === undefined) throw new HandlerProblem("not-paid");
  // The goods and the seller's money wait until the order is reviewed; its state may be read.
  if (payment.status === "needs-review" && !reads) {
    throw new HandlerProblem("needs-review", { order: viewOrder(payment) });
  }
  return { tid: payment.tid, oid: payment.oid ?? order.id, clientIp: clientIpOf(call) };
}

// The gateway accepts only IPv4; other addresses are sent as 0.0.0.0.
function clientIpOf({ clientAddress }: OrderCall): string {
  const address = clientAddress();
  return isIPv4(address) ? address : "0.0.0.0";
}

async function showStatus(call: OrderCall): Promise<JsonAnswer<EscrowStatus>> {
  const { order, services } = call;
  const { tid, clientIp } = await escrowIds(call, { reads: true });
  try {
    const found = await services.payapi.escrow.getStatus({ tid, clientIp });
    const { status, payMethod, price, approvedDate, denyMsg } = found;
    return { status: 200, body: { orderId: order.id, status, payMethod, price, approvedDate, denyMsg } };
  } catch (error) {
    if (!isPayApiError(error)) throw error;
    throw gatewayProblem(error);
  }
}
