import type { operations } from "@payapi/core/operations";
import type { Book, Transaction } from "../../book/book.js";
import type { EscrowPurchase } from "../../book/escrow.js";
import { formatKoreanDate } from "../../time/korean-time.js";
import { payMethodOf } from "../pay-methods.js";
import { type Declined, decline, type Service } from "./service.js";

type Escrow = typeof operations.escrow;

/** 6.1: registers a parcel, or changes one that was registered. */
export const registerDelivery: Service<Escrow["registerDelivery"]> = (call) => {
  const { values, book, notifier, now } = call;
  const found = find(book, call.merchant.mid, values.tid);
  if (!found || found.transaction.oid !== values.oid) return decline("noEscrowPayment");
  const { transaction, purchase } = found;
  if (purchase.state === "confirmed") return decline("purchaseConfirmed");
  if (isOver(found)) return decline("cannotDeliver");
  const known = purchase.deliveries.some(({ soid }) => soid === values.soid);
  if (values.report === "I" && known) return decline("deliveryRegistered");
  if (values.report === "U" && !known) return decline("noDelivery");
  book.purchases.deliver(values.tid, {
    soid: values.soid,
    exCode: values.exCode,
    invoice: values.invoice,
  });
  if (!known) notifier.escrow(transaction, "2");
  return { done: true, reply: { processedAt: now } };
};

/** 6.2: the buyer confirms, once a delivery was registered. */
export const confirmPurchase: Service<Escrow["confirmPurchase"]> = (call) => {
  const { values, book, notifier, now } = call;
  const found = findOpen(book, call.merchant.mid, values.tid);
  if ("done" in found) return found;
  if (found.purchase.state !== "delivery-registered") return decline("cannotConfirm");
  book.purchases.decide(values.tid, "confirmed");
  notifier.escrow(found.transaction, "3");
  return { done: true, reply: { processedAt: now } };
};

/** 6.3: the buyer rejects, once a delivery was registered. */
export const rejectPurchase: Service<Escrow["rejectPurchase"]> = (call) => {
  const { values, book, notifier, now } = call;
  const found = findOpen(book, call.merchant.mid, values.tid);
  if ("done" in found) return found;
  if (found.purchase.state === "rejected") return decline("rejectedBefore");
  if (found.purchase.state !== "delivery-registered") return decline("cannotReject");
  book.purchases.decide(values.tid, "rejected", values.denyMsg);
  notifier.escrow(found.transaction, "4", values.denyMsg === undefined ? {} : { denyMsg: values.denyMsg });
  return { done: true, reply: { processedAt: now } };
};

/** 6.4: the seller accepts a rejection; the remaining amount is refunded to the buyer. */
export const confirmRejection: Service<Escrow["confirmRejection"]> = (call) => {
  const { values, book, notifier, now } = call;
  const found = findOpen(book, call.merchant.mid, values.tid);
  if ("done" in found) return found;
  if (found.purchase.state !== "rejected") return decline("cannotDecide");
  book.cancel(values.tid, "escrow", found.transaction.remaining);
  book.purchases.decide(values.tid, "refunded");
  notifier.escrow(found.transaction, "10", found.purchase.denyMsg ? { denyMsg: found.purchase.denyMsg } : {});
  return { done: true, reply: { processedAt: now } };
};

/** 6.5: the only inquiry there is. */
export const getStatus: Service<Escrow["getStatus"]> = ({ merchant, values, book }) => {
  const found = find(book, merchant.mid, values.tid);
  if (!found) return decline("noEscrowPayment");
  const { transaction, purchase } = found;
  return {
    done: true,
    reply: {
      mid: merchant.mid,
      oid: transaction.oid,
      tid: transaction.tid,
      status: statusOf(found),
      approvedDate: formatKoreanDate(new Date(transaction.approvedAt)),
      payMethod: payMethodOf(transaction.payType)?.escrowCode ?? "0",
      price: transaction.price,
      denyMsg: purchase.denyMsg ?? "",
    },
  };
};

interface Found {
  readonly transaction: Transaction;
  readonly purchase: EscrowPurchase;
}

function find(book: Book, mid: string, tid: string): Found | undefined {
  const transaction = book.find(tid);
  const purchase = book.purchases.find(tid);
  return transaction?.mid === mid && purchase ? { transaction, purchase } : undefined;
}

/** Returns whether nothing more can be shipped. */
function isOver({ transaction, purchase }: Found): boolean {
  return transaction.remaining === 0 || purchase.state === "rejected" || purchase.state === "refunded";
}

/** A purchase about which the buyer or the seller may still decide, or the reason for a decline. */
function findOpen(book: Book, mid: string, tid: string): Found | Declined {
  const found = find(book, mid, tid);
  if (!found) return decline("noEscrowPayment");
  if (found.purchase.state === "confirmed") return decline("purchaseConfirmed");
  return found.transaction.remaining === 0 ? decline("cannotDecide") : found;
}

/** The inquiry's states; it has no own state for a registered delivery or an accepted rejection. */
function statusOf({ transaction, purchase }: Found): string {
  if (purchase.state === "rejected" || purchase.state === "refunded") return "10";
  if (transaction.remaining === 0) {
    const last = transaction.cancels.at(-1)?.at ?? transaction.approvedAt;
    const isSameDay = formatKoreanDate(new Date(last)) === formatKoreanDate(new Date(transaction.approvedAt));
    return isSameDay ? "1" : "2";
  }
  return purchase.state === "confirmed" ? "3" : "0";
}
