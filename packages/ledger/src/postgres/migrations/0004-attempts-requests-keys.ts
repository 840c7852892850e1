/** Counters of attempts, remembered requests, and billing keys with their append-only history. */
export function attemptsRequestsKeys(schema: string): string {
  return `
CREATE TABLE ${schema}.attempt_counters (
  mid text NOT NULL,
  key text NOT NULL,
  count bigint NOT NULL CHECK (count >= 0),
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (mid, key)
);
CREATE INDEX attempt_counters_end ON ${schema}.attempt_counters (mid, ends_at);

CREATE TABLE ${schema}.requests (
  mid text NOT NULL,
  id text NOT NULL,
  fingerprint text NOT NULL,
  answer text,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (mid, id)
);
CREATE INDEX requests_end ON ${schema}.requests (mid, ends_at);

CREATE TABLE ${schema}.billing_keys (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  key_id text NOT NULL,
  owner text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('card', 'mobile')),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN (
    'reserved', 'sending', 'active', 'failed', 'unknown', 'deleting', 'deleted'
  )),
  sealed text CHECK (sealed ~ '^[0-9a-f]{16}:[A-Za-z0-9_-]{16}:[A-Za-z0-9_-]{22,}$'),
  replaces uuid REFERENCES ${schema}.billing_keys (id),
  result_code text,
  result_message text,
  failure_code text,
  settled_by text CHECK (settled_by IN ('call', 'recovery', 'operator')),
  created_at timestamptz NOT NULL,
  sending_at timestamptz,
  deadline_at timestamptz,
  settled_at timestamptz,
  issued_at timestamptz,
  deletion_ends_at timestamptz,
  CHECK ((state IN ('active', 'deleting')) = (sealed IS NOT NULL))
);
CREATE UNIQUE INDEX billing_keys_one_active ON ${schema}.billing_keys (mid, key_id) WHERE state = 'active';
CREATE UNIQUE INDEX billing_keys_one_running ON ${schema}.billing_keys (mid, key_id)
  WHERE state IN ('reserved', 'sending');
CREATE INDEX billing_keys_key ON ${schema}.billing_keys (mid, key_id, position);
CREATE INDEX billing_keys_owner ON ${schema}.billing_keys (mid, owner, position);
CREATE INDEX billing_keys_open ON ${schema}.billing_keys (mid, state)
  WHERE state IN ('reserved', 'sending', 'unknown', 'deleting');

CREATE TABLE ${schema}.billing_key_transitions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  mid text NOT NULL,
  key_id text NOT NULL,
  row_id uuid NOT NULL REFERENCES ${schema}.billing_keys (id),
  from_state text,
  to_state text NOT NULL,
  outcome text,
  failure_code text,
  result_code text,
  result_message text,
  actor text,
  evidence text
);
CREATE INDEX billing_key_transitions_key ON ${schema}.billing_key_transitions (mid, key_id, id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.billing_key_transitions
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
-- A key that vanished here may be alive at the gateway.
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ${schema}.billing_keys
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
`;
}
