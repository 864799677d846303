-- What was decided stays as it was: an entry of the ledger is explained by the decision that it was posted by.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attribution_decision
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
