"""An authenticator app holds until the next is confirmed, and acts on money ask for a code of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _apps()
    _grants()


def _apps() -> None:
    op.create_table(
        "totp_enrolment",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_totp_enrolment_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_totp_enrolment")),
    )
    # What was begun and not confirmed is begun again.
    op.execute("DELETE FROM totp WHERE confirmed_at IS NULL")
    op.alter_column("totp", "confirmed_at", nullable=False)
    op.drop_column("totp", "created_at")


def _grants() -> None:
    op.create_table(
        "second_factor_grant",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "expires_at <= created_at + interval '5 minutes'", name=op.f("ck_second_factor_grant_short")
        ),
        sa.CheckConstraint("used_at <= expires_at", name=op.f("ck_second_factor_grant_in_time")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_second_factor_grant_staff_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["device_session.id"], name=op.f("fk_second_factor_grant_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor_grant")),
    )
    op.create_index(op.f("ix_second_factor_grant_session_id"), "second_factor_grant", ["session_id"])
