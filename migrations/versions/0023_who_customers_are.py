"""Customers become people: sealed personal data, identities by channel, and what was merged or erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.alter_column("customer", "member_no", nullable=True)
    op.add_column("customer", sa.Column("store_id", sa.Uuid(), nullable=True))
    op.add_column("customer", sa.Column("origin", sa.String(length=64), server_default="till", nullable=False))
    op.add_column("customer", sa.Column("sealed_profile", sa.LargeBinary(), nullable=True))
    op.add_column(
        "customer", sa.Column("profile_fields", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("customer", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.add_column("customer", sa.Column("erased_at", AT, nullable=True))
    op.add_column("customer", sa.Column("updated_at", AT, server_default=sa.text("now()"), nullable=False))
    op.add_column("customer", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    op.create_foreign_key(op.f("fk_customer_store_id"), "customer", "store", ["store_id"], ["id"])
    op.create_foreign_key(op.f("fk_customer_merged_into_id"), "customer", "customer", ["merged_into_id"], ["id"])
    op.create_index(op.f("ix_customer_store_id"), "customer", ["store_id"])
    op.create_index(op.f("ix_customer_merged_into_id"), "customer", ["merged_into_id"])
    op.create_check_constraint(op.f("ck_customer_merged_into_another"), "customer", "merged_into_id <> id")
    op.create_check_constraint(
        op.f("ck_customer_erased_is_empty"),
        "customer",
        "erased_at IS NULL OR (sealed_profile IS NULL AND member_no IS NULL AND profile_fields = '{}')",
    )
    op.execute("CREATE TRIGGER bump BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION bump_version()")
    op.create_table(
        "customer_identity",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('phone', 'wecom', 'wechat_union', 'mall', 'email')", name=op.f("ck_customer_identity_kind")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_identity_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_identity")),
    )
    op.create_index(op.f("ix_customer_identity_customer_id"), "customer_identity", ["customer_id"])
    op.create_index(
        "uq_customer_identity_one",
        "customer_identity",
        ["kind", "blind_index"],
        unique=True,
        postgresql_where=sa.text("kind <> 'phone'"),
    )
    op.create_index(
        "ix_customer_identity_phone", "customer_identity", ["blind_index"], postgresql_where=sa.text("kind = 'phone'")
    )
