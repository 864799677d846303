-- Who acknowledged which version stays as it was said.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_acknowledgement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
