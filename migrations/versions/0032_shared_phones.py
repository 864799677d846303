"""Find those who share a telephone by the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_customer_identity_phone", "customer_identity")
    op.create_index(
        "ix_customer_identity_phone",
        "customer_identity",
        ["blind_index", "customer_id"],
        postgresql_where=sa.text("kind = 'phone'"),
    )
