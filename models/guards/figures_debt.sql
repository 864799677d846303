-- Whose figures are to be counted again: orders that came in or changed are found by `changed_at`; this is what that
-- does not tell.

CREATE OR REPLACE FUNCTION note_figures_debt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'customer' THEN
    INSERT INTO figures_debt (customer_id)
    SELECT who FROM unnest(ARRAY[NEW.id, OLD.merged_into_id, NEW.merged_into_id]) AS affected (who)
    WHERE who IS NOT NULL;
  ELSE
    INSERT INTO figures_debt (customer_id) VALUES (OLD.customer_id);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER figures_debt AFTER UPDATE ON sales_order FOR EACH ROW
  WHEN (OLD.customer_id IS DISTINCT FROM NEW.customer_id AND OLD.customer_id IS NOT NULL)
  EXECUTE FUNCTION note_figures_debt();

CREATE OR REPLACE TRIGGER figures_debt AFTER UPDATE ON customer FOR EACH ROW
  WHEN ((OLD.merged_into_id, OLD.erased_at) IS DISTINCT FROM (NEW.merged_into_id, NEW.erased_at))
  EXECUTE FUNCTION note_figures_debt();
