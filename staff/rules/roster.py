"""What a roster says of people's days, and what becomes of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from kit.codes import fold_code
from kit.problems import Problem
from kit.versions import MAX_SOURCE_VERSION
from kit.words import Term, say

KINDS = ("work", "leave", "off", "training")
KIND_NAMES = {"上班": "work", "请假": "leave", "休息": "off", "培训": "training"}
KIND_TERMS = [Term(kind, chinese) for chinese, kind in KIND_NAMES.items()]
AT_WORK = ("work", "training")
# What people are on a day: what the roster has them do, or lent to another store, or in no plan of that day.
PRESENCES = (*KINDS, "lent", "unplanned")
# How much is known of a store's day: everybody's part, only that some are away, or nothing.
ROSTERS = ("full", "absences", "none")
MAX_MINUTES = 1_440
# A year of planning ahead; what is older than figures go back is a slip of the pen.
AHEAD, BACK = timedelta(days=400), timedelta(days=3_660)


Key = tuple[date, UUID, UUID]


class Saying(Protocol):
    """What is said of a person's day: by a batch or a row of a file; without a version, by hand."""

    @property
    def store_code(self) -> str: ...
    @property
    def staff_no(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def kind(self) -> str: ...
    @property
    def minutes(self) -> int: ...
    @property
    def version(self) -> int | None: ...


class Named(NamedTuple):
    """A saying, its place among those sent, and (day, person, store)."""

    number: int
    said: Saying
    key: Key


def roster_problem(said: Saying, *, today: date) -> Problem | None:
    """What is wrong with a saying by itself."""
    if said.kind not in KINDS:
        return Problem("kind", say("unknown_kind", kind=said.kind, kinds=KIND_TERMS))
    if not today - BACK <= said.day <= today + AHEAD:
        return Problem("day", say("implausible_day.roster", first=f"{today - BACK}", last=f"{today + AHEAD}"))
    if said.kind in AT_WORK and not 1 <= said.minutes <= MAX_MINUTES:
        return Problem("minutes", say("out_of_range.between", min=1, max=MAX_MINUTES))
    if said.kind not in AT_WORK and said.minutes:
        return Problem("minutes", say("minutes_away"))
    if said.version is not None and not 0 <= said.version <= MAX_SOURCE_VERSION:
        return Problem("version", say("out_of_range.between", min=0, max=MAX_SOURCE_VERSION))
    return None


def name_all(
    sayings: Sequence[Saying], *, stores: Mapping[str, UUID], people: Mapping[str, UUID], today: date
) -> tuple[list[Named], dict[int, Problem]]:
    """Those that can be taken, with whom they name, and by index what is wrong with the others."""
    named: list[Named] = []
    problems: dict[int, Problem] = {}
    for index, said in enumerate(sayings):
        store_id, staff_id = stores.get(fold_code(said.store_code)), people.get(fold_code(said.staff_no))
        if problem := roster_problem(said, today=today):
            problems[index] = problem
        elif store_id is None:
            problems[index] = Problem("store_code", say("unknown_store", code=said.store_code))
        elif staff_id is None:
            problems[index] = Problem("staff_no", say("unknown_guide", staff_no=said.staff_no))
        else:
            named.append(Named(index, said, (said.day, staff_id, store_id)))
    return named, problems


def newest(sayings: Iterable[Named]) -> dict[Key, Named]:
    """Of each day of a person in a store the highest version; of equal ones the first."""
    found: dict[Key, Named] = {}
    for one in sayings:
        held = found.get(one.key)
        if held is None or (one.said.version or 0) > (held.said.version or 0):
            found[one.key] = one
    return found
