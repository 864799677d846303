"""Content that was taken down, files that were taken out of everything; what was returned is submitted again."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

HIDDEN = "(hidden_at IS NULL) = (hidden_reason IS NULL) AND (hidden_at IS NULL OR state = 'withdrawn')"
RESUBMITTED = "published_at IS NULL OR review_comment IS NULL OR submitted_at IS NOT NULL"
# Until now one could publish at once what had been returned; published versions are changed this once.
SUBMITTED = """
ALTER TABLE content_version DISABLE TRIGGER frozen;
UPDATE content_version SET submitted_at = published_at
WHERE published_at IS NOT NULL AND review_comment IS NOT NULL AND submitted_at IS NULL;
ALTER TABLE content_version ENABLE TRIGGER frozen
"""


def upgrade() -> None:
    op.add_column("content", sa.Column("hidden_at", sa.DateTime(timezone=True)))
    op.add_column("content", sa.Column("hidden_reason", sa.String(length=64)))
    reasons = "hidden_reason IN ('recall', 'unlawful', 'infringing')"
    op.create_check_constraint(op.f("ck_content_hidden_reason"), "content", reasons)
    op.create_check_constraint(op.f("ck_content_hidden"), "content", HIDDEN)
    op.add_column("asset", sa.Column("hidden_at", sa.DateTime(timezone=True)))
    op.execute(SUBMITTED)
    op.create_check_constraint(op.f("ck_content_version_resubmitted"), "content_version", RESUBMITTED)
