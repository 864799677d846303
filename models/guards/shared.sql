-- What triggers of several tables do.

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE OR REPLACE FUNCTION refuse_row_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A partition of `whole` for a month (UTC) that has none, unless rows of that month are in its default partition already.
CREATE OR REPLACE FUNCTION add_month(whole text, month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  starts text := to_char(month, 'YYYY-MM-01 00:00+00');
  ends text := to_char(date_trunc('month', month) + interval '1 month', 'YYYY-MM-01 00:00+00');
  part text := whole || to_char(month, '_YYYY_MM');
  key text := (SELECT attname FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
               WHERE partrelid = whole::regclass);
  taken bool;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L)', whole || '_default', key, starts, ends)
  INTO taken;
  IF taken OR to_regclass(part) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, whole, starts, ends);
  EXECUTE format('CREATE TRIGGER not_emptied BEFORE TRUNCATE ON %I FOR EACH STATEMENT
                  EXECUTE FUNCTION refuse_change()', part);
END $$;

-- What people edit counts its own changes: every table with a `version` has this trigger.
CREATE OR REPLACE FUNCTION bump_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version;
  IF NEW IS DISTINCT FROM OLD THEN
    NEW.version := OLD.version + 1;
  END IF;
  RETURN NEW;
END $$;

-- Arguments: each change of the state that a table of moves allows (rules/states.py; a test compares), as before>after.
CREATE OR REPLACE FUNCTION refuse_other_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state || '>' || NEW.state <> ALL (TG_ARGV) THEN
    RAISE EXCEPTION '% never goes from % to %', TG_TABLE_NAME, OLD.state, NEW.state
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
