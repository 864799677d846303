-- What was done stays as it was, and nobody decides on what they closed themselves, or in their own favour.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement_step
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Looked up by the keys: a plan that was made while there were few rows would read all of them later.
CREATE OR REPLACE FUNCTION check_settlement_steps() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added a
    JOIN statement s ON s.id = a.statement_id
    JOIN settlement t ON t.id = s.settlement_id
    JOIN pay_period p ON p.id = t.period_id
    WHERE a.taken_by IN (s.guide_id, p.closed_by)
       OR (t.id, a.taken_by) IN (SELECT settlement_id, taken_by FROM settlement_step WHERE command = 'close')
  ) THEN
    RAISE EXCEPTION 'somebody else decides on a statement' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER two_people AFTER INSERT ON settlement_step REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_settlement_steps();
