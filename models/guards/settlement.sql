-- Edits are counted; a period is approved once nothing of its settlement waits for a decision.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON settlement FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE OR REPLACE FUNCTION refuse_undecided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM settlement t JOIN statement s ON s.settlement_id = t.id
    WHERE t.period_id = NEW.id AND s.state IN ('in_review', 'rejected')
  ) THEN
    RAISE EXCEPTION 'statements of the period are not decided on' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER decided AFTER UPDATE ON pay_period FOR EACH ROW
  WHEN (OLD.state <> 'approved' AND NEW.state = 'approved') EXECUTE FUNCTION refuse_undecided();
