"""Log a change of shelf status row by row: most updates of a product change a price, and then nothing is gathered."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BY_ROW = """
CREATE FUNCTION log_shelf_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO shelf_event (product_id, old_status, new_status, source_version, reason, created_at)
  VALUES (NEW.id, OLD.shelf_status, NEW.shelf_status, NEW.source_version, NEW.shelf_reason, NEW.shelf_changed_at);
  RETURN NULL;
END $$;
DROP TRIGGER shelf_updated ON product;
DROP FUNCTION log_shelf_update();
CREATE TRIGGER shelf_updated AFTER UPDATE ON product FOR EACH ROW
  WHEN (OLD.shelf_status <> NEW.shelf_status) EXECUTE FUNCTION log_shelf_change()
"""


def upgrade() -> None:
    op.execute(BY_ROW)
