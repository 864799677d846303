-- Every change of a product's shelf status is logged by the database itself, and stays.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shelf_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION log_shelf_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shelf_event (product_id, old_status, new_status, source_version, reason, created_at)
  SELECT id, NULL, shelf_status, source_version, shelf_reason, shelf_changed_at FROM added;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER shelf_inserted AFTER INSERT ON product REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION log_shelf_insert();

-- By row: most updates of a product change a price, and then nothing is gathered.
CREATE OR REPLACE FUNCTION log_shelf_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shelf_event (product_id, old_status, new_status, source_version, reason, created_at)
  VALUES (NEW.id, OLD.shelf_status, NEW.shelf_status, NEW.source_version, NEW.shelf_reason, NEW.shelf_changed_at);
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER shelf_updated AFTER UPDATE ON product FOR EACH ROW
  WHEN (OLD.shelf_status <> NEW.shelf_status) EXECUTE FUNCTION log_shelf_change();
