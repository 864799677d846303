-- What is settled stays settled, on a statement of the same guide and currency that is not approved.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON statement_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Looked up by the keys: a plan that was made while there were few rows would read all of them later.
CREATE OR REPLACE FUNCTION check_statement_entries() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added a
    JOIN ledger_entry e ON e.id = a.entry_id
    JOIN statement s ON s.id = a.statement_id
    JOIN settlement t ON t.id = s.settlement_id
    JOIN pay_period p ON p.id = t.period_id
    WHERE (s.guide_id, s.currency) IS DISTINCT FROM (e.guide_id, e.currency) OR e.business_day > p.last_day
       OR s.state = 'approved' OR p.state IN ('approved', 'paid', 'locked')
  ) THEN
    RAISE EXCEPTION 'an entry does not belong on this statement' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER belongs AFTER INSERT ON statement_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_statement_entries();
