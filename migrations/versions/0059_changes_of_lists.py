"""What changed in the lists that phones ask for again and again, told by triggers (docs/adr/0014)."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0055"
branch_labels = None
depends_on = None

NOTE = """
CREATE FUNCTION note_list_change(_topic text, _buckets smallint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO list_change (topic, bucket, transaction_id)
  SELECT _topic, b.bucket, pg_current_xact_id()::text::bigint FROM unnest(_buckets) AS b (bucket)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    -- What others wrote before is of no use any more. Those of them that somebody else clears away are left to them.
    DELETE FROM list_change AS held USING (
      SELECT topic, bucket, transaction_id FROM list_change
      WHERE topic = _topic AND bucket = ANY(_buckets) AND transaction_id <> pg_current_xact_id()::text::bigint
      FOR UPDATE SKIP LOCKED
    ) AS old
    WHERE (held.topic, held.bucket, held.transaction_id) = (old.topic, old.bucket, old.transaction_id);
  END IF;
END $$;

CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM touched) THEN
    PERFORM note_list_change(TG_ARGV[0], ARRAY[-1]::smallint[]);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION note_change_of_guide() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_list_change(TG_ARGV[0], ARRAY(
    SELECT DISTINCT get_byte(uuid_send(guide_id), 15)::smallint FROM touched ORDER BY 1));
  RETURN NULL;
END $$;

CREATE FUNCTION note_change_of_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_list_change(TG_ARGV[0], ARRAY(
    SELECT DISTINCT get_byte(uuid_send(store_id), 15)::smallint FROM touched ORDER BY 1));
  RETURN NULL;
END $$
"""
# Table -> its topic, and whose lists a row of it stands in (None: anybody's).
TABLES = {
    "brand": ("catalog", None),
    "category": ("catalog", None),
    "product": ("catalog", None),
    "sku": ("catalog", None),
    "product_image": ("catalog", None),
    "store_availability": ("availability", "store"),
    "content": ("content", None),
    "content_version": ("content", None),
    "content_product": ("content", None),
    "asset": ("content", None),
    "region": ("people", None),
    "store": ("people", None),
    "staff": ("people", None),
    "store_cover": ("people", None),
    "task_plan": ("tasks", "store"),
    "assignment": ("tasks", "guide"),
    "submission": ("tasks", "guide"),
    "forward": ("tasks", "guide"),
    "forward_confirmation": ("tasks", None),
    # Of customers, a task's progress asks who became whom.
    "customer_merge": ("tasks", None),
    "customer": ("customers", None),
    "customer_identity": ("customers", None),
    "customer_tag": ("customers", None),
    "binding": ("customers", None),
    "follow_up": ("follow_ups", None),
    "sales_order": ("orders", None),
    "order_line": ("orders", None),
    "attribution": ("orders", None),
    "touch": ("openings", None),
    "ledger_entry": ("ledger", "guide"),
    "plan_version": ("ledger", None),
    "commission_plan": ("ledger", None),
    "guide_day": ("figures", None),
    "closed_day": ("figures", None),
}


def upgrade() -> None:
    op.create_table(
        "list_change",
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("bucket BETWEEN -1 AND 255", name=op.f("ck_list_change_bucket")),
        sa.PrimaryKeyConstraint("topic", "bucket", "transaction_id", name=op.f("pk_list_change")),
    )
    op.execute(NOTE)
    for table, (topic, owner) in TABLES.items():
        function = f"note_change_of_{owner}" if owner else "note_change"
        for event, image in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            _watch(table, event, image, f"{function}('{topic}')")
        if owner:
            _watch(table, "UPDATE", "OLD", f"{function}('{topic}')")
    for column in ("valid_from", "valid_until", "next_at"):
        where = None if column == "valid_from" else sa.text(f"{column} IS NOT NULL")
        op.create_index(op.f(f"ix_content_{column}"), "content", [column], postgresql_where=where)


def _watch(table: str, event: str, image: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER list_change_{event.lower()}_{image.lower()} AFTER {event} ON {table} "
        f"REFERENCING {image} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION {function}"
    )
