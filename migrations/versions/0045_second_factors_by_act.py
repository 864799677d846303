"""An app holds until the next is confirmed, acts on money ask for a code of their own, an administrator stays."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0038"
branch_labels = None
depends_on = None


KEEP_AN_ADMIN = """
CREATE FUNCTION keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM before_rows b LEFT JOIN staff s ON s.id = b.id AND 'hq_admin' = ANY (s.roles) AND s.left_on IS NULL
    WHERE 'hq_admin' = ANY (b.roles) AND b.left_on IS NULL AND s.id IS NULL
  ) THEN
    -- Two who let each other go at once: the second looks after the first has committed.
    PERFORM pg_advisory_xact_lock(hashtext('hq_admin'));
    IF NOT EXISTS (SELECT FROM staff WHERE 'hq_admin' = ANY (roles) AND left_on IS NULL) THEN
      RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_an_admin_changed AFTER UPDATE ON staff REFERENCING OLD TABLE AS before_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_an_admin();
CREATE TRIGGER keep_an_admin_deleted AFTER DELETE ON staff REFERENCING OLD TABLE AS before_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_an_admin()
"""


def upgrade() -> None:
    _apps()
    _grants()
    _codes()
    op.execute(KEEP_AN_ADMIN)


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


def _codes() -> None:
    # Good for ten minutes: whoever waits for one asks again.
    op.execute("DELETE FROM sign_in_code")
    op.drop_index("ix_sign_in_code_staff_id", "sign_in_code")
    op.add_column("sign_in_code", sa.Column("staff_no", sa.String(length=64), nullable=False))
    op.add_column("sign_in_code", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("sign_in_code", "staff_id", nullable=True)
    op.alter_column("sign_in_code", "code_hash", nullable=True)
    op.create_check_constraint(
        op.f("ck_sign_in_code_whose"), "sign_in_code", "(staff_id IS NULL) = (code_hash IS NULL)"
    )
    op.create_index(
        op.f("ix_sign_in_code_created_at"),
        "sign_in_code",
        ["created_at"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )


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
