"""Who asks, for the bare routes beside ours: their roles and stores of today, in one statement."""

CALLER = """
SELECT s.id, s.name, p.home_id AS store_id, s.region_id, p.cover_ids AS cover_store_ids,
       ARRAY(SELECT r FROM unnest(s.roles) r WHERE r NOT IN ('guide', 'store_manager'))
       || coalesce(p.home_roles, '{}') AS roles
FROM staff s
CROSS JOIN LATERAL (
  SELECT (array_agg(p.store_id) FILTER (WHERE p.kind = 'home'))[1] AS home_id,
         array_agg(DISTINCT p.store_id) FILTER (WHERE p.kind = 'cover') AS cover_ids,
         array_agg(DISTINCT p.role::text) FILTER (WHERE p.kind = 'home' AND p.role <> 'support') AS home_roles
  FROM placement p JOIN store t ON t.id = p.store_id
  WHERE p.staff_id = s.id
    AND (now() AT TIME ZONE t.time_zone)::date BETWEEN p.first_day AND coalesce(p.last_day, 'infinity')
) p
WHERE s.id = %s AND s.hired_on <= now()::date AND (s.left_on IS NULL OR s.left_on >= now()::date)"""
