"""What the database itself refuses: edits of facts, crooked ledger entries, unlogged shelf changes."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_transaction", "ledger_entry", "shelf_event", "touch", "submission")

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

# A published content version and an approved plan version are what people acted and were paid on.
FREEZE_PLAN_VERSION = """
CREATE FUNCTION refuse_approved_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.approved_at IS NOT NULL THEN
    RAISE EXCEPTION 'an approved plan version never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON plan_version FOR EACH ROW EXECUTE FUNCTION refuse_approved_change()
"""

FREEZE_CONTENT_VERSION = """
CREATE FUNCTION refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM content WHERE id = OLD.content_id AND published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a published content version never changes' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON content_version FOR EACH ROW EXECUTE FUNCTION refuse_published_change()
"""

# Each entry joins the chain's expense account and the payable account of its own guide, in its own currency.
CHECK_ENTRIES = """
CREATE FUNCTION check_ledger_entries() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER accounts AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_entries()
"""

LOG_SHELF = """
CREATE FUNCTION log_shelf_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shelf_event (product_id, old_status, new_status, source_version, reason, created_at)
  SELECT id, NULL, shelf_status, source_version, shelf_reason, shelf_changed_at FROM added;
  RETURN NULL;
END $$;
CREATE FUNCTION log_shelf_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shelf_event (product_id, old_status, new_status, source_version, reason, created_at)
  SELECT n.id, o.shelf_status, n.shelf_status, n.source_version, n.shelf_reason, n.shelf_changed_at
  FROM after_rows n JOIN before_rows o USING (id)
  WHERE n.shelf_status <> o.shelf_status;
  RETURN NULL;
END $$;
CREATE TRIGGER shelf_inserted AFTER INSERT ON product REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION log_shelf_insert();
CREATE TRIGGER shelf_updated AFTER UPDATE ON product REFERENCING NEW TABLE AS after_rows OLD TABLE AS before_rows
  FOR EACH STATEMENT EXECUTE FUNCTION log_shelf_update()
"""


def upgrade() -> None:
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for statement in (FREEZE_PLAN_VERSION, FREEZE_CONTENT_VERSION, CHECK_ENTRIES, LOG_SHELF):
        op.execute(statement)
