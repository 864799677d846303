"""Claims of guides to sales that count for others, and what was decided."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0151"
down_revision = "0150"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "credit_claim",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(2000), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("accepted", sa.Boolean()),
        sa.Column("explanation", sa.String(500)),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_at", AT),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_credit_claim_share")),
        sa.CheckConstraint(
            "num_nonnulls(accepted, decided_by, decided_at, explanation) IN (0, 4)",
            name=op.f("ck_credit_claim_decision"),
        ),
        sa.CheckConstraint("decided_by <> guide_id", name=op.f("ck_credit_claim_two_people")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_credit_claim_line_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_credit_claim_store_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_credit_claim_guide_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_credit_claim_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_claim")),
    )
    is_open, accepted = sa.text("accepted IS NULL"), sa.text("accepted")
    op.create_index("uq_credit_claim_open", "credit_claim", ["line_id"], unique=True, postgresql_where=is_open)
    op.create_index("ix_credit_claim_accepted", "credit_claim", ["line_id", "decided_at"], postgresql_where=accepted)
    for columns in (["store_id", "created_at", "id"], ["guide_id", "created_at", "id"], ["created_at", "id"]):
        op.create_index(op.f(f"ix_credit_claim_{'_'.join(columns)}"), "credit_claim", columns)
    load_guards("credit_claim")
