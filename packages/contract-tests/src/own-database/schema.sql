CREATE TABLE payment_approvals (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  order_id text NOT NULL,
  oid text NOT NULL UNIQUE,
  pay_type text NOT NULL,
  price bigint NOT NULL CHECK (price > 0),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN
    ('reserved', 'sending', 'paid', 'declined', 'not-sent', 'unknown', 'needs-attention')),
  contradicted boolean NOT NULL DEFAULT false,
  tid text UNIQUE,
  remaining bigint NOT NULL DEFAULT 0 CHECK (remaining BETWEEN 0 AND price),
  reply jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  sending_at timestamptz,
  CHECK (state <> 'paid' OR tid IS NOT NULL)
);
-- The heart of it: whatever the number of processes, an order has one approval that runs, was paid or may have been.
CREATE UNIQUE INDEX payment_approvals_one_live ON payment_approvals (order_id)
  WHERE state IN ('reserved', 'sending', 'paid', 'unknown', 'needs-attention');

CREATE TABLE payment_cancels (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  approval_id uuid NOT NULL REFERENCES payment_approvals (id),
  cancel_price bigint NOT NULL CHECK (cancel_price > 0),
  confirm_price bigint NOT NULL CHECK (confirm_price >= 0),
  state text NOT NULL DEFAULT 'reserved' CHECK (state IN
    ('reserved', 'sending', 'done', 'refused', 'not-sent', 'unknown', 'needs-attention')),
  reply jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  sending_at timestamptz
);
-- And a payment has one cancel that runs or may have given something back.
CREATE UNIQUE INDEX payment_cancels_one_open ON payment_cancels (approval_id)
  WHERE state IN ('reserved', 'sending', 'unknown', 'needs-attention');

CREATE TABLE payment_attempts (
  key text PRIMARY KEY,
  count integer NOT NULL,
  ends_at timestamptz NOT NULL
);

CREATE TABLE payment_requests (
  scope text,
  key text,
  fingerprint text NOT NULL,
  answer text,
  ends_at timestamptz NOT NULL,
  PRIMARY KEY (scope, key)
);
