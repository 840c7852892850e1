import type { PayApi } from "../client.js";
import type { CallOptions } from "../method.js";
import { operations } from "../operations/index.js";
import type { CancelRequest, PaymentStore, ReservedCancel } from "../store/index.js";
import { checkInput } from "../wire/check-input.js";
import type { PaymentResult } from "./results.js";
import { type SettlingStore, sendAndSettle } from "./send-and-settle.js";

/** A request to accept the rejection of an escrow purchase. */
export interface ConfirmRejectionRequest {
  readonly orderId: string;
  /** The name of the person who accepts it. */
  readonly dcnfName: string;
  /** The IPv4 address of the request. */
  readonly clientIp: string;
  /** The name of the person who accepts it, for the order's audit trail. */
  readonly actor?: string | undefined;
}

/** The part of a payment store that a cancel needs. */
export type CancellingStore = SettlingStore & Pick<PaymentStore, "reserveCancel">;

/** Cancels a payment with the amounts that the ledger reserves, or an unknown approval of the payment page (`netCancel`). */
export async function cancel(
  payapi: Pick<PayApi, "payments">,
  ledger: CancellingStore,
  request: Omit<CancelRequest, "escrow">,
): Promise<PaymentResult<ReservedCancel>> {
  return reserveAndSend(ledger, request, (call, options) => {
    const { tid, payType, cancelPrice, confirmPrice } = call;
    const netCancel = call.netCancel ? ({ cancelType: "net-cancel" } as const) : {};
    switch (call.operation) {
      case "payments.cancel":
        return payapi.payments.cancel({ tid, payType, price: cancelPrice, ...netCancel }, options);
      case "payments.cancelPartially":
        return payapi.payments.cancelPartially({ tid, payType, cancelPrice, confirmPrice }, options);
      case "escrow.confirmRejection":
        throw new TypeError("The ledger reserved an escrow cancel, which payments.cancel does not send");
    }
  });
}

/** Accepts the rejection of an escrow purchase. It is a cancel, since it refunds the buyer. */
export async function confirmRejection(
  payapi: Pick<PayApi, "environment" | "escrow">,
  ledger: CancellingStore,
  { orderId, dcnfName, clientIp, actor }: ConfirmRejectionRequest,
): Promise<PaymentResult<ReservedCancel>> {
  const input = { dcnfName, clientIp };
  checkInput(operations.escrow.confirmRejection, { ...input, tid: "0" }, payapi.environment);
  const request = { orderId, escrow: true, ...(actor === undefined ? {} : { actor }) } as const;
  return reserveAndSend(ledger, request, ({ tid }, options) =>
    payapi.escrow.confirmRejection({ ...input, tid }, options),
  );
}

async function reserveAndSend(
  ledger: CancellingStore,
  request: CancelRequest,
  send: (call: ReservedCancel, options: CallOptions) => ReturnType<Parameters<typeof sendAndSettle>[2]>,
): Promise<PaymentResult<ReservedCancel>> {
  const reservation = await ledger.reserveCancel(request);
  if (reservation.status === "refused") return { ...reservation, status: "not-reserved" };
  const { call } = reservation;
  return sendAndSettle(ledger, call, async (options) => send(call, options));
}
