"""Assets may be films: the picture is then what is shown before they play."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("asset", sa.Column("video_key", sa.String(100)))
    op.add_column("asset", sa.Column("video_bytes", sa.BigInteger()))
    op.add_column("asset", sa.Column("duration_ms", sa.Integer()))
    op.create_index(op.f("ix_asset_video_key"), "asset", ["video_key"])
    op.create_check_constraint(
        op.f("ck_asset_video"),
        "asset",
        "(video_key IS NULL) = (video_bytes IS NULL) AND (video_key IS NULL) = (duration_ms IS NULL)",
    )
