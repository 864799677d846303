"""How people who work for the chain are reached: a telephone, and their name in WeCom."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("phone", sa.String(20)))
    op.add_column("staff", sa.Column("wecom_user_id", sa.String(64)))
    op.create_index("uq_staff_wecom_user_id", "staff", [sa.text("lower(wecom_user_id)")], unique=True)
    load_guards("audit_entry")
