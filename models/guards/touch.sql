-- Touches stay. Row triggers of the whole are those of its partitions; TRUNCATE's are not, so that each gets its own.

-- A partition for a month that has none, unless rows of that month are in the default partition already.
CREATE OR REPLACE FUNCTION add_touch_month(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  starts timestamptz := date_trunc('month', month)::timestamp AT TIME ZONE 'UTC';
  ends timestamptz := (date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC';
  name text := 'touch_' || to_char(month, 'YYYY_MM');
BEGIN
  IF to_regclass(name) IS NOT NULL
     OR EXISTS (SELECT FROM touch_default WHERE created_at >= starts AND created_at < ends) THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF touch FOR VALUES FROM (%L) TO (%L)', name, starts, ends);
  EXECUTE format('CREATE TRIGGER not_emptied BEFORE TRUNCATE ON %I FOR EACH STATEMENT
                  EXECUTE FUNCTION refuse_change()', name);
END $$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON touch FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON touch FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON touch_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
