"""A guide's own word for whose a customer is earns nothing until the till, the channel or a scan confirms it."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

# What came about by hand and for somebody else, a manager did.
CONFIRM = """
UPDATE binding SET confirmed_at = bound_at, confirmed_how = CASE reason
  WHEN 'till' THEN 'till' WHEN 'share' THEN 'channel' WHEN 'guide_code' THEN 'scan' WHEN 'scan' THEN 'scan'
  WHEN 'qr_code' THEN 'scan' WHEN 'import' THEN 'import' ELSE 'manager' END
WHERE reason <> 'hand' OR (bound_by IS NOT NULL AND bound_by <> guide_id)"""


def upgrade() -> None:
    op.add_column("binding", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    op.add_column("binding", sa.Column("confirmed_how", sa.String(64)))
    op.execute(CONFIRM)
    op.create_check_constraint(
        op.f("ck_binding_confirmed"), "binding", "(confirmed_at IS NULL) = (confirmed_how IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_binding_confirmed_how"),
        "binding",
        "confirmed_how IN ('till', 'channel', 'scan', 'manager', 'import')",
    )
    op.drop_index("ix_binding_guide_id_bound_at", "binding")
    op.create_index("ix_binding_guide_id_confirmed_at", "binding", ["guide_id", "confirmed_at"])
