/** What was notified of an order before, whoever said it; and which accounts wait, by when they are due. */
export function foundByPeople(schema: string): string {
  return `
CREATE INDEX inbox_order ON ${schema}.inbox (mid, order_id, tid) WHERE order_id IS NOT NULL;
DROP INDEX ${schema}.inbox_tid;
CREATE INDEX approvals_awaiting ON ${schema}.approvals (mid, account_due_at) WHERE state = 'awaiting_deposit';
`;
}
