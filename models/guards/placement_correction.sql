-- Which days that are over are told anew by changes of placements, in whatever way they came; nothing of it is edited.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON placement_correction
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The terms of a placement, without its days.
CREATE OR REPLACE FUNCTION placement_terms(p placement) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('store_id', p.store_id, 'kind', p.kind, 'role', p.role, 'grade', p.grade,
                            'employment', p.employment, 'fte_bp', p.fte_bp)
$$;

-- One of `old` and `new` may be NULL. Days of both with the same terms are no correction.
CREATE OR REPLACE FUNCTION note_correction(old placement, new placement, at timestamptz) RETURNS void LANGUAGE sql AS $$
  WITH days AS (
    SELECT coalesce((new).store_id, (old).store_id) AS store_id, coalesce((new).id, (old).id) AS id,
           coalesce((new).staff_id, (old).staff_id) AS staff_id,
           CASE WHEN (old).id IS NOT NULL THEN daterange((old).first_day, (old).last_day, '[]') ELSE 'empty' END AS o,
           CASE WHEN (new).id IS NOT NULL THEN daterange((new).first_day, (new).last_day, '[]') ELSE 'empty' END AS n,
           placement_terms(old) = placement_terms(new) AS is_same
  ), stretch AS (
    SELECT d.id, d.staff_id, (old).store_id, s.days, placement_terms(old) AS before, NULL::jsonb AS after
    FROM days d, unnest(datemultirange(d.o) - datemultirange(d.n)) AS s (days)
    UNION ALL
    SELECT d.id, d.staff_id, (new).store_id, s.days, NULL, placement_terms(new)
    FROM days d, unnest(datemultirange(d.n) - datemultirange(d.o)) AS s (days)
    UNION ALL
    SELECT d.id, d.staff_id, (new).store_id, d.o * d.n, placement_terms(old), placement_terms(new)
    FROM days d WHERE NOT d.is_same AND d.o && d.n
  ), over AS (
    SELECT s.*, s.days * daterange(NULL, (at AT TIME ZONE t.time_zone)::date) AS gone
    FROM stretch s JOIN store t ON t.id = s.store_id
  )
  INSERT INTO placement_correction (placement_id, staff_id, store_id, first_day, last_day, before, after, reason,
                                    corrected_by)
  SELECT id, staff_id, store_id, lower(gone), upper(gone) - 1, before, after, (new).reason,
         (nullif(current_setting('guideapi.actor', true), '')::jsonb ->> 'id')::uuid
  FROM over WHERE NOT isempty(gone)
$$;

CREATE OR REPLACE FUNCTION note_corrections() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Where somebody new works is no correction.
  IF current_setting('guideapi.placing_new', true) IS DISTINCT FROM 'on' THEN
    PERFORM note_correction(CASE WHEN TG_OP <> 'INSERT' THEN OLD END, CASE WHEN TG_OP <> 'DELETE' THEN NEW END, now());
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER corrections_noted AFTER INSERT OR DELETE OR UPDATE ON placement
FOR EACH ROW EXECUTE FUNCTION note_corrections();
