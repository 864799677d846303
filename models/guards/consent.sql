-- A consent stays as it was given; its evidence may be taken away. A year after a later one it may be forgotten.

CREATE OR REPLACE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['sealed_evidence', 'evidence_index'];
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT FROM consent later
    WHERE (later.customer_id, later.channel) = (OLD.customer_id, OLD.channel)
      AND (later.given_at, later.id) > (OLD.given_at, OLD.id) AND later.recorded_at < now() - interval '1 year'
  ) THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
    RAISE EXCEPTION 'a consent stays as it was given' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON consent FOR EACH ROW EXECUTE FUNCTION refuse_consent_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON consent FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
