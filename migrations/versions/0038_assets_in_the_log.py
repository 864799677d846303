"""Who uploaded what stands in the audit log."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SELECT audit_table('asset')")
