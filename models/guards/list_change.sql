-- What changed in the lists that phones ask for again and again (docs/adr/0014).

CREATE OR REPLACE FUNCTION note_list_change(_topic text, _buckets smallint[]) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM touched) THEN
    PERFORM note_list_change(TG_ARGV[0], ARRAY[-1]::smallint[]);
  END IF;
  RETURN NULL;
END $$;

-- What is of no guide, such as money of a store's pool, may stand in anybody's lists.
CREATE OR REPLACE FUNCTION note_change_of_guide() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_list_change(TG_ARGV[0], ARRAY(
    SELECT DISTINCT coalesce(get_byte(uuid_send(guide_id), 15), -1)::smallint FROM touched ORDER BY 1));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_change_of_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_list_change(TG_ARGV[0], ARRAY(
    SELECT DISTINCT get_byte(uuid_send(store_id), 15)::smallint FROM touched ORDER BY 1));
  RETURN NULL;
END $$;

-- A guide's own, and what anybody in the store may claim.
CREATE OR REPLACE FUNCTION note_change_of_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_list_change(TG_ARGV[0], ARRAY(
    SELECT get_byte(uuid_send(guide_id), 15)::smallint FROM touched WHERE guide_id IS NOT NULL
    UNION SELECT get_byte(uuid_send(store_id), 15)::smallint FROM touched WHERE seat > 0 ORDER BY 1));
  RETURN NULL;
END $$;

-- Table, its topic, and whose lists a row of it stands in (NULL: anybody's). One that a later migration makes is skipped
-- until that loads this file again.
DO $$
DECLARE
  watched record;
  event record;
BEGIN
  FOR watched IN SELECT * FROM (VALUES
    ('brand', 'catalog', NULL),
    ('category', 'catalog', NULL),
    ('product', 'catalog', NULL),
    ('sku', 'catalog', NULL),
    ('product_image', 'catalog', NULL),
    ('store_availability', 'availability', 'store'),
    ('content', 'content', NULL),
    ('content_version', 'content', NULL),
    ('content_product', 'content', NULL),
    ('asset', 'content', NULL),
    ('region', 'people', NULL),
    ('store', 'people', NULL),
    ('staff', 'people', NULL),
    ('placement', 'people', NULL),
    ('assignment', 'tasks', 'task'),
    ('forward', 'tasks', 'guide'),
    ('forward_confirmation', 'tasks', NULL),
    -- Of customers, a task's progress asks who became whom.
    ('customer_merge', 'tasks', NULL),
    ('customer', 'customers', NULL),
    ('customer_identity', 'customers', NULL),
    ('customer_tag', 'customers', NULL),
    ('binding', 'customers', NULL),
    ('binding_transfer', 'contacts', NULL),
    ('consent', 'contacts', NULL),
    ('contact', 'contacts', NULL),
    ('customer_figures', 'contacts', NULL),
    ('customer_policy', 'contacts', NULL),
    ('quiet_hours', 'contacts', NULL),
    ('follow_up', 'follow_ups', NULL),
    ('sales_order', 'orders', NULL),
    ('order_line', 'orders', NULL),
    ('attribution', 'orders', NULL),
    ('touch', 'openings', NULL),
    ('ledger_entry', 'ledger', 'guide'),
    ('projected_pay', 'ledger', 'guide'),
    ('pay_period', 'ledger', NULL),
    ('plan_version', 'ledger', NULL),
    ('commission_plan', 'ledger', NULL),
    ('guide_day', 'figures', NULL),
    ('restated_day', 'figures', NULL),
    ('closed_day', 'figures', NULL)
  ) AS listed (name, topic, owner) WHERE to_regclass(name) IS NOT NULL LOOP
    FOR event IN SELECT * FROM (VALUES
      ('INSERT', 'NEW'), ('UPDATE', 'NEW'), ('DELETE', 'OLD'), ('UPDATE', 'OLD')
    ) AS images (kind, image) WHERE watched.owner IS NOT NULL OR (kind, image) <> ('UPDATE', 'OLD') LOOP
      EXECUTE format(
        'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s TABLE AS touched
         FOR EACH STATEMENT EXECUTE FUNCTION %I(%L)',
        lower('list_change_' || event.kind || '_' || event.image), event.kind, watched.name, event.image,
        concat_ws('_of_', 'note_change', watched.owner), watched.topic);
    END LOOP;
  END LOOP;
END $$;
