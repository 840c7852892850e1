/** What recovery looks for, apart from what it can do nothing about; and what a payment has at most one of. */
export function dueAtTheGateway(schema: string): string {
  return `
CREATE INDEX approvals_running ON ${schema}.approvals (mid, id) WHERE state IN ('reserved', 'sending');
CREATE INDEX cancels_running ON ${schema}.cancels (mid, id) WHERE state IN ('reserved', 'sending');

ALTER TABLE ${schema}.approvals ADD COLUMN network_cancel_at timestamptz;
UPDATE ${schema}.approvals SET network_cancel_at = date_trunc('milliseconds', now())
  WHERE state = 'unknown' AND auth_tid IS NOT NULL;
CREATE INDEX approvals_network_cancel ON ${schema}.approvals (mid, network_cancel_at, id)
  WHERE state = 'unknown' AND open_cancel IS NULL AND contradicted_at IS NULL AND network_cancel_at IS NOT NULL;

DROP INDEX ${schema}.cancels_repeat;
CREATE INDEX cancels_repeat ON ${schema}.cancels (mid, repeat_at, id)
  WHERE state = 'unknown' AND repeat_at IS NOT NULL;
CREATE UNIQUE INDEX cancels_one_full ON ${schema}.cancels (approval_id)
  WHERE state = 'done' AND operation = 'payments.cancel';

ALTER TABLE ${schema}.billing_keys ADD COLUMN delete_at timestamptz;
UPDATE ${schema}.billing_keys SET delete_at = date_trunc('milliseconds', now()) WHERE state = 'deleting';
CREATE INDEX billing_keys_delete ON ${schema}.billing_keys (mid, delete_at, id)
  WHERE state = 'deleting' AND delete_at IS NOT NULL;
`;
}
