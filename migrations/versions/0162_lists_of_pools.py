"""Entries of pools are of no guide: lists that show them change for anybody."""

from migrations.guards import load_guards

revision = "0162"
down_revision = "0161"
branch_labels = None
depends_on = None


def upgrade() -> None:
    load_guards("list_change")
