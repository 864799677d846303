-- The products of a published version belong to it.

CREATE OR REPLACE FUNCTION refuse_published_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM content_version
    WHERE id = coalesce(OLD.content_version_id, NEW.content_version_id) AND published_at IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'a published content version never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE TRIGGER frozen BEFORE INSERT OR UPDATE OR DELETE ON content_product
  FOR EACH ROW EXECUTE FUNCTION refuse_published_products();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON content_product FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
