-- Who did what to what: triggers write it, and it stays.

-- Names keep their first character, secrets nothing.
CREATE OR REPLACE FUNCTION audit_masked(shown jsonb, personal text[], secret text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(key, CASE
    WHEN value = 'null' THEN value
    WHEN key = ANY (secret) THEN to_jsonb('•••'::text)
    WHEN key = ANY (personal) THEN to_jsonb(left(value #>> '{}', 1) || '•••')
    ELSE value END)
  FROM jsonb_each(shown)
$$;

CREATE OR REPLACE FUNCTION audit_note(table_name text, row_id text, action text, after jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE actor jsonb := coalesce(nullif(current_setting('guideapi.actor', true), ''), '{}')::jsonb;
BEGIN
  INSERT INTO audit_entry (created_at, principal_id, actor_kind, address, request_id, table_name, row_id, action,
                           before, after)
  VALUES (now(), (actor->>'id')::uuid, coalesce(actor->>'kind', 'system'), actor->>'address', actor->>'request_id',
          table_name, row_id, action, NULL, after);
END $$;

-- Set-wise: one statement of ours for one of theirs, whatever the number of rows.
-- Arguments of each trigger: personal columns, secret columns, columns that do not matter.
CREATE OR REPLACE FUNCTION audit_rows(op text, name text, args text[], olds jsonb[], news jsonb[])
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
CREATE OR REPLACE FUNCTION audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_rows('created', TG_TABLE_NAME, TG_ARGV[0:2], array_agg(NULL::jsonb), array_agg(to_jsonb(n)))
  FROM added n HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  PERFORM audit_rows('changed', TG_TABLE_NAME, TG_ARGV[0:2], array_agg(to_jsonb(o)), array_agg(to_jsonb(n)))
  FROM before_rows o JOIN after_rows n USING (id) HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_rows('deleted', TG_TABLE_NAME, TG_ARGV[0:2], array_agg(to_jsonb(o)), array_agg(NULL::jsonb))
  FROM before_rows o HAVING count(*) > 0;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION audit_table(name text, personal text DEFAULT '', secret text DEFAULT '', ignored text DEFAULT 'version')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE args text := format('%L, %L, %L', personal, secret, ignored);
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER audit_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS added
                  FOR EACH STATEMENT EXECUTE FUNCTION audit_insert(%s)', name, args);
  EXECUTE format('CREATE OR REPLACE TRIGGER audit_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS before_rows
                  NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_update(%s)', name, args);
  EXECUTE format('CREATE OR REPLACE TRIGGER audit_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS before_rows
                  FOR EACH STATEMENT EXECUTE FUNCTION audit_delete(%s)', name, args);
END $$;

-- Row triggers of the whole are those of its partitions; TRUNCATE's are not, so that each gets its own.
CREATE OR REPLACE FUNCTION make_audit_months(ahead int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  month timestamptz;
  part text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('audit months', 0));
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
END $$;

-- Whole months go, and none of the last year.
CREATE OR REPLACE FUNCTION forget_audit_months(kept int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  part regclass;
  forgotten int := 0;
  first text := 'audit_entry_' || to_char(now() AT TIME ZONE 'UTC' - make_interval(months => greatest(kept, 12)), 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('audit months', 0));
  FOR part IN
    SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'audit_entry'::regclass AND relname ~ '^audit_entry_\d{4}_\d\d$' AND relname < first
  LOOP
    EXECUTE format('ALTER TABLE audit_entry DETACH PARTITION %s', part);
    EXECUTE format('DROP TABLE %s', part);
    forgotten := forgotten + 1;
  END LOOP;
  RETURN forgotten;
END $$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_row_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON audit_entry_rest FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Every table whose changes are logged; one that a later migration makes is skipped until that loads this file again.
-- What guides write may name customers: it stays where it was handed in. Stock changes all day, and is nobody's decision.
SELECT audit_table(name, personal, secret, ignored) FROM (VALUES
  ('region', '', '', 'version'),
  ('store', '', '', 'version'),
  ('staff', 'name,phone', 'password_hash', 'version'),
  ('placement', '', '', 'version'),
  ('store_area', '', '', ''),
  ('target', '', '', 'version'),
  ('target_division', '', '', 'version,changed_at'),
  ('target_share', '', '', ''),
  ('day_weights', '', '', 'version'),
  ('calendar_year', '', '', 'version,changed_at'),
  ('calendar_day', '', '', 'version'),
  ('password_reset', '', 'code_hash', 'version'),
  ('api_key', '', 'secret_hash,previous_hash', 'last_used_on'),
  ('source', '', 'secrets', 'snapshot_version'),
  ('attribution_policy', '', '', ''),
  ('order_settings', '', '', 'version'),
  ('commission_plan', '', '', 'version'),
  ('plan_version', '', '', 'version'),
  ('pay_group_store', '', '', ''),
  ('pay_period', '', '', ''),
  ('settlement', '', '', 'version'),
  ('statement', '', '', 'version'),
  ('content', '', '', 'version'),
  ('content_version', '', '', 'version'),
  ('task_plan', '', '', 'version'),
  ('webhook_subscription', '', 'secrets', 'version'),
  ('customer_policy', '', '', 'version'),
  ('quiet_hours', '', '', 'version'),
  ('segment', '', '', 'version'),
  ('life_cycle', '', '', 'version'),
  ('task_plan_version', '', '', ''),
  ('assignment', '', 'reason', 'changed_at,lease_until,started_at,opens_at,due_at'),
  ('submission', '', 'note', 'version'),
  ('asset', '', '', 'version'),
  ('store_availability', '', '', 'stock,updated_at')
) AS audited (name, personal, secret, ignored) WHERE to_regclass(name) IS NOT NULL;

-- Whose word on a product counts is decided by people; what feeds change is not in the log.
CREATE OR REPLACE FUNCTION log_unlinking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_rows('changed', 'product', ARRAY['', '', ''],
    ARRAY[jsonb_build_object('id', OLD.id, 'unlinked_at', OLD.unlinked_at)],
    ARRAY[jsonb_build_object('id', NEW.id, 'unlinked_at', NEW.unlinked_at)]);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER unlinking_logged AFTER UPDATE ON product FOR EACH ROW
  WHEN (OLD.unlinked_at IS DISTINCT FROM NEW.unlinked_at) EXECUTE FUNCTION log_unlinking();
