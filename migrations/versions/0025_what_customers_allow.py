"""What customers allow, contacts and their budget, how bindings came about, and transfers that may be refused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
WAITING = "refused_at IS NULL AND done_at IS NULL AND lapsed_at IS NULL"

# Facts: what happened stays; of a consent its evidence may be taken away, of a contact two times are set, once.
GUARD = """
CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['sealed_evidence', 'evidence_index'];
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
    RAISE EXCEPTION 'a consent stays as it was given' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON consent FOR EACH ROW EXECUTE FUNCTION refuse_consent_change();
CREATE FUNCTION refuse_contact_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['sent_at', 'released_at'];
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free
     OR (OLD.sent_at IS NOT NULL AND NEW.sent_at IS DISTINCT FROM OLD.sent_at)
     OR (OLD.released_at IS NOT NULL AND NEW.released_at IS DISTINCT FROM OLD.released_at) THEN
    RAISE EXCEPTION 'a contact stays as it was' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE ON contact FOR EACH ROW EXECUTE FUNCTION refuse_contact_change()
"""


def upgrade() -> None:
    op.create_table(
        "customer_policy",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("id IN ('contact', 'binding')", name=op.f("ck_customer_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_policy")),
    )
    op.create_table(
        "binding_transfer",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("from_guide_id", sa.Uuid(), nullable=False),
        sa.Column("to_guide_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", AT, nullable=False),
        sa.Column("effective_at", AT, nullable=False),
        sa.Column("refused_at", AT, nullable=True),
        sa.Column("done_at", AT, nullable=True),
        sa.Column("lapsed_at", AT, nullable=True),
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
    op.create_index("ix_binding_transfer_due", "binding_transfer", ["effective_at"], postgresql_where=sa.text(WAITING))
    op.create_index(op.f("ix_binding_transfer_from_guide_id"), "binding_transfer", ["from_guide_id"])
    op.create_index(op.f("ix_binding_transfer_to_guide_id"), "binding_transfer", ["to_guide_id"])
    op.create_index(
        "uq_binding_transfer_waiting",
        "binding_transfer",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text(WAITING),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=True),
        sa.Column("sealed_evidence", sa.LargeBinary(), nullable=True),
        sa.Column("evidence_index", sa.LargeBinary(), nullable=True),
        sa.Column("recorder_kind", sa.String(length=64), nullable=False),
        sa.Column("recorder_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", AT, server_default=sa.text("now()"), nullable=False),
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
    op.create_table(
        "contact",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("guide_id", sa.Uuid(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("sent_at", AT, nullable=True),
        sa.Column("released_at", AT, nullable=True),
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
    op.create_table(
        "quiet_hours",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("updated_at", AT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(store_id IS NULL) <> (customer_id IS NULL)", name=op.f("ck_quiet_hours_of_one")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_quiet_hours_customer_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_quiet_hours_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiet_hours")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_quiet_hours_customer_id")),
        sa.UniqueConstraint("store_id", name=op.f("uq_quiet_hours_store_id")),
    )
    op.add_column("binding", sa.Column("reference_id", sa.Uuid(), nullable=True))
    op.add_column("binding", sa.Column("bound_by", sa.Uuid(), nullable=True))
    op.add_column("binding", sa.Column("protected_until", AT, nullable=True))
    op.add_column("binding", sa.Column("ended_reason", sa.String(length=64), nullable=True))
    op.create_check_constraint(op.f("ck_binding_dates"), "binding", "ended_at >= bound_at")
    op.execute(GUARD)
    op.execute("CREATE TRIGGER bump BEFORE UPDATE ON customer_policy FOR EACH ROW EXECUTE FUNCTION bump_version()")
    op.execute("SELECT audit_table('customer_policy'), audit_table('quiet_hours')")
