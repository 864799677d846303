-- Orders, customers, contents and commissions that somebody asked to be told of: nothing is written without a subscriber.

CREATE OR REPLACE FUNCTION note_webhook_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM webhook_subscription WHERE active AND TG_ARGV[0] = ANY (kinds)) THEN
    INSERT INTO webhook_fact (kind, action, row_id)
    SELECT TG_ARGV[0], TG_ARGV[1], to_jsonb(n) ->> TG_ARGV[2] FROM news n;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_changed_webhook_facts() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  IF EXISTS (SELECT FROM webhook_subscription WHERE active AND TG_ARGV[0] = ANY (kinds)) THEN
    INSERT INTO webhook_fact (kind, action, row_id)
    SELECT TG_ARGV[0], TG_ARGV[1], to_jsonb(n) ->> TG_ARGV[2]
    FROM news n JOIN olds o ON o.id = n.id WHERE o.* IS DISTINCT FROM n.*;
  END IF;
  RETURN NULL;
END $$;

-- Table, kind, what an insert and an update are called, and the column that says of what.
DO $$
DECLARE
  told record;
BEGIN
  FOR told IN SELECT * FROM (VALUES
    ('sales_order', 'order.changed', 'created', 'changed', 'id'),
    ('customer', 'customer.changed', 'created', 'changed', 'id'),
    ('binding', 'customer.changed', 'bound', 'binding_changed', 'customer_id'),
    ('consent', 'customer.changed', 'consent', NULL, 'customer_id'),
    ('content', 'content.changed', 'created', 'changed', 'id'),
    ('ledger_entry', 'commission.posted', 'posted', NULL, 'id')
  ) AS listed (name, kind, inserted, updated, id_column)
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER webhook_fact_new AFTER INSERT ON %I REFERENCING NEW TABLE AS news
                    FOR EACH STATEMENT EXECUTE FUNCTION note_webhook_facts(%L, %L, %L)',
                   told.name, told.kind, told.inserted, told.id_column);
    IF told.updated IS NOT NULL THEN
      EXECUTE format('CREATE OR REPLACE TRIGGER webhook_fact_changed AFTER UPDATE ON %I
                      REFERENCING OLD TABLE AS olds NEW TABLE AS news
                      FOR EACH STATEMENT EXECUTE FUNCTION note_changed_webhook_facts(%L, %L, %L)',
                     told.name, told.kind, told.updated, told.id_column);
    END IF;
  END LOOP;
END $$;
