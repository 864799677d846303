-- What a source names has everything above it. The trigger meets its own rows, up to those that have nothing above.

CREATE OR REPLACE FUNCTION add_category_parents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added WHERE path LIKE '% > %') THEN
    INSERT INTO category (path)
    SELECT DISTINCT regexp_replace(path, ' > [^>]*$', '') FROM added WHERE path LIKE '% > %'
    ORDER BY 1 ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER parents AFTER INSERT ON category REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION add_category_parents();
