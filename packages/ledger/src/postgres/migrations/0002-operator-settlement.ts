/** What an operator's word about an unknown call needs: a state of its own, its evidence, and its name as the source. */
export function operatorSettlement(schema: string): string {
  return `
ALTER TABLE ${schema}.transitions ADD COLUMN evidence text;

ALTER TABLE ${schema}.approvals
  DROP CONSTRAINT approvals_state_check,
  ADD CONSTRAINT approvals_state_check CHECK (state IN (
    'reserved', 'sending', 'approved', 'approved_mismatch', 'approved_no_tid', 'conflict', 'declined', 'not_sent',
    'unknown', 'settled_not_moved'
  )),
  DROP CONSTRAINT approvals_settled_by_check,
  ADD CONSTRAINT approvals_settled_by_check CHECK (settled_by IN ('call', 'recovery', 'operator'));
ALTER TABLE ${schema}.cancels
  DROP CONSTRAINT cancels_state_check,
  ADD CONSTRAINT cancels_state_check CHECK (state IN (
    'reserved', 'sending', 'done', 'refused', 'not_sent', 'unknown', 'drift', 'settled_not_moved'
  )),
  DROP CONSTRAINT cancels_settled_by_check,
  ADD CONSTRAINT cancels_settled_by_check CHECK (settled_by IN ('call', 'recovery', 'operator'));

DROP INDEX ${schema}.approvals_open, ${schema}.approvals_not_paid, ${schema}.cancels_unsettled;
CREATE INDEX approvals_open ON ${schema}.approvals (mid)
  WHERE contradicted_at IS NOT NULL OR open_cancel IS NOT NULL
    OR state NOT IN ('approved', 'declined', 'not_sent', 'settled_not_moved');
CREATE INDEX approvals_not_paid ON ${schema}.approvals (mid, state)
  WHERE state IN ('declined', 'not_sent', 'settled_not_moved');
CREATE INDEX cancels_unsettled ON ${schema}.cancels (mid)
  WHERE state NOT IN ('done', 'refused', 'not_sent', 'settled_not_moved');
`;
}
