"""Lists of one brand or category come in the order of titles."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("brand_id", "category_id"):
        op.drop_index(f"ix_product_{column}", table_name="product")
        op.create_index(f"ix_product_{column}_title_id", "product", [column, "title", "id"])
