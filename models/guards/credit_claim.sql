-- A claim is decided once; what was claimed, and what was decided, stays.

CREATE OR REPLACE FUNCTION keep_claims() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.accepted IS NOT NULL
    OR (NEW.id, NEW.line_id, NEW.store_id, NEW.guide_id, NEW.share_bp, NEW.evidence, NEW.created_at)
      <> (OLD.id, OLD.line_id, OLD.store_id, OLD.guide_id, OLD.share_bp, OLD.evidence, OLD.created_at) THEN
    RAISE EXCEPTION 'a claim is decided once, and stays' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON credit_claim FOR EACH ROW EXECUTE FUNCTION keep_claims();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON credit_claim FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
