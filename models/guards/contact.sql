-- A contact stays as it was; two times are set, once. After a year it may be forgotten.

CREATE OR REPLACE FUNCTION refuse_contact_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['sent_at', 'released_at'];
BEGIN
  IF TG_OP = 'DELETE' AND OLD.reserved_at < now() - interval '1 year' THEN
    RETURN OLD;
  END IF;
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free
     OR (OLD.sent_at IS NOT NULL AND NEW.sent_at IS DISTINCT FROM OLD.sent_at)
     OR (OLD.released_at IS NOT NULL AND NEW.released_at IS DISTINCT FROM OLD.released_at) THEN
    RAISE EXCEPTION 'a contact stays as it was' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE UPDATE OR DELETE ON contact FOR EACH ROW EXECUTE FUNCTION refuse_contact_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON contact FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
