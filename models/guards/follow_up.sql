-- What was written stays; only a note goes away with the person it is about, or is sealed anew.

CREATE OR REPLACE TRIGGER append_only BEFORE DELETE OR TRUNCATE
  OR UPDATE OF id, customer_id, guide_id, store_id, at, channel, outcome, next_on, corrects_id, created_at ON follow_up
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
