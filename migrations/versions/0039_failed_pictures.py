"""Pictures that cannot be had are listed for who can mend it."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_image_link_failed",
        "image_link",
        ["product_id", "position"],
        postgresql_where=sa.text("problem IS NOT NULL"),
    )
