-- Rosters by month: a month that rows come in for gets its partition first (staff/service/rosters.py). TRUNCATE's triggers
-- are not those of partitions, so that each gets its own.

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON roster_day FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON roster_day_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The months of these days that have a partition of their own, or get one now.
CREATE OR REPLACE FUNCTION add_roster_months(days date[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE month date;
BEGIN
  FOR month IN SELECT DISTINCT date_trunc('month', day)::date FROM unnest(days) AS day ORDER BY 1 LOOP
    IF to_regclass('roster_day' || to_char(month, '_YYYY_MM')) IS NULL THEN
      -- One at a time: two that make the same month would refuse each other.
      PERFORM pg_advisory_xact_lock(hashtextextended('roster months', 0));
      PERFORM add_month('roster_day', month);
    END IF;
  END LOOP;
END $$;
