/** What was notified of an order before, whoever said it. */
export function inboxByOrder(schema: string): string {
  return `
CREATE INDEX inbox_order ON ${schema}.inbox (mid, order_id, tid) WHERE order_id IS NOT NULL;
DROP INDEX ${schema}.inbox_tid;
`;
}
