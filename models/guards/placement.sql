-- Who works where: `staff.store_id` and the store roles in `staff.roles` follow the placements, and nobody else writes them.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON placement FOR EACH ROW EXECUTE FUNCTION bump_version();

-- What people's homes come to at an instant: the store and roles of the home that runs there, else of the first one to
-- come. Once the last one that began is over there is none, unless they left: then it stays known where they were.
CREATE OR REPLACE FUNCTION homes_of(people uuid[], at timestamptz)
RETURNS TABLE (staff_id uuid, store_id uuid, roles text[]) LANGUAGE sql STABLE AS $$
  WITH home AS (
    SELECT p.staff_id, p.store_id, p.first_day, coalesce(p.last_day, 'infinity') AS last_day, p.end_reason,
           (at AT TIME ZONE s.time_zone)::date AS today
    FROM placement p JOIN store s ON s.id = p.store_id WHERE p.staff_id = ANY (people) AND p.kind = 'home'
  ), chosen AS (
    SELECT DISTINCT ON (h.staff_id) h.staff_id, h.store_id, greatest(h.first_day, least(h.today, h.last_day)) AS on_day,
           h.last_day < h.today AND h.end_reason IS DISTINCT FROM 'left' AS is_over
    FROM home h
    ORDER BY h.staff_id, h.first_day <= h.today DESC, CASE WHEN h.first_day <= h.today THEN h.last_day END DESC,
             h.first_day
  )
  SELECT c.staff_id, CASE WHEN NOT c.is_over THEN c.store_id END,
         array_agg(p.role ORDER BY p.role) FILTER (WHERE p.role <> 'support' AND NOT c.is_over)
  FROM chosen c JOIN placement p ON p.staff_id = c.staff_id AND p.store_id = c.store_id AND p.kind = 'home'
                AND p.first_day <= c.on_day AND coalesce(p.last_day, 'infinity') >= c.on_day
  GROUP BY c.staff_id, c.store_id, c.is_over
$$;

-- How many people were somewhere else, or something else, than their placements say.
CREATE OR REPLACE FUNCTION move_home(people uuid[], at timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE moved int;
BEGIN
  UPDATE staff s SET store_id = w.store_id, roles = w.roles
  FROM (
    SELECT h.staff_id, h.store_id, coalesce(h.roles, '{}') || ARRAY(
      SELECT r FROM unnest(t.roles) WITH ORDINALITY AS held (r, n) WHERE r NOT IN ('guide', 'store_manager') ORDER BY n
    ) AS roles
    FROM homes_of(people, at) h JOIN staff t ON t.id = h.staff_id
    ORDER BY h.staff_id FOR UPDATE OF t
  ) w
  WHERE s.id = w.staff_id
    AND (s.store_id IS DISTINCT FROM w.store_id OR NOT (s.roles @> w.roles AND s.roles <@ w.roles));
  GET DIAGNOSTICS moved = ROW_COUNT;
  RETURN moved;
END $$;

CREATE OR REPLACE FUNCTION follow_placements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM move_home(ARRAY(SELECT DISTINCT staff_id FROM touched WHERE kind = 'home'), now());
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER home_moved_inserted AFTER INSERT ON placement REFERENCING NEW TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION follow_placements();
CREATE OR REPLACE TRIGGER home_moved_updated AFTER UPDATE ON placement REFERENCING NEW TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION follow_placements();
CREATE OR REPLACE TRIGGER home_moved_deleted AFTER DELETE ON placement REFERENCING OLD TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION follow_placements();

-- A person who comes with a store begins there, in each of the store's roles that they have.
CREATE OR REPLACE FUNCTION place_new_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('guideapi.placing_new', 'on', true);
  INSERT INTO placement (staff_id, store_id, role, first_day, last_day, end_reason)
  SELECT a.id, a.store_id, r.role, a.hired_on, a.left_on, CASE WHEN a.left_on IS NOT NULL THEN 'left' END
  FROM added a, LATERAL (
    SELECT role FROM unnest(ARRAY['guide', 'store_manager']) AS role WHERE role = ANY (a.roles)
    UNION ALL SELECT 'support' WHERE NOT a.roles && ARRAY['guide', 'store_manager']
  ) r
  WHERE a.store_id IS NOT NULL;
  PERFORM set_config('guideapi.placing_new', '', true);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER place_new AFTER INSERT ON staff REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION place_new_people();

-- Nobody works before the first day or after the last: what begins with employment moves with it, what goes on ends with
-- it, what begins later is gone. Who is taken back, or leaves later, goes on where they were.
CREATE OR REPLACE FUNCTION follow_employment() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
DECLARE changed uuid[] := ARRAY(
  SELECT n.id FROM after_rows n JOIN before_rows o USING (id)
  WHERE (n.hired_on, n.left_on) IS DISTINCT FROM (o.hired_on, o.left_on));
BEGIN
  IF changed = '{}' THEN
    RETURN NULL;
  END IF;
  DELETE FROM placement p USING after_rows n
  WHERE p.staff_id = ANY (changed) AND p.staff_id = n.id
    AND (p.first_day > n.left_on OR coalesce(p.last_day, 'infinity') < n.hired_on);
  UPDATE placement p
  SET first_day = CASE WHEN p.first_day = o.hired_on THEN n.hired_on ELSE greatest(p.first_day, n.hired_on) END
  FROM after_rows n JOIN before_rows o USING (id)
  WHERE p.staff_id = ANY (changed) AND p.staff_id = n.id AND n.hired_on <> o.hired_on
    AND (p.first_day = o.hired_on OR p.first_day < n.hired_on);
  UPDATE placement p SET last_day = n.left_on, end_reason = CASE WHEN n.left_on IS NOT NULL THEN 'left' END
  FROM after_rows n JOIN before_rows o USING (id)
  WHERE p.staff_id = ANY (changed) AND p.staff_id = n.id AND n.left_on IS DISTINCT FROM o.left_on
    AND (coalesce(p.last_day, 'infinity') > n.left_on OR (p.end_reason = 'left' AND p.last_day = o.left_on));
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER follow_employment AFTER UPDATE ON staff
REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_employment();
