-- The tables of @payapi/ledger: migration 1. `migrateLedger` creates them, in the schema `payapi` or another one.
--
-- Amounts are won. Times are the database's. Every row belongs to a merchant, `mid`. Times and amounts that are NULL are not known,
-- or do not apply yet.
--
-- Three kinds of tables:
--   * append-only: never updated, never deleted (trigger `append_only`)
--   * kept: updated, never deleted, since a row that vanished could free an order that was charged (trigger `never_deleted`)
--   * passing: rate limits, idempotency keys and deliveries; deleted when they are over

CREATE FUNCTION payapi.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% is not allowed on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Ends a statement that must write all of its parts or none, and says which part could not be written.
CREATE FUNCTION payapi.roll_back(reason text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '%', reason USING ERRCODE = 'PL001';
END $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------------------------------------------------

-- One row for each order. Whoever changes anything about an order raises its version, and writes nothing if another did so meanwhile.
CREATE TABLE payapi.orders (
  mid text NOT NULL,
  order_id text NOT NULL,
  version bigint NOT NULL,
  -- How many entries its audit trail has.
  entries bigint NOT NULL,
  -- Whether an operator has dealt with all of them.
  reviewed boolean NOT NULL,
  PRIMARY KEY (mid, order_id)
);
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.orders
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- One row for each attempt to charge an order.
CREATE TABLE payapi.approvals (
  id uuid PRIMARY KEY,
  -- Rises with every attempt of any order: lists are ordered by it.
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  order_id text NOT NULL,
  attempt_no integer NOT NULL CHECK (attempt_no > 0),
  -- The order number that the gateway is told.
  oid text NOT NULL CHECK (oid ~ '^[A-Za-z0-9_-]{1,40}$'),
  pay_type text NOT NULL,
  -- Asked for.
  price bigint NOT NULL CHECK (price > 0),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'approved', 'approved_mismatch', 'approved_no_tid', 'mismatch', 'declined', 'not_sent',
    'unknown', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit'
  )),
  -- The gateway's transaction, by which the payment can be cancelled.
  tid text,
  -- The transaction of the authentication on the payment page, or of the virtual account.
  auth_tid text,
  appl_num text,
  approved_at timestamptz,
  -- The virtual account that waits for a deposit.
  account_number text,
  account_bank text,
  account_holder text,
  account_due_at timestamptz,
  -- What the reply said.
  result_code text,
  result_message text,
  failure_code text,
  reported_price bigint CHECK (reported_price >= 0),
  -- Paid and not cancelled; `held` of it belongs to the cancel `open_cancel`.
  remaining bigint NOT NULL DEFAULT 0 CHECK (remaining BETWEEN 0 AND price),
  held bigint NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND remaining),
  open_cancel uuid,
  settled_by text CHECK (settled_by IN ('call', 'recovery', 'operator', 'notification')),
  -- When a fact first contradicted the state. It stays.
  mismatch_at timestamptz,
  -- Facts that contradict it, each once; and the deposits that were reported, with the channels that did.
  mismatches jsonb NOT NULL DEFAULT '[]',
  deposits jsonb NOT NULL DEFAULT '[]',
  -- When recovery looks whether a net cancel may undo it; NULL when never.
  net_cancel_at timestamptz,
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz,
  CHECK (held = 0 OR open_cancel IS NOT NULL),
  CHECK (state <> 'approved' OR tid IS NOT NULL),
  CHECK (state = 'approved' OR remaining = 0),
  -- A call that is being sent and has no deadline would be sent for ever.
  CONSTRAINT approvals_deadline CHECK (state <> 'sending' OR (sending_at IS NOT NULL AND deadline_at IS NOT NULL))
);
-- The page may authenticate several times under the order number of one link, each time with another transaction.
CREATE UNIQUE INDEX approvals_oid ON payapi.approvals (mid, oid, auth_tid) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX approvals_attempt ON payapi.approvals (mid, order_id, attempt_no);
CREATE UNIQUE INDEX approvals_tid ON payapi.approvals (mid, tid) WHERE tid IS NOT NULL;
CREATE UNIQUE INDEX approvals_auth_tid ON payapi.approvals (mid, auth_tid) WHERE auth_tid IS NOT NULL;
-- An order has at most one attempt that has charged it or still may.
CREATE UNIQUE INDEX approvals_one_live ON payapi.approvals (mid, order_id)
  WHERE state IN (
    'reserved', 'sending', 'unknown', 'approved', 'approved_mismatch', 'approved_no_tid', 'mismatch'
  );
CREATE INDEX approvals_position ON payapi.approvals (mid, position);
-- Each list of orders has an index of its own.
CREATE INDEX approvals_open ON payapi.approvals (mid)
  WHERE mismatch_at IS NOT NULL OR open_cancel IS NOT NULL
    OR state NOT IN ('approved', 'declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit');
CREATE INDEX approvals_reduced ON payapi.approvals (mid) WHERE state = 'approved' AND remaining < price;
CREATE INDEX approvals_not_paid ON payapi.approvals (mid, state)
  WHERE state IN ('declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit');
CREATE INDEX approvals_awaiting ON payapi.approvals (mid, account_due_at) WHERE state = 'awaiting_deposit';
-- What recovery looks for.
CREATE INDEX approvals_running ON payapi.approvals (mid, id) WHERE state IN ('reserved', 'sending');
CREATE INDEX approvals_net_cancel ON payapi.approvals (mid, net_cancel_at, id)
  WHERE state = 'unknown' AND open_cancel IS NULL AND mismatch_at IS NULL AND net_cancel_at IS NOT NULL;
-- A deleted attempt would free its oid, and a deleted payment its order.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.approvals
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- One row for each cancel of a payment, in full or in part.
CREATE TABLE payapi.cancels (
  id uuid PRIMARY KEY,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES payapi.approvals (id),
  seq integer NOT NULL CHECK (seq > 0),
  operation text NOT NULL
    CHECK (operation IN ('payments.cancel', 'payments.cancelPartially', 'escrow.confirmRejection')),
  -- Undoes an approval of the payment page, by the transaction of its authentication.
  network boolean NOT NULL DEFAULT false,
  cancel_price bigint NOT NULL CHECK (cancel_price > 0),
  -- What remains after it: computed once, when the amount was held.
  confirm_price bigint NOT NULL CHECK (confirm_price >= 0),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'done', 'refused', 'not_sent', 'unknown', 'mismatch', 'settled_not_moved'
  )),
  cancel_tid text,
  actor text,
  cancelled_at timestamptz,
  -- What the reply said.
  result_code text,
  result_message text,
  failure_code text,
  reported_price bigint CHECK (reported_price >= 0),
  reported_remaining bigint CHECK (reported_remaining >= 0),
  -- How often it was sent again, identically, after its outcome was unknown; how often it was to be and was not; and when it may be again.
  repeats integer NOT NULL DEFAULT 0 CHECK (repeats BETWEEN 0 AND 3),
  unsent_repeats integer NOT NULL DEFAULT 0,
  repeat_at timestamptz,
  settled_by text CHECK (settled_by IN ('call', 'recovery', 'operator')),
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz,
  CONSTRAINT cancels_deadline CHECK (state <> 'sending' OR (sending_at IS NOT NULL AND deadline_at IS NOT NULL))
);
CREATE UNIQUE INDEX cancels_seq ON payapi.cancels (approval_id, seq);
CREATE INDEX cancels_order ON payapi.cancels (mid, order_id);
CREATE UNIQUE INDEX cancels_tid ON payapi.cancels (mid, cancel_tid) WHERE cancel_tid IS NOT NULL;
CREATE UNIQUE INDEX cancels_one_open ON payapi.cancels (approval_id)
  WHERE state IN ('reserved', 'sending', 'unknown');
CREATE UNIQUE INDEX cancels_one_full ON payapi.cancels (approval_id)
  WHERE state = 'done' AND operation = 'payments.cancel';
CREATE INDEX cancels_unsettled ON payapi.cancels (mid)
  WHERE state NOT IN ('done', 'refused', 'not_sent', 'settled_not_moved');
-- What recovery looks for.
CREATE INDEX cancels_running ON payapi.cancels (mid, id) WHERE state IN ('reserved', 'sending');
CREATE INDEX cancels_repeat ON payapi.cancels (mid, repeat_at, id)
  WHERE state = 'unknown' AND repeat_at IS NOT NULL;
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.cancels
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- What remains of a payment is its price without what was cancelled. Deferred, since both rows change in one transaction.
CREATE FUNCTION payapi.check_remaining() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  payment uuid;
BEGIN
  IF TG_ARGV[0] = 'cancel' THEN payment := NEW.approval_id; ELSE payment := NEW.id; END IF;
  IF EXISTS (
    SELECT FROM payapi.approvals AS a WHERE a.id = payment AND a.state = 'approved' AND a.remaining <> a.price - (
      SELECT coalesce(sum(c.cancel_price), 0) FROM payapi.cancels AS c WHERE c.approval_id = a.id AND c.state = 'done')
  ) THEN
    RAISE EXCEPTION 'What remains must be the price without what was cancelled'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'remaining_adds_up';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER remaining_adds_up AFTER INSERT OR UPDATE ON payapi.approvals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'approved')
  EXECUTE FUNCTION payapi.check_remaining('approval');
CREATE CONSTRAINT TRIGGER remaining_adds_up AFTER INSERT OR UPDATE ON payapi.cancels
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'done')
  EXECUTE FUNCTION payapi.check_remaining('cancel');

-- The double entry: `gateway` is what the gateway took from the buyer and has not given back, `paid` the part of it that is as
-- asked, `suspense` the part that is not. Append-only; the entries of a posting sum to zero.
CREATE TABLE payapi.entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  posting uuid NOT NULL,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES payapi.approvals (id),
  cancel_id uuid REFERENCES payapi.cancels (id),
  account text NOT NULL CHECK (account IN ('gateway', 'paid', 'suspense')),
  amount bigint NOT NULL CHECK (amount <> 0)
);
CREATE INDEX entries_order ON payapi.entries (mid, order_id);
CREATE INDEX entries_posting ON payapi.entries (posting);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.entries
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

CREATE FUNCTION payapi.check_posting() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF (SELECT sum(amount) FROM payapi.entries WHERE posting = NEW.posting) <> 0 THEN
    RAISE EXCEPTION 'The entries of a posting must sum to zero' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posting_sums_to_zero AFTER INSERT ON payapi.entries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payapi.check_posting();

-- The history of an order. Append-only.
CREATE TABLE payapi.transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES payapi.approvals (id),
  cancel_id uuid REFERENCES payapi.cancels (id),
  what text NOT NULL CHECK (what IN (
    'approval', 'cancel', 'approval-mismatch', 'cancel-mismatch', 'notification', 'reversal'
  )),
  from_state text,
  to_state text NOT NULL,
  actor text,
  outcome text,
  price bigint,
  tid text,
  failure_code text,
  result_code text,
  result_message text,
  evidence text
);
CREATE INDEX transitions_order ON payapi.transitions (mid, order_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.transitions
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- ---------------------------------------------------------------------------------------------------------------------
-- The payment page
-- ---------------------------------------------------------------------------------------------------------------------

-- Links to the gateway's payment page. An order has at most one that is open.
CREATE TABLE payapi.links (
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
CREATE UNIQUE INDEX links_oid ON payapi.links (mid, oid);
CREATE UNIQUE INDEX links_number ON payapi.links (mid, order_id, link_no);
CREATE UNIQUE INDEX links_one_live ON payapi.links (mid, order_id) WHERE state IN ('making', 'open');
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.links
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- Every notification that came, and what became of it.
CREATE TABLE payapi.notifications (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  -- Equal for notifications of the same event; one that says something else about it is kept `beside` the first.
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
  -- As sent, without what is secret.
  fields jsonb NOT NULL,
  -- The sender's address, and whether it is one of the gateway's.
  source text,
  listed boolean NOT NULL,
  effect text NOT NULL CHECK (effect IN ('applied', 'known', 'ignored', 'quarantined', 'mismatch')),
  reason text,
  order_id text,
  received_at timestamptz NOT NULL,
  repeats bigint NOT NULL DEFAULT 0,
  released_at timestamptz,
  released_by text,
  release_evidence text
);
-- Anybody can send from a source that is not listed: what comes from there must not take the place of the real event.
CREATE UNIQUE INDEX notifications_first ON payapi.notifications (mid, dedupe_key, listed) WHERE NOT beside;
CREATE UNIQUE INDEX notifications_body ON payapi.notifications (mid, dedupe_key, listed, fingerprint);
CREATE INDEX notifications_position ON payapi.notifications (mid, position);
CREATE INDEX notifications_effect ON payapi.notifications (mid, effect, position) WHERE effect IN ('quarantined', 'mismatch');
CREATE INDEX notifications_order ON payapi.notifications (mid, order_id, tid) WHERE order_id IS NOT NULL;
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.notifications
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- ---------------------------------------------------------------------------------------------------------------------
-- Billing keys
-- ---------------------------------------------------------------------------------------------------------------------

-- One row for each key that was issued, or is being. `key_id` is what the shop knows; a change of card adds a row to it.
CREATE TABLE payapi.billing_keys (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  key_id text NOT NULL,
  customer_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('card', 'mobile')),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'active', 'failed', 'unknown', 'deleting', 'deleted'
  )),
  -- The key, encrypted (AES-256-GCM): id of the secret, nonce, ciphertext with its tag.
  encrypted_key text CHECK (encrypted_key ~ '^[0-9a-f]{16}:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]{22,}$'),
  replaces uuid REFERENCES payapi.billing_keys (id),
  result_code text,
  result_message text,
  failure_code text,
  settled_by text CHECK (settled_by IN ('call', 'recovery', 'operator')),
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz,
  issued_at timestamptz,
  -- Until when a process has the right to delete it at the gateway, and when recovery looks at it.
  deletion_ends_at timestamptz,
  delete_at timestamptz,
  CHECK ((state IN ('active', 'deleting')) = (encrypted_key IS NOT NULL)),
  CONSTRAINT billing_keys_deadline CHECK (state <> 'sending' OR (sending_at IS NOT NULL AND deadline_at IS NOT NULL))
);
CREATE UNIQUE INDEX billing_keys_one_active ON payapi.billing_keys (mid, key_id) WHERE state = 'active';
CREATE UNIQUE INDEX billing_keys_one_running ON payapi.billing_keys (mid, key_id)
  WHERE state IN ('reserved', 'sending');
CREATE INDEX billing_keys_key ON payapi.billing_keys (mid, key_id, position);
CREATE INDEX billing_keys_customer ON payapi.billing_keys (mid, customer_id, position);
CREATE INDEX billing_keys_open ON payapi.billing_keys (mid, state)
  WHERE state IN ('reserved', 'sending', 'unknown', 'deleting');
CREATE INDEX billing_keys_delete ON payapi.billing_keys (mid, delete_at, id)
  WHERE state = 'deleting' AND delete_at IS NOT NULL;
-- A key that vanished here may be alive at the gateway.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.billing_keys
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- The history of a key. Append-only.
CREATE TABLE payapi.billing_key_transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  key_id text NOT NULL,
  row_id uuid NOT NULL REFERENCES payapi.billing_keys (id),
  from_state text,
  to_state text NOT NULL,
  outcome text,
  failure_code text,
  result_code text,
  result_message text,
  actor text,
  evidence text
);
CREATE INDEX billing_key_transitions_key ON payapi.billing_key_transitions (mid, key_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.billing_key_transitions
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- ---------------------------------------------------------------------------------------------------------------------
-- Rate limits and idempotency keys
-- ---------------------------------------------------------------------------------------------------------------------

CREATE TABLE payapi.rate_limits (
  mid text NOT NULL,
  -- A hash of what is counted, such as a customer or an address.
  key text NOT NULL,
  count bigint NOT NULL CHECK (count >= 0),
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (mid, key)
);
CREATE INDEX rate_limits_end ON payapi.rate_limits (mid, ends_at);

CREATE TABLE payapi.idempotency_keys (
  mid text NOT NULL,
  -- A hash of the Idempotency-Key and what it belongs to.
  id text NOT NULL,
  -- A hash of the request: the same key with another request is refused.
  fingerprint text NOT NULL,
  answer text,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (mid, id)
);
CREATE INDEX idempotency_keys_end ON payapi.idempotency_keys (mid, ends_at);

-- ---------------------------------------------------------------------------------------------------------------------
-- Events
-- ---------------------------------------------------------------------------------------------------------------------

-- What the shop is told: written in the transaction of its cause. Append-only.
CREATE TABLE payapi.events (
  id uuid PRIMARY KEY,
  -- Rises with every event of one ordering key; those of different ones may become visible in another order.
  position bigint NOT NULL,
  mid text NOT NULL,
  kind text NOT NULL,
  -- Events of one ordering key, an order or a key, are delivered in order.
  ordering_key text NOT NULL,
  at timestamptz NOT NULL,
  data jsonb NOT NULL
);
CREATE INDEX events_position ON payapi.events (mid, position);
CREATE SEQUENCE payapi.event_positions OWNED BY payapi.events.position;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.events
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- Writers of events share a lock, and who needs to know that no event can become visible behind the newest takes it alone. So the
-- position is given under the lock, and an event is put into the queues as they are then.
CREATE FUNCTION payapi.place_event() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended(concat_ws(' ', 'payapi events', TG_TABLE_SCHEMA, NEW.mid), 0));
  NEW.position := nextval('payapi.event_positions');
  RETURN NEW;
END $$;
CREATE TRIGGER place_event BEFORE INSERT ON payapi.events
  FOR EACH ROW EXECUTE FUNCTION payapi.place_event();

CREATE FUNCTION payapi.enqueue_event() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO payapi.deliveries (mid, consumer, event_id, position, ordering_key, due_at)
  SELECT mid, name, NEW.id, NEW.position, NEW.ordering_key, NEW.at FROM payapi.consumers
  WHERE mid = NEW.mid AND fill_until IS NULL AND removed_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER enqueue_event AFTER INSERT ON payapi.events
  FOR EACH ROW EXECUTE FUNCTION payapi.enqueue_event();

CREATE TABLE payapi.consumers (
  mid text NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  -- Another one each time a name is used again after it was removed.
  generation uuid NOT NULL DEFAULT gen_random_uuid(),
  -- Events from before the consumer are added to its queue bit by bit: up to which position they are, and will be.
  filled_to bigint,
  fill_until bigint,
  removed_at timestamptz,
  PRIMARY KEY (mid, name),
  CHECK ((filled_to IS NULL) = (fill_until IS NULL) AND filled_to <= fill_until)
);

-- The queue of each consumer: events that it was not told yet, and those that failed for good (`dead_at`).
CREATE TABLE payapi.deliveries (
  mid text NOT NULL,
  consumer text NOT NULL,
  event_id uuid NOT NULL REFERENCES payapi.events (id),
  position bigint NOT NULL,
  ordering_key text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  lease uuid,
  leased_until timestamptz,
  failure text,
  dead_at timestamptz,
  PRIMARY KEY (mid, consumer, event_id),
  FOREIGN KEY (mid, consumer) REFERENCES payapi.consumers (mid, name)
);
CREATE INDEX deliveries_ordering_key ON payapi.deliveries (mid, consumer, ordering_key, position) WHERE dead_at IS NULL;
CREATE INDEX deliveries_due ON payapi.deliveries (mid, consumer, due_at, position) WHERE dead_at IS NULL;
CREATE INDEX deliveries_dead ON payapi.deliveries (mid, position) WHERE dead_at IS NOT NULL;
CREATE INDEX deliveries_dead_of ON payapi.deliveries (mid, consumer) WHERE dead_at IS NOT NULL;

-- ---------------------------------------------------------------------------------------------------------------------
-- Which database this is
-- ---------------------------------------------------------------------------------------------------------------------

-- Databases that were accepted as the one that knows every payment; the newest counts. `migrateLedger` adds the first. Append-only.
CREATE TABLE payapi.databases (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Cluster, timeline, database and table: a restored backup, or another server, differs.
  identity text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  evidence text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.databases
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
