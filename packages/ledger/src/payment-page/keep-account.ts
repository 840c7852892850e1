import { type IssuedAccount, maskCardNumbers, type OrderPayment } from "@payapi/core";
import { checkText, checkTid, checkWon } from "../check-request.js";
import { type LedgerContext, newId } from "../context.js";
import { LedgerError } from "../errors.js";
import { viewOrder } from "../order-view.js";
import { retryConflicts } from "../settle.js";
import {
  type AccountFields,
  type ApprovalRow,
  type ApprovalState,
  type LedgerTransaction,
  type OrderRows,
  UniqueConflict,
} from "../store.js";
import { transitionOf } from "../transitions.js";
import type { LinkRow } from "./link-rows.js";

/** Keeps that the payment page issued an account, as the buyer's browser says. No money moves by it. */
export async function awaitDeposit(context: LedgerContext, issued: IssuedAccount): Promise<OrderPayment> {
  checkIssued(issued);
  const { mid } = context;
  const { orderId, oid, price, tid } = issued;
  return retryConflicts(() =>
    context.store.transaction(async (tx) => {
      const link = await tx.links.byOid(mid, oid);
      if (link?.orderId !== orderId || link.price !== price || link.payType !== "vbank") {
        throw new LedgerError(
          "invalid-argument",
          "oid must be of a link for a virtual account of this order with this price",
        );
      }
      await tx.links.lock(mid, orderId);
      const order = await tx.lockOrder(mid, orderId);
      const known = attemptWithTid(order, oid, tid);
      if (known === undefined) {
        if (await tx.tidIsKnown(mid, tid))
          throw new LedgerError("tid-used", "The transaction is another payment's");
        const at = context.now(tx);
        await addAttempt(tx, order, link, { tid, state: "awaiting_deposit", at, account: fieldsOf(issued) });
      } else {
        await completeAccount(tx, known, fieldsOf(issued));
      }
      const payment = viewOrder(orderId, await tx.ordersRows(mid, [orderId]));
      if (payment === undefined) throw new LedgerError("broken-rule", "An account was kept for no order");
      return payment;
    }),
  );
}

/**
 * The attempt that a transaction of the payment page belongs to. A buyer may have brought it back to another link of the order than
 * the one it was made by: it is the order's all the same.
 */
export function attemptWithTid(order: OrderRows, oid: string, tid: string): ApprovalRow | undefined {
  const withTid = order.approvals.filter((row) => row.tid === tid || row.authTid === tid);
  return withTid.find((row) => row.oid === oid) ?? withTid[0];
}

/** Another number under the same transaction is not taken: what was known first stays. */
export async function completeAccount(
  tx: LedgerTransaction,
  row: ApprovalRow,
  account: AccountFields,
): Promise<void> {
  if (row.payType === "vbank" && isSameAccount(row.accountNumber, account.accountNumber)) {
    await tx.completeAccount(row.id, account);
  }
}

/** Hyphens mean nothing; an account that is not known contradicts none. */
export function isSameAccount(one: string | null, other: string | null): boolean {
  return one === null || other === null || one.replaceAll("-", "") === other.replaceAll("-", "");
}

/** Adds an attempt that no call of ours made: the payment page did. The links of the order are locked. */
export async function addAttempt(
  tx: LedgerTransaction,
  order: OrderRows,
  link: LinkRow,
  made: { tid: string; state: ApprovalState; at: Date; account: AccountFields; actor?: string },
): Promise<ApprovalRow> {
  const { mid, orderId, oid, payType, price } = link;
  const { tid, state, at, account, actor } = made;
  const attemptNo = (order.approvals.at(-1)?.attemptNo ?? 0) + 1;
  const names = { id: newId(), mid, orderId, attemptNo, oid, authTid: tid };
  const approval = await tx.insertApproval({ ...names, state, payType, price, createdAt: at, ...account });
  if (approval === undefined) throw new UniqueConflict("approvals_attempt");
  await tx.addTransition({
    ...transitionOf({ kind: "approval", approval }, { at, from: null, to: state, actor: actor ?? null }),
    tid,
  });
  return approval;
}

function fieldsOf({ account, bankCode, accountHolder, dueAt }: IssuedAccount): AccountFields {
  return {
    accountNumber: account,
    accountBank: bankCode ?? null,
    accountHolder: accountHolder === undefined ? null : maskCardNumbers(accountHolder),
    accountDueAt: dueAt ?? null,
  };
}

function checkIssued({ orderId, oid, price, tid, account, bankCode, accountHolder, dueAt }: IssuedAccount) {
  checkText("orderId", orderId, 200);
  checkText("oid", oid, 40);
  checkWon("price", price, 1);
  checkTid("tid", tid);
  if (typeof account !== "string" || !/^[0-9-]{1,30}$/.test(account)) {
    throw new LedgerError("invalid-argument", "account must be an account number");
  }
  if (bankCode !== undefined) checkText("bankCode", bankCode, 20);
  if (accountHolder !== undefined) checkText("accountHolder", accountHolder, 100);
  if (dueAt !== undefined && !Number.isFinite(dueAt.getTime())) {
    throw new LedgerError("invalid-argument", "dueAt must be a moment");
  }
}
