import type { Ledger } from "@payapi/ledger";
import type { Sandbox, Transaction } from "@payapi/sandbox";

/** What became of the orders, and everything in which the two books disagree. */
export interface Comparison {
  readonly problems: readonly string[];
  readonly orders: Readonly<Record<string, number>>;
}

/**
 * Compares the ledger's state of every order with the gateway's book. An unknown order may be charged or not, but
 * never both: it must not be wrong, and must not charge twice.
 */
export async function compareBooks(
  ledger: Ledger,
  sandbox: Sandbox,
  orderIds: readonly string[],
): Promise<Comparison> {
  const problems: string[] = [];
  const orders: Record<string, number> = {};
  const suspense = new Map(sandbox.book.transactions.map((each) => [each.tid, each]));
  for (const orderId of orderIds) {
    const order = await ledger.payments.find(orderId);
    const balance = await ledger.payments.balance(orderId);
    const charged = sandbox.book.transactions.filter(({ oid }) => isOf(oid, orderId));
    for (const { tid } of charged) suspense.delete(tid);
    const status = order?.status ?? "none";
    orders[status] = (orders[status] ?? 0) + 1;
    const say = (problem: string) => problems.push(`${orderId} (${status}): ${problem}`);
    if (charged.length > 1) say(`charged ${charged.length} times`);
    const [payment] = charged;
    switch (status) {
      case "none":
      case "declined":
      case "not-sent":
        if (payment !== undefined) say(`${payment.tid} was charged`);
        break;
      case "paid":
      case "partially-cancelled":
      case "cancelled":
        if (payment === undefined) say("nothing was charged");
        else if (payment.remaining !== balance.paid || payment.remaining !== order?.remainingPrice) {
          say(
            `the gateway has ${payment.remaining}, the books ${balance.paid}, the order ${order?.remainingPrice}`,
          );
        }
        break;
      case "unknown":
        if (payment !== undefined && !mayBeUnknown(payment, balance.gateway)) {
          say(`the gateway has ${payment.remaining}, which no open call explains`);
        }
        break;
      default:
        say("no order should be in this state");
    }
    if (balance.suspense !== 0) say(`${balance.suspense} won are suspense`);
  }
  for (const { tid, oid } of suspense.values()) problems.push(`${tid} of ${oid} is an orphan`);
  return { problems, orders };
}

/** An unknown approval left no money in the books; an unknown cancel is the one step between the two. */
function mayBeUnknown(payment: Transaction, booked: number): boolean {
  if (booked === 0) return payment.cancels.length === 0;
  const before = [
    payment.remaining,
    ...payment.cancels.slice(-1).map(({ price }) => payment.remaining + price),
  ];
  return before.includes(booked);
}

function isOf(oid: string, orderId: string): boolean {
  return oid.startsWith(`${orderId}-`);
}
