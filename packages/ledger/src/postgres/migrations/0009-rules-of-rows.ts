/** Rules that the code keeps anyway, kept by the database as well. */
export function rulesOfRows(schema: string): string {
  const wrong = `a.state = 'approved' AND a.remaining <> a.price - (
      SELECT coalesce(sum(c.cancel_price), 0) FROM ${schema}.cancels AS c WHERE c.approval_id = a.id AND c.state = 'done')`;
  const overdue = "CHECK (state <> 'sending' OR (sending_at IS NOT NULL AND deadline_at IS NOT NULL))";
  return `
-- What is being sent and has no deadline would be sent for ever: nobody would recover it.
ALTER TABLE ${schema}.approvals ADD CONSTRAINT approvals_deadline ${overdue};
ALTER TABLE ${schema}.cancels ADD CONSTRAINT cancels_deadline ${overdue};
ALTER TABLE ${schema}.billing_keys ADD CONSTRAINT billing_keys_deadline ${overdue};

-- Deferred, since a payment and its cancel are written one after the other.
CREATE FUNCTION ${schema}.check_remaining() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  payment uuid;
BEGIN
  IF TG_ARGV[0] = 'cancel' THEN payment := NEW.approval_id; ELSE payment := NEW.id; END IF;
  IF EXISTS (
    SELECT FROM ${schema}.approvals AS a WHERE a.id = payment AND ${wrong}
  ) THEN
    RAISE EXCEPTION 'What remains must be the price without what was cancelled'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'remaining_adds_up';
  END IF;
  RETURN NULL;
END $$;
-- A trigger does not look at what is there, and would refuse every later change of it.
DO $$ BEGIN
  IF EXISTS (SELECT FROM ${schema}.approvals AS a WHERE ${wrong}) THEN
    RAISE EXCEPTION 'What remains must be the price without what was cancelled'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'remaining_adds_up';
  END IF;
END $$;
CREATE CONSTRAINT TRIGGER remaining_adds_up AFTER INSERT OR UPDATE ON ${schema}.approvals
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'approved')
  EXECUTE FUNCTION ${schema}.check_remaining('approval');
CREATE CONSTRAINT TRIGGER remaining_adds_up AFTER INSERT OR UPDATE ON ${schema}.cancels
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'done')
  EXECUTE FUNCTION ${schema}.check_remaining('cancel');
`;
}
