-- What was done stays as it was.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement_step
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
