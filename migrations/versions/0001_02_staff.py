"""Regions, stores, the people who work there, and how they and machines sign in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "staff"
down_revision = "ground"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
UUID7 = sa.text("uuid7()")
NOW = sa.text("now()")


def upgrade() -> None:
    _api_key()
    _region()
    _store()
    _staff()
    _device_session()
    _password_reset()
    _recovery_code()
    _sign_in_code()
    _store_cover()
    _totp()
    _totp_enrolment()
    _second_factor_grant()


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64)),
        sa.Column("previous_until", AT),
        sa.Column("scopes", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.Column("expires_at", AT),
        sa.Column("revoked_at", AT),
        sa.Column("last_used_on", sa.Date()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_api_key_previous_hash")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_key_secret_hash")),
    )


def _region() -> None:
    op.create_table(
        "region",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("code_key", sa.Text(), sa.Computed("fold_code(code)", persisted=True), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("ancestor_ids", ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("code_key <> ''", name=op.f("ck_region_code")),
        sa.ForeignKeyConstraint(["parent_id"], ["region.id"], name=op.f("fk_region_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", name=op.f("uq_region_code")),
        sa.UniqueConstraint("code_key", name=op.f("uq_region_code_key")),
    )
    op.create_index(op.f("ix_region_ancestor_ids"), "region", ["ancestor_ids"], postgresql_using="gin")


def _store() -> None:
    op.create_table(
        "store",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("code_key", sa.Text(), sa.Computed("fold_code(code)", persisted=True), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.String(64), server_default="Asia/Shanghai", nullable=False),
        sa.Column("currency", sa.String(3), server_default="CNY", nullable=False),
        sa.Column("tags", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint("code_key <> ''", name=op.f("ck_store_code")),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_store_dates")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_store_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store")),
        sa.UniqueConstraint("code", name=op.f("uq_store_code")),
        sa.UniqueConstraint("code_key", name=op.f("uq_store_code_key")),
    )
    op.create_index(op.f("ix_store_region_id"), "store", ["region_id"])


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("staff_no", sa.String(64), nullable=False),
        sa.Column("staff_no_key", sa.Text(), sa.Computed("fold_code(staff_no)", persisted=True), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("roles", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("store_id", sa.Uuid()),
        sa.Column("region_id", sa.Uuid()),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date()),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("portrait_key", sa.String(100)),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "NOT 'regional_manager' = ANY (roles) OR region_id IS NOT NULL", name=op.f("ck_staff_region")
        ),
        sa.CheckConstraint(
            "NOT roles && ARRAY['guide','store_manager'] OR store_id IS NOT NULL", name=op.f("ck_staff_store")
        ),
        sa.CheckConstraint(
            "roles <@ ARRAY['guide','store_manager','regional_manager','hq_content','hq_catalog','hq_commission','hq_finance','hq_admin','auditor']::text[] AND cardinality(roles) > 0",
            name=op.f("ck_staff_roles"),
        ),
        sa.CheckConstraint("staff_no_key <> ''", name=op.f("ck_staff_staff_no")),
        sa.CheckConstraint("left_on IS NULL OR left_on >= hired_on", name=op.f("ck_staff_dates")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_staff_region_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_staff_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("staff_no", name=op.f("uq_staff_staff_no")),
        sa.UniqueConstraint("staff_no_key", name=op.f("uq_staff_staff_no_key")),
    )
    op.create_index(op.f("ix_staff_store_id"), "staff", ["store_id"])


def _device_session() -> None:
    op.create_table(
        "device_session",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("device_name", sa.String(200), nullable=False),
        sa.Column("client_address", sa.String(64), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("refreshed_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("refresh_hash", sa.String(64), nullable=False),
        sa.Column("refresh_generation", sa.Integer(), nullable=False),
        sa.Column("second_factor_at", AT),
        sa.Column("revoked_at", AT),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_device_session_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_session")),
    )
    op.create_index(op.f("ix_device_session_staff_id"), "device_session", ["staff_id"])


def _password_reset() -> None:
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_password_reset_created_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_password_reset_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_password_reset_code_hash")),
    )
    op.create_index(op.f("ix_password_reset_staff_id"), "password_reset", ["staff_id"])


def _recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", AT),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_recovery_code")),
    )


def _sign_in_code() -> None:
    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("staff_no", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.Uuid()),
        sa.Column("code_hash", sa.String(64)),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("settled_at", AT),
        sa.Column("attempts_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("(staff_id IS NULL) = (code_hash IS NULL)", name=op.f("ck_sign_in_code_whose")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sign_in_code_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
    )
    op.create_index(
        op.f("ix_sign_in_code_created_at"), "sign_in_code", ["created_at"], postgresql_where="settled_at IS NULL"
    )


def _store_cover() -> None:
    op.create_table(
        "store_cover",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_store_cover_created_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_store_cover_staff_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_store_cover_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_cover")),
        sa.UniqueConstraint("staff_id", "day", "store_id", name=op.f("uq_store_cover_staff_id_day_store_id")),
    )
    op.create_index(op.f("ix_store_cover_store_id_day"), "store_cover", ["store_id", "day"])


def _totp() -> None:
    op.create_table(
        "totp",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", AT, nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_totp_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_totp")),
    )


def _totp_enrolment() -> None:
    op.create_table(
        "totp_enrolment",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_totp_enrolment_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_totp_enrolment")),
    )


def _second_factor_grant() -> None:
    op.create_table(
        "second_factor_grant",
        sa.Column("id", sa.Uuid(), server_default=UUID7, nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT),
        sa.CheckConstraint(
            "expires_at <= created_at + interval '5 minutes'", name=op.f("ck_second_factor_grant_short")
        ),
        sa.CheckConstraint("used_at <= expires_at", name=op.f("ck_second_factor_grant_in_time")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["device_session.id"], name=op.f("fk_second_factor_grant_session_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_second_factor_grant_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor_grant")),
    )
    op.create_index(op.f("ix_second_factor_grant_session_id"), "second_factor_grant", ["session_id"])
