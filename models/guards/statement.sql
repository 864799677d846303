-- Statements go the ways of settlements/rules/states.py; once approved, their amounts and who they are of stay.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON statement FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON statement FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'held>in_review', 'in_review>approved', 'in_review>held', 'in_review>rejected', 'rejected>in_review'
  );

CREATE OR REPLACE FUNCTION keep_statements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a statement stays' USING ERRCODE = 'integrity_constraint_violation';
  ELSIF (NEW.settlement_id, NEW.guide_id, NEW.currency) <> (OLD.settlement_id, OLD.guide_id, OLD.currency) THEN
    RAISE EXCEPTION 'a statement stays whose it is' USING ERRCODE = 'integrity_constraint_violation';
  ELSIF (NEW.store_id, NEW.opening_fen, NEW.accrued_fen, NEW.reversed_fen, NEW.payable_fen, NEW.carried_fen)
      <> (OLD.store_id, OLD.opening_fen, OLD.accrued_fen, OLD.reversed_fen, OLD.payable_fen, OLD.carried_fen)
    AND (OLD.state = 'approved' OR EXISTS (
      SELECT FROM settlement t JOIN pay_period p ON p.id = t.period_id
      WHERE t.id = NEW.settlement_id AND p.state IN ('approved', 'paid', 'locked')
    )) THEN
    RAISE EXCEPTION 'an approved statement never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER frozen AFTER UPDATE OR DELETE ON statement FOR EACH ROW EXECUTE FUNCTION keep_statements();
