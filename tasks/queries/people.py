"""Who is to be given tasks in a store on a day, for statements about many stores at once."""

# Of `place` (store_id, day): who works there then, as what. Guides, and managers where there are none, take what is
# meant for guides; who covers elsewhere that day is not there. The same as staff.queries.list_guides (a test compares).
PRESENT = """
works AS (
  SELECT w.store_id, w.day, p.staff_id, bool_or(p.role = 'guide') AS is_guide,
         bool_or(p.role = 'store_manager') AS is_manager
  FROM place w
  JOIN placement p ON p.store_id = w.store_id AND p.role IN ('guide', 'store_manager')
   AND p.first_day <= w.day AND (p.last_day IS NULL OR p.last_day >= w.day)
  JOIN staff s ON s.id = p.staff_id AND s.hired_on <= w.day AND (s.left_on IS NULL OR s.left_on >= w.day)
  WHERE p.kind = 'cover' OR NOT EXISTS (
    SELECT FROM placement lent WHERE lent.staff_id = p.staff_id AND lent.kind = 'cover' AND lent.store_id <> w.store_id
       AND lent.first_day <= w.day AND (lent.last_day IS NULL OR lent.last_day >= w.day))
  GROUP BY w.store_id, w.day, p.staff_id
), present AS (
  SELECT w.*, w.is_guide OR NOT bool_or(w.is_guide) OVER (PARTITION BY w.store_id, w.day) AS serves FROM works w
)"""
# Whether one of `present` (w) is among those whom a version (v) is meant for.
TAKES = "(w.serves AND 'guide' = ANY(v.roles) OR w.is_manager AND 'store_manager' = ANY(v.roles))"
