-- Rights of the role that the shop runs as (here `shop`) in the schema `payapi`. The role cannot alter tables, delete payments, or change the
-- order id, price and oid with which an attempt, a cancel or a link was created.

GRANT USAGE ON SCHEMA payapi TO shop;
GRANT SELECT ON ALL TABLES IN SCHEMA payapi TO shop;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA payapi TO shop;

-- Append-only tables.
GRANT INSERT ON payapi.merchants, payapi.entries, payapi.transitions, payapi.billing_key_transitions, payapi.events, payapi.databases TO shop;

-- Permanent tables: only the columns that change may be updated.
GRANT INSERT ON payapi.orders, payapi.approvals, payapi.cancels, payapi.links, payapi.notifications, payapi.billing_keys,
  payapi.key_versions TO shop;
GRANT UPDATE (version, entries, reviewed) ON payapi.orders TO shop;
GRANT UPDATE (
  state, pay_type, partly_cancellable, tid, appl_num, approved_at, account_number, account_bank, account_holder, account_due_at, result_code, result_message,
  failure_code, reported_price, remaining, held, open_cancel, settled_by, mismatch_at, mismatches, deposits, net_cancel_at,
  sending_at, deadline_at, settled_at
) ON payapi.approvals TO shop;
GRANT UPDATE (
  state, cancel_tid, cancelled_at, result_code, result_message, failure_code, reported_price, reported_remaining, repeats,
  unsent_repeats, repeat_at, settled_by, sending_at, deadline_at, settled_at
) ON payapi.cancels TO shop;
GRANT UPDATE (state, url, closed_at) ON payapi.links TO shop;
GRANT UPDATE (tid, effect, reason, order_id, repeats, released_at, released_by, release_evidence) ON payapi.notifications TO shop;
GRANT UPDATE (
  state, encrypted_key, result_code, result_message, failure_code, settled_by, sending_at, deadline_at, settled_at, issued_at,
  deletion_ends_at, delete_at, deletions, unsent_deletions
) ON payapi.billing_keys TO shop;
GRANT UPDATE (version) ON payapi.key_versions TO shop;

-- Temporary rows.
GRANT INSERT, UPDATE, DELETE ON payapi.rate_limits, payapi.idempotency_keys, payapi.consumers, payapi.deliveries TO shop;
