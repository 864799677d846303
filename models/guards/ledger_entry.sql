-- Posted is posted, and each entry joins the chain's expense account and the payable account of its own guide,
-- in its own currency.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION check_ledger_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added e
    JOIN ledger_account d ON d.id = e.debit_account_id
    JOIN ledger_account c ON c.id = e.credit_account_id
    WHERE d.currency <> e.currency OR c.currency <> e.currency OR d.kind = c.kind
       OR e.guide_id <> coalesce(d.staff_id, c.staff_id)
  ) THEN
    RAISE EXCEPTION 'a ledger entry joins the wrong accounts' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER accounts AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_entries();
