import type { Draft } from "./order.js";
import type { AccountFields, ApprovalRow, ApprovalState, LinkRow } from "./rows.js";
import { transitionOf } from "./transitions.js";

const nothingYet = {
  resultCode: null,
  resultMessage: null,
  failureCode: null,
  reportedPrice: null,
  tid: null,
  authTid: null,
  accountNumber: null,
  accountBank: null,
  accountHolder: null,
  accountDueAt: null,
  applNum: null,
  approvedAt: null,
  remaining: 0,
  held: 0,
  openCancel: null,
  settledBy: null,
  contradictedAt: null,
  mismatches: [],
  deposits: [],
  networkCancelAt: null,
  sendingAt: null,
  deadlineAt: null,
  settledAt: null,
} as const;

/** The number of the order's next attempt. */
export function nextAttemptNo({ order: { approvals } }: Draft): number {
  return (approvals.at(-1)?.attemptNo ?? 0) + 1;
}

/** Adds an attempt in its first state. */
export function addAttempt(
  draft: Draft,
  row: Pick<ApprovalRow, "id" | "attemptNo" | "oid" | "payType" | "price" | "state" | "createdAt"> &
    Partial<Pick<ApprovalRow, "authTid" | keyof AccountFields>>,
  { actor = null, tid = null }: { readonly actor?: string | null; readonly tid?: string | null } = {},
): ApprovalRow {
  const { mid, orderId } = draft;
  const approval = draft.putApproval({ ...nothingYet, mid, orderId, ...row });
  const entry = { at: row.createdAt, from: null, to: row.state, actor };
  draft.audit({ ...transitionOf({ kind: "approval", approval }, entry), tid });
  return approval;
}

/** Adds an attempt that no call of ours made: the payment page did. */
export function addAttemptOfPage(
  draft: Draft,
  { oid, payType, price }: LinkRow,
  made: {
    readonly id: string;
    readonly tid: string;
    readonly state: ApprovalState;
    readonly at: Date;
    readonly account: AccountFields;
    readonly actor?: string;
  },
): ApprovalRow {
  const { id, tid, state, at, account, actor = null } = made;
  const attemptNo = nextAttemptNo(draft);
  const row = { id, attemptNo, oid, payType, price, state, authTid: tid, createdAt: at, ...account };
  return addAttempt(draft, row, { actor, tid });
}

/** Keeps what was not known of an attempt's account. Another number under the same transaction is not taken. */
export function completeAccount(draft: Draft, row: ApprovalRow, account: AccountFields): ApprovalRow {
  if (row.payType !== "vbank" || !isSameAccount(row.accountNumber, account.accountNumber)) return row;
  const complete = {
    accountNumber: row.accountNumber ?? account.accountNumber,
    accountBank: row.accountBank ?? account.accountBank,
    accountHolder: row.accountHolder ?? account.accountHolder,
    accountDueAt: row.accountDueAt ?? account.accountDueAt,
  };
  const isNews = (Object.keys(complete) as (keyof AccountFields)[]).some(
    (field) => row[field] === null && complete[field] !== null,
  );
  return isNews ? draft.changeApproval(row.id, complete) : row;
}

/** Hyphens mean nothing; an account that is not known contradicts none. */
export function isSameAccount(one: string | null, other: string | null): boolean {
  return one === null || other === null || one.replaceAll("-", "") === other.replaceAll("-", "");
}

/**
 * The attempt that a transaction of the payment page belongs to. A buyer may have brought it back to another link of the order than
 * the one it was made by: it is the order's all the same.
 */
export function attemptWithTid(
  approvals: readonly ApprovalRow[],
  oid: string,
  tid: string,
): ApprovalRow | undefined {
  const withTid = approvals.filter((row) => row.tid === tid || row.authTid === tid);
  return withTid.find((row) => row.oid === oid) ?? withTid[0];
}
