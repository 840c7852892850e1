/** The payment page: its links, its authentications, the accounts it issues, and what the gateway notifies about. */
export function paymentPage(schema: string): string {
  return `
ALTER TABLE ${schema}.approvals
  ADD COLUMN auth_tid text,
  ADD COLUMN account_number text,
  ADD COLUMN account_bank text,
  ADD COLUMN account_holder text,
  ADD COLUMN account_due_at timestamptz,
  DROP CONSTRAINT approvals_state_check,
  ADD CONSTRAINT approvals_state_check CHECK (state IN (
    'reserved', 'sending', 'approved', 'approved_mismatch', 'approved_no_tid', 'conflict', 'declined', 'not_sent',
    'unknown', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit'
  )),
  DROP CONSTRAINT approvals_settled_by_check,
  ADD CONSTRAINT approvals_settled_by_check CHECK (settled_by IN ('call', 'recovery', 'operator', 'notification'));
ALTER TABLE ${schema}.cancels
  ADD COLUMN network boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT cancels_operation_check,
  ADD CONSTRAINT cancels_operation_check
    CHECK (operation IN ('payments.cancel', 'payments.cancelPartially', 'escrow.confirmRejection'));
ALTER TABLE ${schema}.transitions
  DROP CONSTRAINT transitions_what_check,
  ADD CONSTRAINT transitions_what_check CHECK (what IN (
    'approval', 'cancel', 'approval-contradiction', 'cancel-contradiction', 'notification', 'reversal'
  ));

DROP INDEX ${schema}.approvals_oid, ${schema}.approvals_open, ${schema}.approvals_not_paid;
-- The page may authenticate several times under the order number of one link, each time with another transaction.
CREATE UNIQUE INDEX approvals_oid ON ${schema}.approvals (mid, oid, auth_tid) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX approvals_auth_tid ON ${schema}.approvals (mid, auth_tid) WHERE auth_tid IS NOT NULL;
CREATE INDEX approvals_open ON ${schema}.approvals (mid)
  WHERE contradicted_at IS NOT NULL OR open_cancel IS NOT NULL
    OR state NOT IN ('approved', 'declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit');
CREATE INDEX approvals_not_paid ON ${schema}.approvals (mid, state)
  WHERE state IN ('declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit');

CREATE TABLE ${schema}.links (
  token text PRIMARY KEY CHECK (token ~ '^[A-Za-z0-9_-]{22}$'),
  mid text NOT NULL,
  order_id text NOT NULL,
  link_no integer NOT NULL CHECK (link_no > 0),
  oid text NOT NULL CHECK (oid ~ '^[A-Za-z0-9_-]{1,30}$'),
  pay_type text NOT NULL,
  price bigint NOT NULL CHECK (price > 0),
  state text NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'open', 'closed')),
  url text,
  created_at timestamptz NOT NULL,
  open_until timestamptz NOT NULL,
  closed_at timestamptz,
  CHECK (state <> 'open' OR url IS NOT NULL)
);
CREATE UNIQUE INDEX links_oid ON ${schema}.links (mid, oid);
CREATE UNIQUE INDEX links_number ON ${schema}.links (mid, order_id, link_no);
CREATE UNIQUE INDEX links_one_live ON ${schema}.links (mid, order_id) WHERE state IN ('making', 'open');
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ${schema}.links
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();

CREATE TABLE ${schema}.inbox (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  dedupe_key text NOT NULL,
  beside boolean NOT NULL,
  fingerprint text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('mobile', 'deposit', 'escrow')),
  event text NOT NULL,
  oid text,
  tid text NOT NULL,
  price bigint,
  account text,
  occurred_at timestamptz,
  fields jsonb NOT NULL,
  source text,
  listed boolean NOT NULL,
  effect text NOT NULL CHECK (effect IN ('applied', 'known', 'ignored', 'quarantined', 'conflicting')),
  reason text,
  order_id text,
  received_at timestamptz NOT NULL,
  repeats bigint NOT NULL DEFAULT 0
);
-- Anybody can send from a source that is not listed: what comes from there must not take the place of the real event.
CREATE UNIQUE INDEX inbox_first ON ${schema}.inbox (mid, dedupe_key, listed) WHERE NOT beside;
CREATE UNIQUE INDEX inbox_body ON ${schema}.inbox (mid, dedupe_key, listed, fingerprint);
CREATE INDEX inbox_position ON ${schema}.inbox (mid, position);
CREATE INDEX inbox_effect ON ${schema}.inbox (mid, effect, position) WHERE effect IN ('quarantined', 'conflicting');
CREATE INDEX inbox_tid ON ${schema}.inbox (mid, tid) WHERE listed;
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ${schema}.inbox
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
`;
}
