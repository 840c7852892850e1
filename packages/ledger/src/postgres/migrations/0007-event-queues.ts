/** Queues that are filled bit by bit, consumers that can be removed, and what makes claims cheap however many events wait. */
export function eventQueues(schema: string): string {
  return `
-- Consumers of before were given all their events when they began: there is nothing to fill.
ALTER TABLE ${schema}.consumers
  ADD COLUMN generation uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN filled_to bigint,
  ADD COLUMN fill_until bigint,
  ADD COLUMN removed_at timestamptz,
  ADD CHECK ((filled_to IS NULL) = (fill_until IS NULL) AND filled_to <= fill_until);

-- Claims go by the time at which events are due, no longer by their position.
DROP INDEX ${schema}.deliveries_position;
CREATE INDEX deliveries_due ON ${schema}.deliveries (mid, consumer, due_at, position) WHERE dead_at IS NULL;
CREATE INDEX deliveries_dead_of ON ${schema}.deliveries (mid, consumer) WHERE dead_at IS NOT NULL;
`;
}
