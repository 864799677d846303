"""What the database itself refuses, and what it writes by itself."""

from alembic import op

from migrations.guards import load_guards

revision = "guards"
down_revision = "audit"
branch_labels = None
depends_on = None

PARTITIONS = """
CREATE TABLE audit_entry_rest PARTITION OF audit_entry DEFAULT;
CREATE TABLE touch_default PARTITION OF touch DEFAULT
"""
# The rest is made month by month, by jobs.
MONTHS = """
SELECT make_audit_months(3);
SELECT add_month('touch', (date_trunc('month', now()) + make_interval(months => step))::date)
FROM generate_series(-3, 3) step
"""


def upgrade() -> None:
    # Rows find a place also where nobody made their month: writing never fails for want of a partition.
    op.execute(PARTITIONS)
    load_guards("shared")
    load_guards("region", "store", "staff")
    load_guards("category", "shelf_event", "product_price")
    load_guards("customer", "customer_policy", "consent", "contact")
    load_guards("content", "content_version", "content_product", "touch")
    load_guards("order_move", "follow_up", "figures_debt", "segment")
    load_guards("plan_version", "ledger_transaction", "ledger_entry", "submission", "webhook_subscription")
    load_guards("sync_run", "webhook_delivery")
    load_guards("audit_entry", "list_change")
    op.execute(MONTHS)
