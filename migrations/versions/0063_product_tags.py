"""Products by what their sources tag them with."""

import sqlalchemy as sa
from alembic import op

from migrations.guards import load_guards

revision = "0063"
down_revision = "0066"
branch_labels = None
depends_on = None

FILL = """
INSERT INTO product_tag (name) SELECT DISTINCT unnest(tags) FROM product WHERE tags <> '{}';
INSERT INTO tagged_product (tag_id, title, product_id)
SELECT g.id, p.title, p.id FROM product p JOIN product_tag g ON g.name = ANY (p.tags) WHERE NOT p.shadowed
"""


def upgrade() -> None:
    op.create_table(
        "product_tag",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuid7()"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_tag")),
        sa.UniqueConstraint("name", name=op.f("uq_product_tag_name")),
    )
    op.create_table(
        "tagged_product",
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_tagged_product_product_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["product_tag.id"], name=op.f("fk_tagged_product_tag_id")),
        sa.PrimaryKeyConstraint("tag_id", "title", "product_id", name=op.f("pk_tagged_product")),
    )
    load_guards("tagged_product")
    op.execute(FILL)
