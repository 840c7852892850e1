-- The tables of @payapi/ledger: migration 1. `migrateLedger` creates them, in the schema `payapi` or another one.
--
-- Conventions
--   * Amounts are whole won. Times are the database's clock, unless a comment says that the gateway reported them.
--   * `mid` is the merchant's id at the gateway; every row belongs to one merchant, and so to the environment of that merchant (`merchants`).
--   * NULL means: not known, or not applicable yet.
--   * Only @payapi/ledger writes these tables. They contain no card data; texts of operators have card numbers masked.
--
-- Retention
--   * append-only: inserted, never updated or deleted (trigger `append_only`):
--     merchants, entries, transitions, billing_key_transitions, events, databases
--   * permanent: updated, never deleted, since a missing row could allow an order to be charged again (trigger `never_deleted`):
--     orders, approvals, cancels, links, notifications, billing_keys, key_versions
--   * temporary: deleted by the ledger itself:
--     rate_limits and idempotency_keys after `ends_at` (by recovery), deliveries after delivery, consumers on request

-- Raises an error; the triggers `append_only` and `never_deleted` call it.
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
-- Merchants
-- ---------------------------------------------------------------------------------------------------------------------

-- The environment to which all rows of a merchant belong, inserted with the merchant's first row. A ledger that was opened for another
-- environment refuses to read and write them, so that test data never counts as sales. Append-only.
CREATE TABLE payapi.merchants (
  mid text PRIMARY KEY,
  -- The only source: join it for reports, `JOIN payapi.merchants USING (mid) WHERE environment = 'production'`.
  environment text NOT NULL CHECK (environment IN ('sandbox', 'test', 'production')),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.merchants
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- ---------------------------------------------------------------------------------------------------------------------
-- Payments
-- ---------------------------------------------------------------------------------------------------------------------

-- One row per order, from its first attempt or link on. Permanent. Every change of an order increments `version`, and fails if another
-- process incremented it meanwhile (optimistic locking).
CREATE TABLE payapi.orders (
  mid text NOT NULL,
  order_id text NOT NULL,
  version bigint NOT NULL,
  -- The number of the order's rows in `transitions`.
  entries bigint NOT NULL,
  -- Whether an operator has closed the review of the order, with no new fact since.
  reviewed boolean NOT NULL,
  PRIMARY KEY (mid, order_id)
);
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.orders
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- One row per attempt to charge an order: inserted when the call is reserved, updated when it is sent and settled. Permanent.
CREATE TABLE payapi.approvals (
  id uuid PRIMARY KEY,
  -- The order of lists: later attempts have higher positions.
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  order_id text NOT NULL,
  -- Counts the attempts of the order from 1.
  attempt_no integer NOT NULL CHECK (attempt_no > 0),
  -- The order number at the gateway; new for each attempt.
  oid text NOT NULL CHECK (oid ~ '^[A-Za-z0-9_-]{1,40}$'),
  pay_type text NOT NULL,
  -- Whether it can be cancelled in part, as the gateway said; NULL if it did not.
  partly_cancellable boolean,
  -- The requested amount, in won.
  price bigint NOT NULL CHECK (price > 0),
  -- docs/guides/ledger-reference.md explains each state, and what it means for the money.
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'approved', 'approved_mismatch', 'approved_no_tid', 'mismatch', 'declined', 'not_sent',
    'unknown', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit'
  )),
  -- The gateway's transaction id of the payment; a cancel needs it.
  tid text,
  -- The gateway's transaction id of the authentication on the payment page, or of the virtual account.
  auth_tid text,
  -- The approval number of the card company.
  appl_num text,
  -- When the payment was approved, as the gateway reported.
  approved_at timestamptz,
  -- The virtual account that awaits the deposit, and until when.
  account_number text,
  account_bank text,
  account_holder text,
  account_due_at timestamptz,
  -- The gateway's reply: its result code, message and amount (won).
  result_code text,
  result_message text,
  -- The code of the `PayApiError` with which the call failed.
  failure_code text,
  reported_price bigint CHECK (reported_price >= 0),
  -- Paid and not cancelled, in won; 0 unless `approved`.
  remaining bigint NOT NULL DEFAULT 0 CHECK (remaining BETWEEN 0 AND price),
  -- The part of `remaining` that the open cancel `open_cancel` (cancels.id) has reserved, in won.
  held bigint NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND remaining),
  open_cancel uuid,
  -- Who settled the call: the process that made it, recovery, an operator or a notification.
  settled_by text CHECK (settled_by IN ('call', 'recovery', 'operator', 'notification')),
  -- When a fact first contradicted the state. Never reset.
  mismatch_at timestamptz,
  -- Facts that contradict the state, each once.
  mismatches jsonb NOT NULL DEFAULT '[]',
  -- Reported deposits, each with the notifications that reported it.
  deposits jsonb NOT NULL DEFAULT '[]',
  -- When recovery considers a net cancel; NULL for never.
  net_cancel_at timestamptz,
  -- Reserved, marked as sending, deadline for the reply, settled.
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz,
  CHECK (held = 0 OR open_cancel IS NOT NULL),
  CHECK (state <> 'approved' OR tid IS NOT NULL),
  CHECK (state = 'approved' OR remaining = 0),
  -- Without a deadline, a sending call would never become unknown.
  CONSTRAINT approvals_deadline CHECK (state <> 'sending' OR (sending_at IS NOT NULL AND deadline_at IS NOT NULL))
);
-- The payment page may authenticate several times with the oid of one link, each time with a new auth_tid.
CREATE UNIQUE INDEX approvals_oid ON payapi.approvals (mid, oid, auth_tid) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX approvals_attempt ON payapi.approvals (mid, order_id, attempt_no);
CREATE UNIQUE INDEX approvals_tid ON payapi.approvals (mid, tid) WHERE tid IS NOT NULL;
CREATE UNIQUE INDEX approvals_auth_tid ON payapi.approvals (mid, auth_tid) WHERE auth_tid IS NOT NULL;
-- An order has at most one attempt that charged it or may still charge it.
CREATE UNIQUE INDEX approvals_one_live ON payapi.approvals (mid, order_id)
  WHERE state IN (
    'reserved', 'sending', 'unknown', 'approved', 'approved_mismatch', 'approved_no_tid', 'mismatch'
  );
CREATE INDEX approvals_position ON payapi.approvals (mid, position);
-- For lists of orders by status.
CREATE INDEX approvals_open ON payapi.approvals (mid)
  WHERE mismatch_at IS NOT NULL OR open_cancel IS NOT NULL
    OR state NOT IN ('approved', 'declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit');
CREATE INDEX approvals_reduced ON payapi.approvals (mid) WHERE state = 'approved' AND remaining < price;
CREATE INDEX approvals_not_paid ON payapi.approvals (mid, state)
  WHERE state IN ('declined', 'not_sent', 'settled_not_moved', 'net_cancelled', 'awaiting_deposit');
CREATE INDEX approvals_awaiting ON payapi.approvals (mid, account_due_at) WHERE state = 'awaiting_deposit';
-- For recovery.
CREATE INDEX approvals_running ON payapi.approvals (mid, id) WHERE state IN ('reserved', 'sending');
CREATE INDEX approvals_net_cancel ON payapi.approvals (mid, net_cancel_at, id)
  WHERE state = 'unknown' AND open_cancel IS NULL AND mismatch_at IS NULL AND net_cancel_at IS NOT NULL;
-- Deleting an attempt would allow its oid to be used again, and its order to be charged again.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.approvals
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- One row per cancel of a payment, full or partial: inserted when the call is reserved, updated when it is sent and settled. Permanent.
CREATE TABLE payapi.cancels (
  id uuid PRIMARY KEY,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES payapi.approvals (id),
  -- Counts the cancels of the payment from 1.
  seq integer NOT NULL CHECK (seq > 0),
  operation text NOT NULL
    CHECK (operation IN ('payments.cancel', 'payments.cancelPartially', 'escrow.confirmRejection')),
  -- Whether it is a net cancel: undoes an unknown approval of the payment page, by its auth_tid.
  net_cancel boolean NOT NULL DEFAULT false,
  -- The amount to refund, in won.
  cancel_price bigint NOT NULL CHECK (cancel_price > 0),
  -- The amount that remains paid after the cancel, in won; computed when the cancel is reserved.
  confirm_price bigint NOT NULL CHECK (confirm_price >= 0),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'done', 'refused', 'not_sent', 'unknown', 'mismatch', 'settled_not_moved'
  )),
  -- The gateway's transaction id of the cancel.
  cancel_tid text,
  -- Who requested it, as the shop says; `recovery` for recovery.
  actor text,
  -- When the payment was cancelled, as the gateway reported.
  cancelled_at timestamptz,
  -- The gateway's reply: its result code, message, cancelled amount and remaining amount (won).
  result_code text,
  result_message text,
  -- The code of the `PayApiError` with which the call failed.
  failure_code text,
  reported_price bigint CHECK (reported_price >= 0),
  reported_remaining bigint CHECK (reported_remaining >= 0),
  -- How often recovery repeated the call after its outcome was unknown.
  repeats integer NOT NULL DEFAULT 0 CHECK (repeats BETWEEN 0 AND 3),
  -- How many repeats were not sent; they do not count as repeats.
  unsent_repeats integer NOT NULL DEFAULT 0,
  -- When the next repeat is due, or when a running repeat ends; NULL for never.
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
-- For recovery.
CREATE INDEX cancels_running ON payapi.cancels (mid, id) WHERE state IN ('reserved', 'sending');
CREATE INDEX cancels_repeat ON payapi.cancels (mid, repeat_at, id)
  WHERE state = 'unknown' AND repeat_at IS NOT NULL;
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.cancels
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- approvals.remaining must equal price minus the sum of done cancels. Deferred, since both rows change in one transaction.
CREATE FUNCTION payapi.check_remaining() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  payment uuid;
BEGIN
  IF TG_ARGV[0] = 'cancel' THEN payment := NEW.approval_id; ELSE payment := NEW.id; END IF;
  IF EXISTS (
    SELECT FROM payapi.approvals AS a WHERE a.id = payment AND a.state = 'approved' AND a.remaining <> a.price - (
      SELECT coalesce(sum(c.cancel_price), 0) FROM payapi.cancels AS c WHERE c.approval_id = a.id AND c.state = 'done')
  ) THEN
    RAISE EXCEPTION 'approvals.remaining must equal price minus the sum of done cancels'
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

-- The double-entry book. Append-only; the entries of a posting sum to zero. Accounts:
--   gateway   money that the gateway took from the buyer and has not refunded (positive)
--   paid      the part that was charged as requested (negative)
--   suspense  the part that belongs to no paid order as requested (negative)
CREATE TABLE payapi.entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Groups the entries of one posting.
  posting uuid NOT NULL,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES payapi.approvals (id),
  cancel_id uuid REFERENCES payapi.cancels (id),
  account text NOT NULL CHECK (account IN ('gateway', 'paid', 'suspense')),
  -- In won.
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

-- The audit trail of orders: one row per change of state of an attempt or cancel, and per fact that contradicted one. Append-only, and never
-- read to decide.
CREATE TABLE payapi.transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  order_id text NOT NULL,
  approval_id uuid NOT NULL REFERENCES payapi.approvals (id),
  cancel_id uuid REFERENCES payapi.cancels (id),
  -- `…-mismatch`: a fact that contradicted the state; `notification`: a notification that did; `reversal`: a deposit was reversed;
  -- `correction`: an operator corrected an earlier resolution.
  what text NOT NULL CHECK (what IN (
    'approval', 'cancel', 'approval-mismatch', 'cancel-mismatch', 'notification', 'reversal', 'correction'
  )),
  -- NULL on the first row of a call.
  from_state text,
  to_state text NOT NULL,
  -- An operator, `recovery` or `notification`.
  actor text,
  -- The outcome of the call; NULL while it has not ended.
  outcome text,
  -- The amount of the reply, otherwise the requested one; in won.
  price bigint,
  tid text,
  failure_code text,
  result_code text,
  result_message text,
  -- An operator's evidence.
  evidence text
);
CREATE INDEX transitions_order ON payapi.transitions (mid, order_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.transitions
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- ---------------------------------------------------------------------------------------------------------------------
-- The payment page
-- ---------------------------------------------------------------------------------------------------------------------

-- Links to the gateway's payment page, one row per link; an order has at most one that is being made or open. Permanent.
CREATE TABLE payapi.links (
  -- Random; names the link in return URLs.
  token text PRIMARY KEY CHECK (token ~ '^[A-Za-z0-9_-]{22}$'),
  mid text NOT NULL,
  order_id text NOT NULL,
  -- Counts the links of the order from 1.
  link_no integer NOT NULL CHECK (link_no > 0),
  -- The order number at the gateway; attempts through the link have it too.
  oid text NOT NULL CHECK (oid ~ '^[A-Za-z0-9_-]{1,30}$'),
  pay_type text NOT NULL,
  -- In won.
  price bigint NOT NULL CHECK (price > 0),
  -- `making` until the gateway has returned the URL.
  state text NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'open', 'closed')),
  url text,
  created_at timestamptz NOT NULL,
  -- Until when the gateway accepts payments through the link.
  open_until timestamptz NOT NULL,
  closed_at timestamptz,
  CHECK (state <> 'open' OR url IS NOT NULL)
);
CREATE UNIQUE INDEX links_oid ON payapi.links (mid, oid);
CREATE UNIQUE INDEX links_number ON payapi.links (mid, order_id, link_no);
CREATE UNIQUE INDEX links_one_live ON payapi.links (mid, order_id) WHERE state IN ('making', 'open');
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.links
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- Notifications of the gateway's server, each with its effect. A repeated one only increments `repeats`. Permanent.
CREATE TABLE payapi.notifications (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  -- Equal for notifications of the same event.
  dedupe_key text NOT NULL,
  -- Whether the row has the key of an earlier notification and a different body.
  beside boolean NOT NULL,
  -- A hash of the body.
  fingerprint text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('mobile', 'deposit', 'escrow')),
  -- What is reported, such as `deposited`; for escrow, the gateway's status.
  event text NOT NULL,
  oid text,
  -- Masked if the source is not listed and it looks like a card number.
  tid text NOT NULL,
  -- In won.
  price bigint,
  -- The number of the virtual account.
  account text,
  -- When it happened, as the gateway reported.
  occurred_at timestamptz,
  -- The fields as received, with secrets redacted.
  fields jsonb NOT NULL,
  -- The sender's IP address, and whether the shop lists it as the gateway's.
  source text,
  listed boolean NOT NULL,
  -- `quarantined` and `mismatch` need an operator.
  effect text NOT NULL CHECK (effect IN ('applied', 'known', 'ignored', 'quarantined', 'mismatch')),
  -- Why it was not applied.
  reason text,
  order_id text,
  received_at timestamptz NOT NULL,
  -- How often it arrived again.
  repeats bigint NOT NULL DEFAULT 0,
  -- The operator who released it from quarantine.
  released_at timestamptz,
  released_by text,
  release_evidence text
);
-- Includes `listed`, so that a stranger's notification does not take the place of the gateway's.
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

-- One row per `key_id`. Permanent. Every change of a key's rows increments `version`, and fails if another process incremented it meanwhile
-- (optimistic locking).
CREATE TABLE payapi.key_versions (
  mid text NOT NULL,
  key_id text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (mid, key_id)
);
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.key_versions
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- One row per issue or import of a billing key. Permanent; the key itself is erased when it is deleted. A replaced card adds a row with the
-- same `key_id`.
CREATE TABLE payapi.billing_keys (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  -- The id that the shop stores.
  key_id text NOT NULL,
  -- Who owns the key, as the merchant names them.
  customer_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('card', 'mobile')),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'active', 'failed', 'unknown', 'deleting', 'deleted'
  )),
  -- The key, encrypted with AES-256-GCM: fingerprint of the secret, nonce, ciphertext with tag. Only in `active` and `deleting`.
  encrypted_key text CHECK (encrypted_key ~ '^[0-9a-f]{16}:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]{22,}$'),
  -- The row whose key this one replaces.
  replaces uuid REFERENCES payapi.billing_keys (id),
  -- Counts the imported keys of the customer from 1, so that concurrent imports can't store a key twice. NULL for an issued key.
  import_no bigint CHECK (import_no > 0),
  -- The gateway's reply to the issue or the deletion.
  result_code text,
  result_message text,
  failure_code text,
  settled_by text CHECK (settled_by IN ('call', 'recovery', 'operator')),
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz,
  -- When it became `active`.
  issued_at timestamptz,
  -- The latest end of a running deletion at the gateway; NULL without one.
  deletion_ends_at timestamptz,
  -- When recovery deletes it at the gateway next; NULL for never.
  delete_at timestamptz,
  -- How often recovery tried to delete it, and how many of these tries were certainly not sent.
  deletions bigint NOT NULL DEFAULT 0,
  unsent_deletions bigint NOT NULL DEFAULT 0,
  CHECK ((state IN ('active', 'deleting')) = (encrypted_key IS NOT NULL)),
  CONSTRAINT billing_keys_deletions CHECK (unsent_deletions BETWEEN 0 AND deletions),
  CONSTRAINT billing_keys_deadline CHECK (state <> 'sending' OR (sending_at IS NOT NULL AND deadline_at IS NOT NULL))
);
CREATE UNIQUE INDEX billing_keys_one_active ON payapi.billing_keys (mid, key_id) WHERE state = 'active';
CREATE UNIQUE INDEX billing_keys_one_running ON payapi.billing_keys (mid, key_id)
  WHERE state IN ('reserved', 'sending');
CREATE UNIQUE INDEX billing_keys_import_no ON payapi.billing_keys (mid, customer_id, import_no);
CREATE INDEX billing_keys_key ON payapi.billing_keys (mid, key_id, position);
CREATE INDEX billing_keys_customer ON payapi.billing_keys (mid, customer_id, position);
CREATE INDEX billing_keys_open ON payapi.billing_keys (mid, state)
  WHERE state IN ('reserved', 'sending', 'unknown', 'deleting');
CREATE INDEX billing_keys_delete ON payapi.billing_keys (mid, delete_at, id)
  WHERE state = 'deleting' AND delete_at IS NOT NULL;
-- A key without a row could still be chargeable at the gateway.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON payapi.billing_keys
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- The audit trail of billing keys: one row per change of state. Append-only.
CREATE TABLE payapi.billing_key_transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  key_id text NOT NULL,
  row_id uuid NOT NULL REFERENCES payapi.billing_keys (id),
  -- NULL on the first row of an issue.
  from_state text,
  to_state text NOT NULL,
  -- The outcome of the call; NULL while it has not ended.
  outcome text,
  failure_code text,
  result_code text,
  result_message text,
  -- An operator, `recovery`, `replacement` or `import`.
  actor text,
  -- An operator's evidence.
  evidence text
);
CREATE INDEX billing_key_transitions_key ON payapi.billing_key_transitions (mid, key_id, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.billing_key_transitions
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- ---------------------------------------------------------------------------------------------------------------------
-- Rate limits and idempotency keys
-- ---------------------------------------------------------------------------------------------------------------------

-- Counters of attempts, against card testing. Temporary: recovery deletes them after `ends_at`.
CREATE TABLE payapi.rate_limits (
  mid text NOT NULL,
  -- A hash of what is counted, such as a customer or an IP address.
  key text NOT NULL,
  count bigint NOT NULL CHECK (count >= 0),
  -- When the window ends and the counter restarts.
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (mid, key)
);
CREATE INDEX rate_limits_end ON payapi.rate_limits (mid, ends_at);

-- Requests with an Idempotency-Key, and their answers for 24 hours. Temporary: recovery deletes them after `ends_at`.
CREATE TABLE payapi.idempotency_keys (
  mid text NOT NULL,
  -- A hash of the Idempotency-Key and its scope.
  id text NOT NULL,
  -- A hash of the request: the same key with another request is refused.
  fingerprint text NOT NULL,
  -- The answer, as JSON; NULL while the request is running.
  answer text,
  -- When the key may be used again.
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (mid, id)
);
CREATE INDEX idempotency_keys_end ON payapi.idempotency_keys (mid, ends_at);

-- ---------------------------------------------------------------------------------------------------------------------
-- Events
-- ---------------------------------------------------------------------------------------------------------------------

-- Events for the shop's own code, each written in the transaction of its cause. Append-only.
CREATE TABLE payapi.events (
  id uuid PRIMARY KEY,
  -- Increases within an ordering key. Events of different ordering keys may become visible in another order.
  position bigint NOT NULL,
  mid text NOT NULL,
  kind text NOT NULL,
  -- An order or a billing key; its events are delivered in order.
  ordering_key text NOT NULL,
  at timestamptz NOT NULL,
  -- The event's content, with the order as it was then.
  data jsonb NOT NULL
);
CREATE INDEX events_position ON payapi.events (mid, position);
CREATE SEQUENCE payapi.event_positions OWNED BY payapi.events.position;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.events
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- Writers of events share an advisory lock until they commit. Filling the queue of a new consumer takes the lock exclusively: then no earlier
-- position can become visible any more.
CREATE FUNCTION payapi.place_event() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended(concat_ws(' ', 'payapi events', TG_TABLE_SCHEMA, NEW.mid), 0));
  NEW.position := nextval('payapi.event_positions');
  RETURN NEW;
END $$;
CREATE TRIGGER place_event BEFORE INSERT ON payapi.events
  FOR EACH ROW EXECUTE FUNCTION payapi.place_event();

-- Adds an event to the queue of every consumer whose queue is filled. An event of a clock that was ahead is due now, not in the future.
CREATE FUNCTION payapi.enqueue_event() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO payapi.deliveries (mid, consumer, event_id, position, ordering_key, due_at)
  SELECT mid, name, NEW.id, NEW.position, NEW.ordering_key, LEAST(NEW.at, clock_timestamp()) FROM payapi.consumers
  WHERE mid = NEW.mid AND fill_until IS NULL AND removed_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER enqueue_event AFTER INSERT ON payapi.events
  FOR EACH ROW EXECUTE FUNCTION payapi.enqueue_event();

-- Named receivers of events. The first worker with a name inserts the row; `removeConsumer` deletes it.
CREATE TABLE payapi.consumers (
  mid text NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  -- Changes when a name is removed and used again.
  generation uuid NOT NULL DEFAULT gen_random_uuid(),
  -- Events from before the consumer are added to its queue in steps: up to `filled_to` so far, up to `fill_until` in the end. NULL once done.
  filled_to bigint,
  fill_until bigint,
  -- When its removal began; deliveries are then deleted in steps, and the row at the end.
  removed_at timestamptz,
  PRIMARY KEY (mid, name),
  CHECK ((filled_to IS NULL) = (fill_until IS NULL) AND filled_to <= fill_until)
);

-- The queues of the consumers: undelivered events, and dead letters (`dead_at`). A delivered event's row is deleted.
CREATE TABLE payapi.deliveries (
  mid text NOT NULL,
  consumer text NOT NULL,
  event_id uuid NOT NULL REFERENCES payapi.events (id),
  position bigint NOT NULL,
  ordering_key text NOT NULL,
  -- How often the event was claimed.
  tries integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  -- The claim of the process that delivers it, and until when it holds.
  lease uuid,
  leased_until timestamptz,
  -- The name of the handler's last error.
  failure text,
  -- When it became a dead letter, after ten failed tries.
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

-- Acceptances of this database as the one that holds every payment; the newest row counts. `migrateLedger` inserts the first, an operator the
-- later ones. Append-only.
CREATE TABLE payapi.databases (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Cluster, timeline, database OID and table OID. It differs after a restore or a failover.
  identity text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  evidence text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.databases
  FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
