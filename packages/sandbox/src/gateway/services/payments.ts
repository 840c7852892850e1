import type { operations } from "@payapi/core/operations";
import type { Cancellation, Transaction } from "../../book/book.js";
import { type Call, type Declined, decline, type Service } from "./service.js";

type Payments = typeof operations.payments;

/** 2.1: cancels a payment whole; one that was cancelled in part must go through 2.2. */
export const cancel: Service<Payments["cancel"]> = (call) => {
  const { values, book, rules } = call;
  if (values.cancelType === "C") {
    const early = cancelEarly(call);
    if (early) return early;
  }
  const transaction = paymentOf(call);
  if ("done" in transaction) return transaction;
  const only = transaction.cancels.length === 1 ? transaction.cancels[0] : undefined;
  if (rules.repeatedCancel === "lax" && only?.kind === "full" && only.price === values.price) {
    return fullReply(transaction, only);
  }
  if (transaction.remaining === 0) return decline("alreadyCancelled");
  if (transaction.cancels.length > 0) return decline("partlyCancelled");
  if (transaction.price !== values.price) return decline("priceDiffers");
  const cancellation = book.cancel(transaction.tid, "full", values.price);
  if (book.purchases.find(transaction.tid)) call.notifier.escrow(transaction, "8");
  return fullReply(transaction, cancellation);
};

/** 2.2: a compare-and-swap on the remaining amount, so that a request processed twice cancels only once. */
export const cancelPartially: Service<Payments["cancelPartially"]> = (call) => {
  const { values, book, rules } = call;
  const transaction = paymentOf(call);
  if ("done" in transaction) return transaction;
  const { cancelPrice, confirmPrice } = values;
  if (transaction.isWhole) return decline("notPartly");
  const last = transaction.cancels.at(-1);
  const isRepeat = last?.kind === "partial" && last.price === cancelPrice && last.remaining === confirmPrice;
  if (rules.repeatedCancel === "lax" && isRepeat) return partialReply(transaction, last);
  if (transaction.remaining === 0) return decline("alreadyCancelled");
  if (cancelPrice > transaction.remaining) return decline("overRemaining");
  if (confirmPrice !== transaction.remaining - cancelPrice) return decline("confirmDiffers");
  const cancellation = book.cancel(transaction.tid, "partial", cancelPrice);
  if (book.purchases.find(transaction.tid)) call.notifier.escrow(transaction, "8", { partial: cancellation });
  return partialReply(transaction, cancellation);
};

/** A net cancel is for payments of the payment page, and may come before their approval. */
function cancelEarly({ merchant, values, book, rules, now }: Call<Payments["cancel"]>) {
  const authentication = book.pages.authenticationOf(values.tid);
  if (!authentication) {
    return book.find(values.tid)?.mid === merchant.mid ? decline("notAPagePayment") : undefined;
  }
  const { link, state } = authentication;
  if (state === "approved" || link.mid !== merchant.mid || rules.earlyNetCancel === "refuse") {
    return undefined;
  }
  if (link.price !== values.price) return decline("priceDiffers");
  if (state === "cancelled") {
    if (rules.repeatedCancel === "strict") return decline("alreadyCancelled");
  } else book.pages.settle(values.tid, "cancelled");
  const { mid } = merchant;
  const { tid, price } = values;
  return { done: true, reply: { mid, tid, oid: link.oid, price, cancelledAt: now } } as const;
}

/** The payment to cancel, or the reason for a decline. */
function paymentOf({
  merchant,
  values,
  book,
}: Pick<Call<Payments["cancel"]>, "merchant" | "book"> & {
  readonly values: { readonly tid: string; readonly payType: string; readonly currency: string };
}): Transaction | Declined {
  const transaction = book.find(values.tid);
  if (transaction?.mid !== merchant.mid) return decline("unknownTid");
  if (transaction.payType !== values.payType) return decline("payTypeDiffers");
  return values.currency === "WON" ? transaction : decline("currencyDiffers");
}

function fullReply({ mid, tid, oid }: Transaction, { price, at }: Cancellation) {
  return { done: true, reply: { mid, tid, oid, price, cancelledAt: new Date(at) } } as const;
}

function partialReply({ mid, tid }: Transaction, cancellation: Cancellation) {
  const { price, remaining, at } = cancellation;
  return {
    done: true,
    reply: {
      mid,
      tid,
      cancelTid: cancellation.tid,
      price,
      remainingPrice: remaining,
      cancelledAt: new Date(at),
    },
  } as const;
}
