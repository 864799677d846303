"""Shares of a store's targets: opened for all its guides, kept up with who comes and goes, changed by the manager."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert

from kit import clock
from kit.db import db
from kit.errors import Conflict, Invalid
from kit.versions import expect
from kit.words import say
from models import Store, TargetDivision, TargetShare
from targets.queries.shares import list_shares, lock_division
from targets.rules.spreading import last_of_month
from targets.service.absences import begin_with_leave

# Guides of the stores whose month is not over there, with the days of it on which they are placed there, from today on.
_PRESENT = """
WITH division AS (
  SELECT d.id, d.store_id, d.month, (d.month + interval '1 month - 1 day')::date AS last_day,
         CAST(CAST(:now AS timestamptz) AT TIME ZONE s.time_zone AS date) AS today
  FROM target_division d JOIN store s ON s.id = d.store_id
  WHERE d.month >= CAST(CAST(:now AS timestamptz) - interval '32 days' AS date)
    AND (CAST(:division_id AS uuid) IS NULL OR d.id = :division_id)
), present AS (
  SELECT d.id AS division_id, p.staff_id AS guide_id, p.fte_bp,
         greatest(d.month, p.first_day, d.today) AS first_day, least(d.last_day, p.last_day) AS last_day
  FROM division d JOIN placement p ON p.store_id = d.store_id AND p.kind = 'home' AND p.role = 'guide'
  WHERE greatest(d.month, p.first_day, d.today) <= least(d.last_day, p.last_day)
)
"""
# Who is not there any more hands on the days from today on; those that are gone stay as they are.
CUT = text(
    _PRESENT  # noqa: S608 - both are literals
    + """
, cut AS (
  SELECT s.id, s.first_day, least(s.last_day, coalesce(p.last_day, d.today - 1)) AS last_day
  FROM target_share s JOIN division d ON d.id = s.division_id
  LEFT JOIN present p ON p.division_id = s.division_id AND p.guide_id = s.guide_id
    AND greatest(s.first_day, d.today) BETWEEN p.first_day AND p.last_day
  WHERE s.last_day >= d.today AND s.last_day > coalesce(p.last_day, d.today - 1)
), gone AS (
  DELETE FROM target_share s USING cut WHERE s.id = cut.id AND cut.last_day < cut.first_day
)
UPDATE target_share s SET last_day = cut.last_day FROM cut WHERE s.id = cut.id AND cut.last_day >= cut.first_day
"""
)
JOIN = text(
    _PRESENT
    + """
INSERT INTO target_share (division_id, guide_id, share_bp, fte_bp, first_day, last_day)
SELECT p.division_id, p.guide_id, 10000, p.fte_bp, p.first_day, p.last_day FROM present p
WHERE NOT EXISTS (
  SELECT FROM target_share s
  WHERE s.division_id = p.division_id AND s.guide_id = p.guide_id
    AND s.first_day <= p.last_day AND s.last_day >= p.first_day
)
ORDER BY p.division_id, p.guide_id, p.first_day
"""
)
OPEN = text("""
INSERT INTO target_share (division_id, guide_id, share_bp, fte_bp, first_day, last_day)
SELECT d.id, p.staff_id, 10000, p.fte_bp, greatest(d.month, p.first_day),
       least((d.month + interval '1 month - 1 day')::date, p.last_day)
FROM target_division d JOIN placement p ON p.store_id = d.store_id AND p.kind = 'home' AND p.role = 'guide'
WHERE d.id = ANY (:division_ids)
  AND greatest(d.month, p.first_day) <= least((d.month + interval '1 month - 1 day')::date, p.last_day)
""")


class DaysGone(Conflict):
    """Days that are over keep the shares that they had."""

    code = "days_gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenShare:
    """What a manager gives a guide: `share_bp` of a full part, times the part of full time worked."""

    guide_id: UUID
    share_bp: int
    fte_bp: int


def open_divisions(months: Collection[tuple[UUID, date]], *, now: datetime) -> None:
    """Have a division for each store and month; a new one gives every guide of the store a full part."""
    if not months:
        return
    rows = [{"store_id": store_id, "month": month, "changed_at": now} for store_id, month in sorted(months)]
    made = insert(TargetDivision).values(rows).on_conflict_do_nothing().returning(TargetDivision.id)
    if fresh := list(db.session.scalars(made)):
        db.session.execute(OPEN, {"division_ids": fresh})
        begin_with_leave(fresh, first=min(month for _, month in months), now=now)


def follow_people(*, now: datetime, division_id: UUID | None = None) -> None:
    """Give who came a full part from today on, and take those who left out: of one division, or of all that go on.

    Set-wise; days that are gone never change. Safe to run again.
    """
    for statement in (CUT, JOIN):
        db.session.execute(statement, {"now": now, "division_id": division_id})


def put_shares(
    *,
    store: Store,
    month: date,
    shares: Sequence[GivenShare],
    joiners_on_top: bool,
    first_day: date | None,
    expected_version: int,
    now: datetime,
) -> None:
    """Share a store's targets of a month anew from a day on; guides that are left out get nothing from then on.

    By default from today on, or from the first where the month has not begun or was not shared yet. Raises Stale,
    DaysGone, and Invalid for guides who are not of the store.
    """
    held = lock_division(store.id, month)
    expect(held.version if held else 0, expected=expected_version)
    today = clock.business_day(now, store.time_zone)
    start = first_day or (max(month, today) if held else month)
    if not month <= start <= last_of_month(month):
        raise Invalid(errors={"from": [say("outside_month")]})
    if held and start < min(today, last_of_month(month)):
        raise DaysGone
    open_divisions({(store.id, month)}, now=now)
    division = held or lock_division(store.id, month)
    assert division is not None
    follow_people(now=now, division_id=division.id)
    _replace(division, shares, start=start)
    division.joiners_on_top, division.changed_at = joiners_on_top, now
    db.session.flush()


def _replace(division: TargetDivision, shares: Sequence[GivenShare], *, start: date) -> None:
    given = {share.guide_id: share for share in shares}
    held = {
        named.share.guide_id: named.share.last_day
        for named in list_shares(division.id)
        if named.share.last_day >= start
    }
    if len(given) < len(shares) or given.keys() - held.keys():
        raise Invalid(errors={"shares": [say("not_of_store")]})
    of_division = TargetShare.division_id == division.id
    db.session.execute(delete(TargetShare).where(of_division, TargetShare.first_day >= start))
    before = update(TargetShare).where(of_division, TargetShare.last_day >= start)
    db.session.execute(before.values(last_day=start - timedelta(days=1)))
    rows = [
        {
            "division_id": division.id,
            "guide_id": guide_id,
            "share_bp": given[guide_id].share_bp if guide_id in given else 0,
            "fte_bp": given[guide_id].fte_bp if guide_id in given else 10_000,
            "first_day": start,
            "last_day": last_day,
        }
        for guide_id, last_day in held.items()
    ]
    if rows:
        db.session.execute(insert(TargetShare).values(rows))
