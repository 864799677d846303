"""Days on which a guide on leave has no part in the targets of a store."""

import sqlalchemy as sa
from alembic import op

revision = "0181"
down_revision = "0180"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "target_absence",
        sa.Column("division_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["division_id"], ["target_division.id"], name=op.f("fk_target_absence_division_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_target_absence_guide_id")),
        sa.PrimaryKeyConstraint("division_id", "guide_id", "day", name=op.f("pk_target_absence")),
    )
