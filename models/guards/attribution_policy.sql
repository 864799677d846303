-- What was approved is what sales are credited by.

CREATE OR REPLACE FUNCTION keep_approved_policies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.approved_at IS NOT NULL THEN
    RAISE EXCEPTION 'an approved policy never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON attribution_policy
  FOR EACH ROW EXECUTE FUNCTION keep_approved_policies();
