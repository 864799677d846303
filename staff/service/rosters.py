"""Rosters as attendance systems, managers and files say them: taken in set-wise, an outcome for each saying."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from kit import clock
from kit.codes import is_code
from kit.db import db
from kit.principal import Principal
from kit.problems import Problem
from kit.words import say
from staff import queries
from staff.rules.roster import Named, Saying, name_all, newest
from staff.service.outcomes import Outcome

# One statement for any number of rows. What another transaction wrote meanwhile comes back as `again`.
MERGE = text("""
WITH sent AS MATERIALIZED (
  SELECT * FROM unnest(
    CAST(:numbers AS int[]), CAST(:days AS date[]), CAST(:people AS uuid[]), CAST(:stores AS uuid[]),
    CAST(:kinds AS text[]), CAST(:minutes AS int[]), CAST(:versions AS bigint[])
  ) AS s (number, day, staff_id, store_id, kind, minutes, version)
), judged AS MATERIALIZED (
  SELECT s.*, h.source_version AS held, s.kind = h.kind AND s.minutes = h.minutes AS is_same,
         EXISTS (
           SELECT FROM placement p WHERE p.staff_id = s.staff_id AND p.store_id = s.store_id
             AND p.first_day <= s.day AND (p.last_day IS NULL OR p.last_day >= s.day)
         ) AS is_placed
  FROM sent s LEFT JOIN roster_day h ON h.day = s.day AND h.staff_id = s.staff_id AND h.store_id = s.store_id
), taken AS (
  INSERT INTO roster_day AS held (day, staff_id, store_id, source_version, minutes, kind)
  SELECT day, staff_id, store_id, coalesce(version, j.held, 0), minutes, kind FROM judged j
  WHERE is_placed AND (j.held IS NULL OR version > j.held OR (version IS NULL AND NOT is_same))
  ORDER BY day, staff_id, store_id
  ON CONFLICT (day, staff_id, store_id) DO UPDATE
  SET source_version = excluded.source_version, minutes = excluded.minutes, kind = excluded.kind
  WHERE held.source_version < excluded.source_version
     OR (:by_hand AND held.source_version = excluded.source_version)
  RETURNING day, staff_id, store_id
)
SELECT j.number, j.held, CASE
  WHEN NOT is_placed THEN 'not_placed'
  WHEN t.day IS NOT NULL THEN CASE WHEN j.held IS NULL THEN 'created' ELSE 'updated' END
  WHEN j.held IS NULL OR version > j.held OR (version IS NULL AND NOT is_same) THEN 'again'
  WHEN version < j.held THEN 'older_version'
  WHEN is_same THEN 'unchanged' ELSE 'version_reused' END
FROM judged j LEFT JOIN taken t USING (day, staff_id, store_id)
""")
MONTHS = text("SELECT add_roster_months(CAST(:days AS date[]))")


class Verdict(NamedTuple):
    """What became of a saying: a word of `Outcome`, or `stale`; then, or where it was rejected, the problem."""

    word: str
    problem: Problem | None = None
    held: int = 0


def take_rosters(sayings: Sequence[Saying], *, principal: Principal, now: datetime) -> list[Verdict]:
    """Take in what is said of people's days in stores within the principal's scope, one verdict for each.

    The highest version of a day holds; the same again changes nothing, an older one is stale, the same one with other
    content is rejected. Said without a version it holds until a newer version comes. Rejected are unknown stores and
    people, those who are not placed there that day, implausible days, and minutes that do not fit the kind.
    """
    stores = queries.find_stores_in_sight({s.store_code for s in sayings if is_code(s.store_code)}, principal=principal)
    people = queries.find_staff_ids({s.staff_no for s in sayings if is_code(s.staff_no)})
    named, problems = name_all(sayings, stores=stores, people=people, today=now.date())
    verdicts = {index: Verdict("rejected", problem) for index, problem in problems.items()}
    for by_hand in (False, True):
        verdicts |= _take([one for one in named if (one.said.version is None) is by_hand], by_hand=by_hand)
    return [verdicts[index] for index in range(len(sayings))]


def import_rosters(rows: Sequence[Saying], *, principal: Principal) -> list[Outcome]:
    """Take in rows of a file; what is stale there is a problem of its row."""
    verdicts = take_rosters(rows, principal=principal, now=clock.now())
    return [
        Outcome(index, f"{row.store_code} {row.staff_no} {row.day}", "rejected" if of.problem else of.word, of.problem)
        for index, (row, of) in enumerate(zip(rows, verdicts, strict=True))
    ]


def _take(sayings: Sequence[Named], *, by_hand: bool) -> dict[int, Verdict]:
    chosen = newest(sayings)
    verdicts = _merge(list(chosen.values()), by_hand=by_hand)
    outdone = {one.number: _outdone(one.said, by=chosen[one.key].said) for one in sayings if one.number not in verdicts}
    return verdicts | outdone


def _outdone(said: Saying, *, by: Saying) -> Verdict:
    """What becomes of a saying beside a newer one of the same day, or an earlier one as new."""
    if said.version != by.version:
        return _verdict(said, "older_version", by.version)
    if (said.kind, said.minutes) == (by.kind, by.minutes):
        return Verdict("unchanged")
    if said.version is not None:
        return _verdict(said, "version_reused", by.version)
    return Verdict("rejected", Problem("day", say("duplicate", code=f"{said.store_code} {said.staff_no} {said.day}")))


def _merge(sayings: Sequence[Named], *, by_hand: bool) -> dict[int, Verdict]:
    found: dict[int, Verdict] = {}
    if sayings:
        db.session.execute(MONTHS, {"days": sorted({one.said.day.replace(day=1) for one in sayings})})
    waiting = {one.number: one for one in sayings}
    while waiting:
        for number, held, word in db.session.execute(MERGE, {**_columns(list(waiting.values())), "by_hand": by_hand}):
            if word != "again":
                found[number] = _verdict(waiting[number].said, word, held)
        waiting = {index: one for index, one in waiting.items() if index not in found}
    return found


def _columns(sayings: Sequence[Named]) -> dict[str, list[object]]:
    return {
        "numbers": [one.number for one in sayings],
        "days": [one.key[0] for one in sayings],
        "people": [one.key[1] for one in sayings],
        "stores": [one.key[2] for one in sayings],
        "kinds": [one.said.kind for one in sayings],
        "minutes": [one.said.minutes for one in sayings],
        "versions": [one.said.version for one in sayings],
    }


def _verdict(said: Saying, word: str, held: int | None) -> Verdict:
    if word == "not_placed":
        return Verdict("rejected", Problem("staff_no", say("not_placed", store=said.store_code, day=f"{said.day}")))
    if word == "version_reused":
        return Verdict("rejected", Problem("version", say("version_reused.roster", version=said.version or 0)))
    if word == "older_version":
        return Verdict("stale", Problem("version", say(word, held=held or 0, sent=said.version or 0)), held or 0)
    return Verdict(word)
