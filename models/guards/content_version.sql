-- A published version is what people acted on.

CREATE OR REPLACE FUNCTION refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- What waits for its time can only be taken back whole.
  IF OLD.published_at IS NOT NULL
     AND (TG_OP = 'DELETE' OR OLD.published_at <= now() OR NEW.published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a published content version never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON content_version
  FOR EACH ROW EXECUTE FUNCTION refuse_published_change();
