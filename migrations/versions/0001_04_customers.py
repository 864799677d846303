"""Customers, whose they are, and what they allow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "customers"
down_revision = "catalog"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _customer_policy()
    _customer()
    _binding()
    _binding_transfer()
    _consent()
    _contact()
    _customer_identity()
    _customer_merge()
    _customer_reveal()
    _customer_tag()
    _quiet_hours()


def _customer_policy() -> None:
    op.create_table(
        "customer_policy",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("updated_at", AT, server_default=NOW, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("id IN ('contact', 'binding')", name=op.f("ck_customer_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_policy")),
    )


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("member_no", sa.String(64)),
        sa.Column("member_no_key", sa.Text(), sa.Computed("fold_code(member_no)", persisted=True)),
        sa.Column("store_id", sa.Uuid()),
        sa.Column("origin", sa.String(64), server_default="till", nullable=False),
        sa.Column("sealed_profile", sa.LargeBinary()),
        sa.Column("profile_fields", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("merged_into_id", sa.Uuid()),
        sa.Column(
            "person_id",
            sa.Uuid(),
            sa.Computed("coalesce(merged_into_id, id)", persisted=True),
            nullable=False,
        ),
        sa.Column("erased_at", AT),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("updated_at", AT, server_default=NOW, nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "erased_at IS NULL OR (sealed_profile IS NULL AND member_no IS NULL AND profile_fields = '{}')",
            name=op.f("ck_customer_erased_is_empty"),
        ),
        sa.CheckConstraint("member_no_key <> ''", name=op.f("ck_customer_member_no")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_customer_merged_into_another")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["customer.id"], name=op.f("fk_customer_merged_into_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_customer_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("member_no_key", name=op.f("uq_customer_member_no_key")),
    )
    op.create_index(op.f("ix_customer_person_id"), "customer", ["person_id"])
    op.create_index(
        "ix_customer_of_store",
        "customer",
        ["store_id", "id"],
        postgresql_where=sa.text("merged_into_id IS NULL AND erased_at IS NULL"),
    )


def _binding() -> None:
    op.create_table(
        "binding",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("reference_id", sa.Uuid()),
        sa.Column("bound_by", sa.Uuid()),
        sa.Column("bound_at", AT, nullable=False),
        sa.Column("protected_until", AT),
        sa.Column("confirmed_at", AT),
        sa.Column("confirmed_how", sa.String(64)),
        sa.Column("ended_at", AT),
        sa.Column("ended_reason", sa.String(64)),
        sa.CheckConstraint(
            "confirmed_how IN ('till', 'channel', 'scan', 'manager', 'import')", name=op.f("ck_binding_confirmed_how")
        ),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_how IS NULL)", name=op.f("ck_binding_confirmed")),
        sa.CheckConstraint("ended_at >= bound_at", name=op.f("ck_binding_dates")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_binding_customer_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_binding_guide_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_binding_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_binding")),
    )
    op.create_index(op.f("ix_binding_customer_id"), "binding", ["customer_id"])
    op.create_index(op.f("ix_binding_guide_id_confirmed_at"), "binding", ["guide_id", "confirmed_at"])
    op.create_index(
        "ix_binding_live_of_guide", "binding", ["guide_id", "customer_id"], postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("uq_binding_live", "binding", ["customer_id"], unique=True, postgresql_where="ended_at IS NULL")


def _binding_transfer() -> None:
    op.create_table(
        "binding_transfer",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("from_guide_id", sa.Uuid(), nullable=False),
        sa.Column("to_guide_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", AT, nullable=False),
        sa.Column("effective_at", AT, nullable=False),
        sa.Column("refused_at", AT),
        sa.Column("done_at", AT),
        sa.Column("lapsed_at", AT),
        sa.CheckConstraint("from_guide_id <> to_guide_id", name=op.f("ck_binding_transfer_to_another")),
        sa.CheckConstraint(
            "num_nonnulls(refused_at, done_at, lapsed_at) <= 1", name=op.f("ck_binding_transfer_one_end")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_binding_transfer_customer_id")),
        sa.ForeignKeyConstraint(["from_guide_id"], ["staff.id"], name=op.f("fk_binding_transfer_from_guide_id")),
        sa.ForeignKeyConstraint(["to_guide_id"], ["staff.id"], name=op.f("fk_binding_transfer_to_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_binding_transfer")),
    )
    op.create_index(
        op.f("ix_binding_transfer_customer_id_requested_at"), "binding_transfer", ["customer_id", "requested_at"]
    )
    op.create_index(
        "ix_binding_transfer_due",
        "binding_transfer",
        ["effective_at"],
        postgresql_where="refused_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL",
    )
    op.create_index(op.f("ix_binding_transfer_from_guide_id"), "binding_transfer", ["from_guide_id"])
    op.create_index(op.f("ix_binding_transfer_to_guide_id"), "binding_transfer", ["to_guide_id"])
    op.create_index(
        "uq_binding_transfer_waiting",
        "binding_transfer",
        ["customer_id"],
        unique=True,
        postgresql_where="refused_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL",
    )


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("text_version", sa.String(64)),
        sa.Column("sealed_evidence", sa.LargeBinary()),
        sa.Column("evidence_index", sa.LargeBinary()),
        sa.Column("recorder_kind", sa.String(64), nullable=False),
        sa.Column("recorder_id", sa.Uuid()),
        sa.Column("recorded_at", AT, server_default=NOW, nullable=False),
        sa.CheckConstraint("channel IN ('wecom', 'wechat', 'sms', 'call', 'email')", name=op.f("ck_consent_channel")),
        sa.CheckConstraint(
            "origin IN ('form', 'page', 'till', 'import', 'customer', 'merge')", name=op.f("ck_consent_origin")
        ),
        sa.CheckConstraint(
            "recorder_kind IN ('staff', 'integrator', 'customer', 'job')", name=op.f("ck_consent_recorder_kind")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_consent_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        op.f("ix_consent_customer_id_channel_given_at_id"), "consent", ["customer_id", "channel", "given_at", "id"]
    )


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("sent_at", AT),
        sa.Column("released_at", AT),
        sa.CheckConstraint("channel IN ('wecom', 'wechat', 'sms', 'call', 'email')", name=op.f("ck_contact_channel")),
        sa.CheckConstraint(
            "sent_at IS NULL OR released_at IS NULL OR released_at >= sent_at", name=op.f("ck_contact_steps")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_customer_id")),
        sa.ForeignKeyConstraint(["guide_id"], ["staff.id"], name=op.f("fk_contact_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_customer_id_reserved_at"), "contact", ["customer_id", "reserved_at"])
    op.create_index(op.f("ix_contact_reference_id"), "contact", ["reference_id"])


def _customer_identity() -> None:
    op.create_table(
        "customer_identity",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "kind IN ('phone', 'wecom', 'wechat_union', 'mall', 'email')", name=op.f("ck_customer_identity_kind")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_identity_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_identity")),
    )
    op.create_index(op.f("ix_customer_identity_customer_id"), "customer_identity", ["customer_id"])
    op.create_index(
        "ix_customer_identity_phone",
        "customer_identity",
        ["blind_index", "customer_id"],
        postgresql_where="kind = 'phone'",
    )
    op.create_index(
        "uq_customer_identity_one",
        "customer_identity",
        ["kind", "blind_index"],
        unique=True,
        postgresql_where="kind <> 'phone'",
    )


def _customer_merge() -> None:
    op.create_table(
        "customer_merge",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        sa.Column("merged_by", sa.Uuid()),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("moved", JSONB(), nullable=False),
        sa.Column("merged_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["loser_id"], ["customer.id"], name=op.f("fk_customer_merge_loser_id")),
        sa.ForeignKeyConstraint(["merged_by"], ["staff.id"], name=op.f("fk_customer_merge_merged_by")),
        sa.ForeignKeyConstraint(["survivor_id"], ["customer.id"], name=op.f("fk_customer_merge_survivor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merge")),
        sa.UniqueConstraint("loser_id", name=op.f("uq_customer_merge_loser_id")),
    )
    op.create_index(op.f("ix_customer_merge_survivor_id"), "customer_merge", ["survivor_id"])


def _customer_reveal() -> None:
    op.create_table(
        "customer_reveal",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("reference_id", sa.Uuid()),
        sa.Column("revealed_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_reveal_customer_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_customer_reveal_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_reveal")),
        sa.UniqueConstraint("reference_id", name=op.f("uq_customer_reveal_reference_id")),
    )
    op.create_index(op.f("ix_customer_reveal_customer_id"), "customer_reveal", ["customer_id"])
    op.create_index(op.f("ix_customer_reveal_staff_id_revealed_at"), "customer_reveal", ["staff_id", "revealed_at"])


def _customer_tag() -> None:
    op.create_table(
        "customer_tag",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("set_by", sa.Uuid()),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("removed_by", sa.Uuid()),
        sa.Column("removed_at", AT),
        sa.CheckConstraint("origin IN ('person', 'rule', 'purchase', 'import')", name=op.f("ck_customer_tag_origin")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_tag_customer_id")),
        sa.ForeignKeyConstraint(["removed_by"], ["staff.id"], name=op.f("fk_customer_tag_removed_by")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_customer_tag_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_tag")),
    )
    op.create_index(op.f("ix_customer_tag_customer_id"), "customer_tag", ["customer_id"])
    op.create_index(
        "ix_customer_tag_live_by_tag",
        "customer_tag",
        ["tag", "customer_id"],
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(
        "uq_customer_tag_live",
        "customer_tag",
        ["customer_id", "tag"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def _quiet_hours() -> None:
    op.create_table(
        "quiet_hours",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("store_id", sa.Uuid()),
        sa.Column("customer_id", sa.Uuid()),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.Column("updated_at", AT, server_default=NOW, nullable=False),
        sa.CheckConstraint("(store_id IS NULL) <> (customer_id IS NULL)", name=op.f("ck_quiet_hours_of_one")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_quiet_hours_customer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_quiet_hours_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiet_hours")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_quiet_hours_customer_id")),
        sa.UniqueConstraint("store_id", name=op.f("uq_quiet_hours_store_id")),
    )
