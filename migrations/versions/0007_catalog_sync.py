"""What syncing needs: digests, SKUs that were dropped, stock at the source, search, and a safe order of events."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Each Chinese character becomes a word of its own, whose trigrams pg_trgm can index; the rest is lower case.
SEARCH_TEXT = r"""
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE FUNCTION search_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT regexp_replace(lower(given), '([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])', ' \1 ', 'g')
$$
"""


def upgrade() -> None:
    op.execute(SEARCH_TEXT)
    op.add_column("product", sa.Column("content_digest", sa.BigInteger(), nullable=True))
    op.add_column("sku", sa.Column("in_stock", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("sku", sa.Column("listed", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column(
        "shelf_event",
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
    )
    op.create_index(op.f("ix_shelf_event_transaction_id_id"), "shelf_event", ["transaction_id", "id"])
    op.execute("CREATE INDEX ix_product_search ON product USING gin (search_text(title) gin_trgm_ops)")
