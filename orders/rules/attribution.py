"""The attribution policy, version 1: who gets credit for a line. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

POLICY_VERSION = 1
SHARE_WINDOW = timedelta(days=7)
# Serving at the till beats a shared link, which beats being the customer's own guide.
PRECEDENCE = ("serving", "share", "bound")


class Candidate(NamedTuple):
    """A guide with a claim to a line. `flaw` is why the claim fails by itself, or None."""

    kind: str
    guide_id: UUID
    at: datetime
    share_bp: int | None
    flaw: str | None


class Verdict(NamedTuple):
    """A candidate and what became of it: `won`, or why it lost."""

    candidate: Candidate
    reason: str


class Decision(NamedTuple):
    """The winner (None: nobody), the kind of claim that won or why none did, and every candidate's verdict."""

    guide_id: UUID | None
    reason: str
    verdicts: list[Verdict]


def decide(candidates: Sequence[Candidate]) -> Decision:
    """Give the line to the sound claim of the highest kind; among equals to the larger share, then the earlier listed.

    Losers are `outranked`, `smaller_share`, or carry their own flaw. A guide who wins by one claim has not lost by
    another: that one is `same_guide`.
    """
    sound = [candidate for candidate in candidates if candidate.flaw is None]
    if not sound:
        return Decision(None, "none_qualified" if candidates else "no_candidate", _verdicts(candidates, None))
    winner = min(sound, key=lambda candidate: (PRECEDENCE.index(candidate.kind), -(candidate.share_bp or 0)))
    return Decision(winner.guide_id, winner.kind, _verdicts(candidates, winner))


def _verdicts(candidates: Iterable[Candidate], winner: Candidate | None) -> list[Verdict]:
    return [Verdict(candidate, _reason(candidate, winner)) for candidate in candidates]


def _reason(candidate: Candidate, winner: Candidate | None) -> str:
    if candidate is winner:
        return "won"
    if candidate.flaw is not None or winner is None:
        return candidate.flaw or "outranked"
    if candidate.guide_id == winner.guide_id:
        return "same_guide"
    return "smaller_share" if candidate.kind == winner.kind else "outranked"


def flaw_of_share(*, touched_at: datetime, by_person: bool, ordered_at: datetime) -> str | None:
    """Why a shared link earns nothing: nothing shows that a person opened it, or it was opened later than the order.

    Or it was last opened more than SHARE_WINDOW before the order.
    """
    if not by_person:
        return "no_human_sign"
    if touched_at > ordered_at:
        return "touched_later"
    return "window_expired" if ordered_at - touched_at > SHARE_WINDOW else None


def flaw_of_binding(
    *, bound_at: datetime, ended_at: datetime | None, confirmed_at: datetime | None, ordered_at: datetime
) -> str | None:
    """Why a binding earns nothing: it was not in force when the order was made, or the guide's own claim by then."""
    if not (bound_at <= ordered_at and (ended_at is None or ordered_at < ended_at)):
        return "not_bound"
    return None if confirmed_at is not None and confirmed_at <= ordered_at else "unconfirmed"


def flaw_of_person(*, hired_on: date, left_on: date | None, day: date) -> str | None:
    """Why a person earns nothing on a business day: they were not employed."""
    return None if hired_on <= day and (left_on is None or day <= left_on) else "not_employed"
