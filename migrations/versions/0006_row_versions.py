"""What people edit counts its own changes: every table with a `version` has this trigger."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BUMP = """
CREATE FUNCTION bump_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version;
  IF NEW IS DISTINCT FROM OLD THEN
    NEW.version := OLD.version + 1;
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(BUMP)
    for table in ("region", "store", "staff"):
        op.execute(f"CREATE TRIGGER bump BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION bump_version()")
