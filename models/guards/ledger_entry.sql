-- Posted is posted, and each entry joins the chain's expense account and the account of its own guide or store's pool, in
-- its own currency, with the sign that this has for them, on a day that is not closed.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Looked up by the keys: a plan that was made while there were few rows would read all of them later.
CREATE OR REPLACE FUNCTION check_ledger_entries() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added e
    JOIN ledger_account d ON d.id = e.debit_account_id
    JOIN ledger_account c ON c.id = e.credit_account_id
    WHERE d.currency <> e.currency OR c.currency <> e.currency
       OR (d.kind = 'commission_expense') <> (e.signed_fen > 0) OR (c.kind = 'commission_expense') <> (e.signed_fen < 0)
       OR coalesce(d.staff_id, c.staff_id) IS DISTINCT FROM e.guide_id
       OR e.guide_id IS NULL AND coalesce(d.store_id, c.store_id) IS DISTINCT FROM e.store_id
  ) THEN
    RAISE EXCEPTION 'a ledger entry joins the wrong accounts' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER accounts AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_entries();

CREATE OR REPLACE FUNCTION refuse_closed_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT store_id, min(business_day) AS first FROM added GROUP BY store_id) e
    WHERE e.first < first_open_day(e.store_id, e.first)
  ) THEN
    RAISE EXCEPTION 'a ledger entry lies on a day that is closed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER open_days AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_days();
