"""What is told of rows, runs, pictures and deliveries is kept as a word with facts, and told in the reader's language.

What was told before was told in English; of it only the code is left.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0066"
down_revision = "guards"
branch_labels = None
depends_on = None

PROBLEMS = (("sync_run", "problem"), ("image_link", "problem"), ("webhook_delivery", "last_problem"))


def upgrade() -> None:
    op.drop_column("sync_reject", "detail")
    op.add_column("sync_reject", sa.Column("said", JSONB(), server_default='{"word": "told_before"}', nullable=False))
    op.alter_column("sync_reject", "said", server_default=None)
    op.drop_index("ix_image_link_failed", "image_link")
    for table, column in PROBLEMS:
        kept = f'CASE WHEN {column} IS NOT NULL THEN \'{{"word": "told_before"}}\'::jsonb END'
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE jsonb USING {kept}")
    op.create_index(
        "ix_image_link_failed",
        "image_link",
        ["product_id", "position"],
        postgresql_where=sa.text("problem IS NOT NULL"),
    )
