"""Decisions on who gets credit are kept, and give credits by role, to several where several served."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.guards import load_guards

revision = "0150"
down_revision = "0146"
branch_labels = None
depends_on = None

UUID7 = sa.text("uuid7()")
AT = sa.DateTime(timezone=True)
CREDIT_ROLES = (
    "'seller', 'serving', 'sharing', 'bound', 'recruiting', 'home_store', 'ordering_store', 'fulfilling_store'"
)
STORE_ROLES = "'home_store', 'ordering_store', 'fulfilling_store'"
# What was decided before: one guide got the whole line. Stores follow when the line is decided on again.
CARRY_OVER = (
    """
    INSERT INTO attribution_decision
      (id, line_id, order_revision, policy_version, cause, reason, candidates, original_decision_id, digest, decided_at)
    SELECT d.id, a.line_id, o.revision, a.policy_version, 'order', a.reason, a.candidates,
           CASE a.reason WHEN 'original' THEN sold.id END, CASE a.reason WHEN 'original' THEN NULL ELSE 0 END,
           a.decided_at
    FROM attribution_before a
    JOIN decision_ids d USING (line_id)
    JOIN order_line l ON l.id = a.line_id JOIN sales_order o ON o.id = l.order_id
    LEFT JOIN decision_ids sold ON sold.line_id = l.original_line_id
    """,
    """
    INSERT INTO credit (decision_id, role, beneficiary_id, beneficiary_kind, place, share_bp, line_id, decided_at)
    SELECT d.id, r.role, a.guide_id, 'guide', 1, 10000, a.line_id, a.decided_at
    FROM attribution_before a JOIN decision_ids d USING (line_id)
    CROSS JOIN LATERAL unnest(ARRAY[
      'seller', CASE a.reason WHEN 'share' THEN 'sharing' WHEN 'bound' THEN 'bound' ELSE 'serving' END
    ]) AS r (role)
    WHERE a.guide_id IS NOT NULL
    """,
    "INSERT INTO attribution (line_id, decision_id) SELECT line_id, id FROM decision_ids",
)


def upgrade() -> None:
    op.execute("CREATE TEMPORARY TABLE attribution_before ON COMMIT DROP AS SELECT * FROM attribution")
    op.execute(
        "CREATE TEMPORARY TABLE decision_ids ON COMMIT DROP AS SELECT line_id, uuid7() AS id FROM attribution_before"
    )
    op.drop_table("attribution")
    _attribution_decision()
    _credit()
    _attribution()
    load_guards("functions", "attribution_decision", "credit", "list_change")
    for statement in CARRY_OVER:
        op.execute(statement)
    for name, counted in (("orders_bp", "orders"), ("units_bp", "units")):
        op.add_column("guide_day", sa.Column(name, sa.BigInteger()))
        op.execute(f"UPDATE guide_day SET {name} = {counted} * 10000")  # noqa: S608 - two names above
        op.alter_column("guide_day", name, nullable=False)


def _attribution_decision() -> None:
    op.create_table(
        "attribution_decision",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("order_revision", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("candidates", JSONB(), nullable=False),
        sa.Column("original_decision_id", sa.Uuid()),
        sa.Column("digest", sa.BigInteger()),
        sa.Column("decided_at", AT, nullable=False),
        sa.CheckConstraint(
            "cause IN ('order', 'claim', 'policy', 'touch')", name=op.f("ck_attribution_decision_cause")
        ),
        sa.CheckConstraint(
            "(reason = 'original') = (original_decision_id IS NOT NULL)", name=op.f("ck_attribution_decision_original")
        ),
        sa.CheckConstraint(
            "(digest IS NULL) = (original_decision_id IS NOT NULL)", name=op.f("ck_attribution_decision_digest")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_attribution_decision_line_id")),
        sa.ForeignKeyConstraint(
            ["original_decision_id"],
            ["attribution_decision.id"],
            name=op.f("fk_attribution_decision_original_decision_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_decision")),
    )
    op.create_index(op.f("ix_attribution_decision_line_id"), "attribution_decision", ["line_id"])


def _credit() -> None:
    op.create_table(
        "credit",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_kind", sa.String(64), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("share_bp", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", AT, nullable=False),
        sa.CheckConstraint(f"role IN ({CREDIT_ROLES})", name=op.f("ck_credit_role")),
        sa.CheckConstraint(f"(beneficiary_kind = 'store') = (role IN ({STORE_ROLES}))", name=op.f("ck_credit_kind")),
        sa.CheckConstraint("beneficiary_kind IN ('guide', 'store')", name=op.f("ck_credit_beneficiary")),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_credit_share")),
        sa.PrimaryKeyConstraint("decision_id", "role", "beneficiary_id", name=op.f("pk_credit")),
    )
    op.create_index(
        "ix_credit_seller", "credit", ["beneficiary_id", "decided_at"], postgresql_where=sa.text("role = 'seller'")
    )


def _attribution() -> None:
    op.create_table(
        "attribution",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_attribution_line_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["attribution_decision.id"], name=op.f("fk_attribution_decision_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_attribution")),
    )
