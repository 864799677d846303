"""Codes are told apart by their key: without blanks, in half width, in one case (kit/codes.py).

Codes that fall together under this rule stop the migration with a list, and nothing is changed: which of two people a
number belongs to, only people can say. Numbers of customers who were merged into one person already are that person's:
the person's own one stays.
"""

import sqlalchemy as sa
from alembic import op

from kit.codes import SQL_FUNCTION, CodesFallTogether

revision = "0041"
down_revision = "0039"
branch_labels = None
depends_on = None

CODES = (("region", "code"), ("store", "code"), ("staff", "staff_no"), ("customer", "member_no"))
LISTED = 200

# The person's own number goes before one that was merged into them, and the earlier before the later.
ONE_PERSONS_NUMBERS = """
UPDATE customer SET member_no = NULL WHERE id IN (
  SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY coalesce(merged_into_id, id), fold_code(member_no)
                                  ORDER BY merged_into_id IS NOT NULL, id) AS place
    FROM customer WHERE member_no IS NOT NULL) numbered
  WHERE place > 1)
"""


def upgrade() -> None:
    op.execute(SQL_FUNCTION)
    op.execute(ONE_PERSONS_NUMBERS)
    _refuse_what_falls_together()
    for table, column in CODES:
        key = sa.Column(f"{column}_key", sa.Text(), sa.Computed(f"fold_code({column})", persisted=True))
        op.add_column(table, key)
        if table != "customer":
            op.alter_column(table, key.name, nullable=False)
        op.create_unique_constraint(f"uq_{table}_{key.name}", table, [key.name])
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{key.name} <> ''")
    op.drop_constraint("uq_customer_member_no", "customer")


def _refuse_what_falls_together() -> None:
    found = [f"{table}: {codes}" for table, column in CODES for codes in _falling_together(table, column)]
    if found:
        more = f"; and {len(found) - LISTED} more" if len(found) > LISTED else ""
        raise CodesFallTogether(
            "these codes differ in blanks, width or case only, or are nothing but blanks; change all but one of each, "
            f"then migrate again (docs/operations.md): {'; '.join(found[:LISTED])}{more}"
        )


def _falling_together(table: str, column: str) -> list[str]:
    groups = f"""
        SELECT string_agg(quote_literal({column}), ' = ' ORDER BY {column}) FROM {table} WHERE {column} IS NOT NULL
        GROUP BY fold_code({column}) HAVING count(*) > 1 OR fold_code({column}) = '' ORDER BY min({column})"""  # noqa: S608 - built from constants
    return list(op.get_bind().scalars(sa.text(groups)))
