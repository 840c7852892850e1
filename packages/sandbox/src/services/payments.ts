import type { operations } from "@payapi/core/operations";
import { decline, type Service } from "./service.js";

type Payments = typeof operations.payments;

/** 2.1: cancels a payment whole; one that was cancelled in part must go through 2.2. */
export const cancel: Service<Payments["cancel"]> = ({ merchant, values, book }) => {
  const transaction = book.find(values.tid);
  if (transaction?.mid !== merchant.mid) return decline("unknownTid");
  if (transaction.payType !== values.payType) return decline("payTypeDiffers");
  if (values.currency !== "WON") return decline("currencyDiffers");
  if (transaction.remaining === 0) return decline("alreadyCancelled");
  if (transaction.cancels.length > 0) return decline("partlyCancelled");
  if (transaction.price !== values.price) return decline("priceDiffers");
  const cancellation = book.cancel(transaction.tid, "full", values.price);
  return {
    done: true,
    reply: {
      mid: merchant.mid,
      tid: transaction.tid,
      oid: transaction.oid,
      price: cancellation.price,
      cancelledAt: new Date(cancellation.at),
    },
  };
};

/** 2.2: a compare-and-swap on what is left, so a request carried out twice can take money back only once. */
export const cancelPartially: Service<Payments["cancelPartially"]> = ({ merchant, values, book }) => {
  const transaction = book.find(values.tid);
  if (transaction?.mid !== merchant.mid) return decline("unknownTid");
  if (transaction.payType !== values.payType) return decline("payTypeDiffers");
  if (values.currency !== "WON") return decline("currencyDiffers");
  if (transaction.remaining === 0) return decline("alreadyCancelled");
  if (values.cancelPrice > transaction.remaining) return decline("overRemaining");
  if (values.confirmPrice !== transaction.remaining - values.cancelPrice) return decline("confirmDiffers");
  const cancellation = book.cancel(transaction.tid, "partial", values.cancelPrice);
  return {
    done: true,
    reply: {
      mid: merchant.mid,
      tid: transaction.tid,
      cancelTid: cancellation.tid,
      price: cancellation.price,
      remainingPrice: cancellation.remaining,
      cancelledAt: new Date(cancellation.at),
    },
  };
};
