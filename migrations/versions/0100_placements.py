"""People have placements with dates; covers become some of them, and a person's store follows from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from migrations.guards import load_guards

revision = "0100"
down_revision = "0092"
branch_labels = None
depends_on = None

DAYS = sa.text("daterange(first_day, last_day, '[]')")
FILL_HOMES = """
INSERT INTO placement (staff_id, store_id, role, first_day, last_day, end_reason)
SELECT s.id, s.store_id, r.role, s.hired_on, s.left_on, CASE WHEN s.left_on IS NOT NULL THEN 'left' END
FROM staff s, LATERAL (
  SELECT role FROM unnest(ARRAY['guide', 'store_manager']) AS role WHERE role = ANY (s.roles)
  UNION ALL SELECT 'support' WHERE NOT s.roles && ARRAY['guide', 'store_manager']
) r
WHERE s.store_id IS NOT NULL
"""
# Whoever covered in the store that has become their own since is at home there.
FILL_COVERS = """
INSERT INTO placement (id, staff_id, store_id, kind, role, first_day, last_day)
SELECT c.id, c.staff_id, c.store_id, 'cover',
       CASE WHEN 'store_manager' = ANY (s.roles) THEN 'store_manager' WHEN 'guide' = ANY (s.roles) THEN 'guide'
            ELSE 'support' END, c.day, c.day
FROM store_cover c JOIN staff s ON s.id = c.staff_id
WHERE c.store_id IS DISTINCT FROM s.store_id
"""


def upgrade() -> None:
    op.drop_constraint("ck_staff_roles", "staff")
    op.create_check_constraint(
        op.f("ck_staff_roles"),
        "staff",
        "roles <@ ARRAY['guide','store_manager','regional_manager','hq_content','hq_catalog','hq_commission',"
        "'hq_finance','hq_admin','auditor']::text[]",
    )
    _placement()
    op.execute(FILL_HOMES)
    op.execute(FILL_COVERS)
    op.drop_table("store_cover")
    load_guards("placement", "audit_entry", "list_change")


def _placement() -> None:
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(16), server_default="home", nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("grade", sa.String(64)),
        sa.Column("employment", sa.String(16), server_default="full_time", nullable=False),
        sa.Column("fte_bp", sa.Integer(), server_default="10000", nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date()),
        sa.Column("end_reason", sa.String(16)),
        sa.Column("reason", sa.String(500)),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        *_checks(),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_placement_staff_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_placement_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
    )
    op.create_index(op.f("ix_placement_staff_id_first_day"), "placement", ["staff_id", "first_day"])
    op.create_index(op.f("ix_placement_store_id_first_day"), "placement", ["store_id", "first_day"])
    op.create_index(op.f("ix_placement_first_day"), "placement", ["first_day"])
    ended = sa.text("last_day IS NOT NULL")
    op.create_index(op.f("ix_placement_last_day"), "placement", ["last_day"], postgresql_where=ended)


def _checks() -> list[sa.Constraint]:
    checks = {
        "kind": "kind IN ('home', 'cover')",
        "role": "role IN ('guide', 'store_manager', 'support')",
        "employment": "employment IN ('full_time', 'part_time', 'temporary', 'intern', 'agency')",
        "fte_bp": "fte_bp BETWEEN 1 AND 10000",
        "days": "first_day <= last_day",
        "end_reason": "end_reason IS NULL OR (end_reason IN ('left', 'moved', 'ended') AND last_day IS NOT NULL)",
    }
    one, once = "ex_placement_one_home", "ex_placement_once"
    same = (sa.column("staff_id"), "=")
    at_home = sa.text("kind = 'home'")
    return [
        *(sa.CheckConstraint(check, name=op.f(f"ck_placement_{name}")) for name, check in checks.items()),
        ExcludeConstraint(same, (sa.column("store_id"), "<>"), (DAYS, "&&"), name=one, using="gist", where=at_home),
        ExcludeConstraint(
            same, (sa.column("store_id"), "="), (sa.column("role"), "="), (DAYS, "&&"), name=once, using="gist"
        ),
    ]
