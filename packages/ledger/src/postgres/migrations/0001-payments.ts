/**
 * Approvals, cancels, and the two append-only books beside them. A migration is never edited once released, so it spells
 * out what the code elsewhere holds in constants.
 */
export function payments(schema: string): string {
  return `
CREATE TABLE ${schema}.approvals (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  order_id text NOT NULL,
  attempt_no integer NOT NULL CHECK (attempt_no > 0),
  oid text NOT NULL CHECK (oid ~ '^[A-Za-z0-9_-]{1,40}$'),
  pay_type text NOT NULL,
  price bigint NOT NULL CHECK (price > 0),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'approved', 'approved_mismatch', 'approved_no_tid', 'conflict', 'declined', 'not_sent', 'unknown'
  )),
  tid text,
  appl_num text,
  approved_at timestamptz,
  result_code text,
  result_message text,
  failure_code text,
  reported_price bigint CHECK (reported_price >= 0),
  remaining bigint NOT NULL DEFAULT 0 CHECK (remaining BETWEEN 0 AND price),
  held bigint NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND remaining),
  open_cancel uuid,
  settled_by text CHECK (settled_by IN ('call', 'recovery')),
  contradicted_at timestamptz,
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz,
  CHECK (held = 0 OR open_cancel IS NOT NULL),
  CHECK (state <> 'approved' OR tid IS NOT NULL),
  CHECK (state = 'approved' OR remaining = 0)
);
CREATE UNIQUE INDEX approvals_oid ON ${schema}.approvals (mid, oid);
CREATE UNIQUE INDEX approvals_attempt ON ${schema}.approvals (mid, order_id, attempt_no);
CREATE UNIQUE INDEX approvals_tid ON ${schema}.approvals (mid, tid) WHERE tid IS NOT NULL;
CREATE UNIQUE INDEX approvals_one_live ON ${schema}.approvals (mid, order_id)
  WHERE state IN (
    'reserved', 'sending', 'unknown', 'approved', 'approved_mismatch', 'approved_no_tid', 'conflict'
  );
CREATE INDEX approvals_position ON ${schema}.approvals (mid, position);
CREATE INDEX approvals_open ON ${schema}.approvals (mid)
  WHERE contradicted_at IS NOT NULL OR open_cancel IS NOT NULL
    OR state NOT IN ('approved', 'declined', 'not_sent');
CREATE INDEX approvals_reduced ON ${schema}.approvals (mid) WHERE state = 'approved' AND remaining < price;
CREATE INDEX approvals_not_paid ON ${schema}.approvals (mid, state) WHERE state IN ('declined', 'not_sent');

CREATE TABLE ${schema}.cancels (
  id uuid PRIMARY KEY,
  mid text NOT NULL,
  approval_id uuid NOT NULL REFERENCES ${schema}.approvals (id),
  seq integer NOT NULL CHECK (seq > 0),
  operation text NOT NULL CHECK (operation IN ('payments.cancel', 'payments.cancelPartially')),
  cancel_price bigint NOT NULL CHECK (cancel_price > 0),
  confirm_price bigint NOT NULL CHECK (confirm_price >= 0),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'done', 'refused', 'not_sent', 'unknown', 'drift'
  )),
  cancel_tid text,
  actor text,
  cancelled_at timestamptz,
  result_code text,
  result_message text,
  failure_code text,
  reported_price bigint CHECK (reported_price >= 0),
  reported_remaining bigint CHECK (reported_remaining >= 0),
  settled_by text CHECK (settled_by IN ('call', 'recovery')),
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz
);
CREATE UNIQUE INDEX cancels_seq ON ${schema}.cancels (approval_id, seq);
CREATE UNIQUE INDEX cancels_one_open ON ${schema}.cancels (approval_id)
  WHERE state IN ('reserved', 'sending', 'unknown');
CREATE UNIQUE INDEX cancels_tid ON ${schema}.cancels (mid, cancel_tid) WHERE cancel_tid IS NOT NULL;
CREATE INDEX cancels_unsettled ON ${schema}.cancels (mid) WHERE state NOT IN ('done', 'refused', 'not_sent');

CREATE TABLE ${schema}.entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  posting uuid NOT NULL,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES ${schema}.approvals (id),
  cancel_id uuid REFERENCES ${schema}.cancels (id),
  account text NOT NULL CHECK (account IN ('gateway', 'paid', 'unexplained')),
  amount bigint NOT NULL CHECK (amount <> 0)
);
CREATE INDEX entries_order ON ${schema}.entries (mid, order_id);
CREATE INDEX entries_posting ON ${schema}.entries (posting);

CREATE TABLE ${schema}.transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES ${schema}.approvals (id),
  cancel_id uuid REFERENCES ${schema}.cancels (id),
  what text NOT NULL CHECK (what IN ('approval', 'cancel', 'approval-contradiction', 'cancel-contradiction')),
  from_state text,
  to_state text NOT NULL,
  actor text,
  outcome text,
  price bigint,
  tid text,
  failure_code text,
  result_code text,
  result_message text
);
CREATE INDEX transitions_order ON ${schema}.transitions (mid, order_id, id);

CREATE FUNCTION ${schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% is not allowed on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.entries
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.transitions
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
-- A deleted attempt would free its oid, and a deleted payment its order.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ${schema}.approvals
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ${schema}.cancels
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();

CREATE FUNCTION ${schema}.check_posting() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF (SELECT sum(amount) FROM ${schema}.entries WHERE posting = NEW.posting) <> 0 THEN
    RAISE EXCEPTION 'The entries of a posting must sum to zero' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posting_sums_to_zero AFTER INSERT ON ${schema}.entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.check_posting();
`;
}
