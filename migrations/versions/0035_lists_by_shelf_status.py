"""Lists of one shelf status, alone or with a category, come in the order of titles."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_product_shelf_status_title_id", "product", ["shelf_status", "title", "id"])
    op.create_index(
        "ix_product_category_id_shelf_status_title_id", "product", ["category_id", "shelf_status", "title", "id"]
    )
