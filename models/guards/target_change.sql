-- How a target came about stays as it was.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON target_change
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
