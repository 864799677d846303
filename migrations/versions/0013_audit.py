"""Who did what to what: a log by month that triggers write, and the tables that have them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Names keep their first character, secrets nothing.
MASK = """
CREATE FUNCTION audit_masked(shown jsonb, personal text[], secret text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(key, CASE
    WHEN value = 'null' THEN value
    WHEN key = ANY (secret) THEN to_jsonb('•••'::text)
    WHEN key = ANY (personal) THEN to_jsonb(left(value #>> '{}', 1) || '•••')
    ELSE value END)
  FROM jsonb_each(shown)
$$
"""

NOTE = """
CREATE FUNCTION audit_note(table_name text, row_id text, action text, after jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE actor jsonb := coalesce(nullif(current_setting('guideapi.actor', true), ''), '{}')::jsonb;
BEGIN
  INSERT INTO audit_entry (created_at, principal_id, actor_kind, address, request_id, table_name, row_id, action,
                           before, after)
  VALUES (now(), (actor->>'id')::uuid, coalesce(actor->>'kind', 'system'), actor->>'address', actor->>'request_id',
          table_name, row_id, action, NULL, after);
END $$
"""

# Set-wise: one statement of ours for one of theirs, whatever the number of rows.
# Arguments of each trigger: personal columns, secret columns, columns that do not matter.
LOG = """
CREATE FUNCTION audit_rows(op text, name text, args text[], olds jsonb[], news jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  actor jsonb := coalesce(nullif(current_setting('guideapi.actor', true), ''), '{}')::jsonb;
  personal text[] := string_to_array(args[1], ',');
  secret text[] := string_to_array(args[2], ',');
  ignored text[] := string_to_array(args[3], ',');
BEGIN
  INSERT INTO audit_entry (created_at, principal_id, actor_kind, address, request_id, table_name, row_id, action,
                           before, after)
  SELECT now(), (actor->>'id')::uuid, coalesce(actor->>'kind', 'system'), actor->>'address', actor->>'request_id',
         name, coalesce(n, o)->>'id', op, audit_masked(b, personal, secret), audit_masked(a, personal, secret)
  FROM unnest(olds, news) AS pair (o, n),
  LATERAL (
    SELECT jsonb_object_agg(key, o->key) FILTER (WHERE o ? key), jsonb_object_agg(key, n->key) FILTER (WHERE n ? key)
    FROM jsonb_object_keys(coalesce(n, o)) AS key
    WHERE key <> ALL (ignored) AND (o IS NULL OR n IS NULL OR o->key IS DISTINCT FROM n->key)
  ) AS shown (b, a)
  WHERE b IS NOT NULL OR a IS NOT NULL;
END $$;
CREATE FUNCTION audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_rows('created', TG_TABLE_NAME, TG_ARGV[0:2], array_agg(NULL::jsonb), array_agg(to_jsonb(n)))
  FROM added n HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_rows('changed', TG_TABLE_NAME, TG_ARGV[0:2], array_agg(to_jsonb(o)), array_agg(to_jsonb(n)))
  FROM before_rows o JOIN after_rows n USING (id) HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_rows('deleted', TG_TABLE_NAME, TG_ARGV[0:2], array_agg(to_jsonb(o)), array_agg(NULL::jsonb))
  FROM before_rows o HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE FUNCTION audit_table(name text, personal text DEFAULT '', secret text DEFAULT '', ignored text DEFAULT 'version')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE args text := format('%L, %L, %L', personal, secret, ignored);
BEGIN
  EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS added
                  FOR EACH STATEMENT EXECUTE FUNCTION audit_insert(%s)', name, args);
  EXECUTE format('CREATE TRIGGER audit_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS before_rows
                  NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_update(%s)', name, args);
  EXECUTE format('CREATE TRIGGER audit_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS before_rows
                  FOR EACH STATEMENT EXECUTE FUNCTION audit_delete(%s)', name, args);
END $$
"""

# Row triggers of the whole are those of its partitions; TRUNCATE's are not, so that each gets its own.
MONTHS = """
CREATE FUNCTION make_audit_months(ahead int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  month timestamptz;
  part text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('make_audit_months'));
  FOR i IN 0..ahead LOOP
    month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i)) AT TIME ZONE 'UTC';
    part := 'audit_entry_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
    IF to_regclass(part) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF audit_entry FOR VALUES FROM (%L) TO (%L)', part, month,
                     (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
      EXECUTE format('CREATE TRIGGER not_emptied BEFORE TRUNCATE ON %I FOR EACH STATEMENT
                      EXECUTE FUNCTION refuse_change()', part);
    END IF;
  END LOOP;
END $$
"""

APPEND_ONLY = """
CREATE FUNCTION refuse_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_row_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Where entries go if nobody made their month: writing never fails for want of a partition.
CREATE TABLE audit_entry_rest PARTITION OF audit_entry DEFAULT;
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON audit_entry_rest FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
SELECT make_audit_months(3)
"""

AUDITED = {
    "region": "",
    "store": "",
    "staff": "personal => 'name', secret => 'password_hash'",
    "store_cover": "",
    "password_reset": "secret => 'code_hash'",
    "api_key": "secret => 'secret_hash'",
    "source": "secret => 'secrets', ignored => 'snapshot_version'",
    "commission_plan": "",
    "plan_version": "",
    "content": "",
    "content_version": "",
    "task_plan": "",
}


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("table_name", sa.String(length=64), nullable=False),
        sa.Column("row_id", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("created_at", "id", name=op.f("pk_audit_entry")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index(
        op.f("ix_audit_entry_table_name_row_id_created_at"), "audit_entry", ["table_name", "row_id", "created_at"]
    )
    op.create_index(op.f("ix_audit_entry_principal_id_created_at"), "audit_entry", ["principal_id", "created_at"])
    for statement in (MASK, NOTE, LOG, MONTHS, APPEND_ONLY):
        op.execute(statement)
    for table, columns in AUDITED.items():
        op.execute(f"SELECT audit_table('{table}'{', ' + columns if columns else ''})")
