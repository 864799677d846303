"""Days on which guides on leave have no part in their store's targets: kept up with the roster, until they are gone."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from kit.db import db

FOLLOW = text("""
WITH division AS (
  SELECT d.id, d.store_id,
         CASE WHEN CAST(:division_ids AS uuid[]) IS NULL
              THEN CAST(CAST(:now AS timestamptz) AT TIME ZONE s.time_zone AS date) ELSE d.month END AS from_day
  FROM target_division d JOIN store s ON s.id = d.store_id
  WHERE CASE WHEN CAST(:division_ids AS uuid[]) IS NULL
             THEN d.month >= CAST(CAST(:now AS timestamptz) - interval '32 days' AS date)
             ELSE d.id = ANY (CAST(:division_ids AS uuid[])) END
), away AS (
  SELECT DISTINCT s.division_id, s.guide_id, r.day
  FROM division d
  JOIN target_share s ON s.division_id = d.id
  JOIN roster_day r ON r.staff_id = s.guide_id AND r.day BETWEEN greatest(s.first_day, d.from_day) AND s.last_day
  WHERE r.kind = 'leave' AND r.day >= :since AND NOT EXISTS (
    SELECT FROM roster_day h
    WHERE h.day = r.day AND h.staff_id = r.staff_id AND h.store_id = d.store_id AND h.kind <> 'leave'
  )
), back AS (
  DELETE FROM target_absence a USING division d
  WHERE a.division_id = d.id AND a.day >= d.from_day AND a.day >= :since AND NOT EXISTS (
    SELECT FROM away w WHERE w.division_id = a.division_id AND w.guide_id = a.guide_id AND w.day = a.day
  )
)
INSERT INTO target_absence (division_id, guide_id, day) SELECT division_id, guide_id, day FROM away
ON CONFLICT DO NOTHING
""")


def follow_leave(*, now: datetime) -> None:
    """Take guides on leave out of the days from today on, and those back in who are not; days gone never change."""
    # Today somewhere on Earth is a day before at most.
    db.session.execute(FOLLOW, {"now": now, "since": now.date() - timedelta(days=1), "division_ids": None})


def begin_with_leave(division_ids: Collection[UUID], *, first: date, now: datetime) -> None:
    """Take guides on leave out of all days of divisions that were made now, of months from `first` on."""
    db.session.execute(FOLLOW, {"now": now, "since": first, "division_ids": list(division_ids)})
