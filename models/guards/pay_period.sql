-- Periods go the ways of commissions/rules/states.py, one after the other, and keep their days once they are closed.

-- The day itself, or the day after the store's last one on which nothing is posted any more.
CREATE OR REPLACE FUNCTION first_open_day(store uuid, day date) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT greatest(day, max(last_day) + 1) FROM pay_period
  WHERE state IN ('approved', 'paid', 'locked')
    AND group_code = coalesce((SELECT group_code FROM pay_group_store WHERE store_id = store), 'chain')
$$;

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON pay_period FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'approved>paid', 'closing>in_review', 'in_review>approved', 'in_review>closing', 'open>closing', 'paid>locked'
  );

CREATE OR REPLACE FUNCTION keep_periods() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.state <> 'open' THEN
    RAISE EXCEPTION 'a period that was closed stays' USING ERRCODE = 'integrity_constraint_violation';
  ELSIF TG_OP = 'UPDATE' AND OLD.state <> 'open'
    AND (NEW.group_code, NEW.first_day, NEW.last_day) <> (OLD.group_code, OLD.first_day, OLD.last_day) THEN
    RAISE EXCEPTION 'a period that was closed keeps its days' USING ERRCODE = 'integrity_constraint_violation';
  ELSIF TG_OP = 'UPDATE' AND OLD.state <> 'approved' AND NEW.state = 'approved' AND EXISTS (
    SELECT FROM pay_period p WHERE p.group_code = NEW.group_code AND p.last_day < NEW.first_day
      AND p.state IN ('open', 'closing', 'in_review')
  ) THEN
    RAISE EXCEPTION 'an earlier period is not approved' USING ERRCODE = 'integrity_constraint_violation';
  ELSIF TG_OP = 'UPDATE' AND OLD.state <> 'approved' AND NEW.state = 'approved' AND EXISTS (
    SELECT FROM settlement t WHERE t.period_id = NEW.id AND (
      coalesce(t.counted_at < NEW.closed_at, t.counted_at IS NULL)
      OR EXISTS (SELECT FROM statement s WHERE s.settlement_id = t.id AND s.state IN ('in_review', 'rejected')))
  ) THEN
    RAISE EXCEPTION 'statements of the period are undecided' USING ERRCODE = 'integrity_constraint_violation';
  ELSIF TG_OP = 'INSERT' AND NEW.first_day <= (
    SELECT max(last_day) FROM pay_period
    WHERE group_code = NEW.group_code AND id <> NEW.id AND state IN ('approved', 'paid', 'locked')
  ) THEN
    RAISE EXCEPTION 'a later period is closed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER in_turn AFTER INSERT OR UPDATE OR DELETE ON pay_period FOR EACH ROW EXECUTE FUNCTION keep_periods();
