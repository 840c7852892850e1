/** Events with one queue per consumer, repeats of unknown full cancels, and the release of quarantined notifications. */
export function eventsAndRepeats(schema: string): string {
  return `
-- Cancels that are unknown already stay an operator's: nobody knows how often they were looked into.
ALTER TABLE ${schema}.cancels
  ADD COLUMN repeats integer NOT NULL DEFAULT 0 CHECK (repeats BETWEEN 0 AND 3),
  ADD COLUMN repeat_at timestamptz;
CREATE INDEX cancels_repeat ON ${schema}.cancels (mid, repeat_at)
  WHERE state = 'unknown' AND repeat_at IS NOT NULL;

ALTER TABLE ${schema}.inbox
  ADD COLUMN released_at timestamptz,
  ADD COLUMN released_by text,
  ADD COLUMN release_evidence text;

CREATE TABLE ${schema}.events (
  id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  mid text NOT NULL,
  kind text NOT NULL,
  stream text NOT NULL,
  at timestamptz NOT NULL,
  data jsonb NOT NULL
);
CREATE UNIQUE INDEX events_position ON ${schema}.events (mid, position);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.events
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();

CREATE TABLE ${schema}.consumers (
  mid text NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (mid, name)
);

CREATE TABLE ${schema}.deliveries (
  mid text NOT NULL,
  consumer text NOT NULL,
  event_id uuid NOT NULL REFERENCES ${schema}.events (id),
  position bigint NOT NULL,
  stream text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  lease uuid,
  leased_until timestamptz,
  failure text,
  dead_at timestamptz,
  PRIMARY KEY (mid, consumer, event_id),
  FOREIGN KEY (mid, consumer) REFERENCES ${schema}.consumers (mid, name)
);
CREATE INDEX deliveries_stream ON ${schema}.deliveries (mid, consumer, stream, position) WHERE dead_at IS NULL;
CREATE INDEX deliveries_position ON ${schema}.deliveries (mid, consumer, position) WHERE dead_at IS NULL;
CREATE INDEX deliveries_dead ON ${schema}.deliveries (mid, position) WHERE dead_at IS NOT NULL;
`;
}
