-- Credits are a decision's, are given at once, and make a whole in each role. Looked up by the keys: a plan that was made
-- while there were few rows would read all of them later.

CREATE OR REPLACE FUNCTION refuse_broken_credits() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  _broken uuid;
BEGIN
  SELECT n.decision_id INTO _broken
  FROM added n LEFT JOIN attribution_decision d ON d.id = n.decision_id
  WHERE (d.line_id, d.decided_at) IS DISTINCT FROM (n.line_id, n.decided_at) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'credits of % are not of its line and time', _broken USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT n.decision_id INTO _broken
  FROM (SELECT DISTINCT decision_id FROM added) n JOIN credit c USING (decision_id)
  GROUP BY n.decision_id, c.role HAVING sum(c.share_bp) <> 10000 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'credits of % are not a whole in each role', _broken USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER whole AFTER INSERT ON credit REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_broken_credits();

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
