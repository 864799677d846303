"""Writing down what was done for a customer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from clienteling import queries, rules
from clienteling.items import FollowUpItem
from customers.queries import CustomerNotFound, find_people
from kit import clock, sealing
from kit.db import db
from kit.errors import Conflict, DomainError, Invalid
from kit.principal import Principal
from kit.words import say
from models import FollowUp

SAME = ("customer_id", "at", "channel", "outcome", "next_on", "corrects_id")


class FollowUpIdTaken(Conflict):
    """A follow-up of this id exists and says something else, or somebody else wrote it."""

    code = "follow_up_id_taken"


class FollowUpCorrected(Conflict):
    """The follow-up was corrected already: correct the correction."""

    code = "follow_up_corrected"


class FollowUpNotYours(Invalid):
    """A correction is for one's own follow-up with the same customer."""

    code = "follow_up_not_yours"


class FollowUpTimeImplausible(Invalid):
    """It cannot have been done then, or the next date does not follow it."""

    code = "follow_up_time_implausible"


def log_batch(*, items: Sequence[tuple[int, FollowUpItem]], guide: Principal, now: datetime) -> list[dict[str, Any]]:
    """What became of each follow-up: `created`, `unchanged` when it came before, or `rejected` and why."""
    return [{"index": index, "external_id": str(item.id), **_log_one(item, guide, now)} for index, item in items]


def _log_one(item: FollowUpItem, guide: Principal, now: datetime) -> dict[str, Any]:
    try:
        # A refusal of one leaves the others as they are.
        with db.session.begin_nested():
            created = log_follow_up(item=item, guide=guide, now=now)
    except DomainError as refusal:
        return {"outcome": "rejected", "code": refusal.code, "detail": refusal.said}
    return {"outcome": "created" if created else "unchanged"}


def log_follow_up(*, item: FollowUpItem, guide: Principal, now: datetime) -> bool:
    """Write down what the guide did; False if the very same was written before.

    Raises FollowUpIdTaken, FollowUpCorrected, FollowUpNotYours, FollowUpTimeImplausible, CustomerNotFound.
    """
    if (earlier := queries.find_recorded(item.id)) is not None:
        return _repeats(earlier, item, guide)
    _check(item, guide, now)
    row = {
        "id": item.id,
        **{name: getattr(item, name) for name in SAME},
        "guide_id": guide.id,
        "store_id": guide.store_id,
        "sealed_note": _sealed(item),
        "created_at": now,
    }
    statement = insert(FollowUp).values(row).on_conflict_do_nothing().returning(FollowUp.id)
    if db.session.scalar(statement) is not None:
        return True
    # Another request was faster: with the same id, or with a correction of the same follow-up.
    if (earlier := queries.find_recorded(item.id)) is not None:
        return _repeats(earlier, item, guide)
    raise FollowUpCorrected


def _repeats(earlier: FollowUp, item: FollowUpItem, guide: Principal) -> bool:
    note = queries.open_note(earlier.sealed_note, earlier.id) if earlier.sealed_note is not None else None
    said = tuple(getattr(earlier, name) for name in SAME)
    if (guide.id, *(getattr(item, name) for name in SAME), item.note) != (earlier.guide_id, *said, note):
        raise FollowUpIdTaken
    return False


def _check(item: FollowUpItem, guide: Principal, now: datetime) -> None:
    if not rules.is_plausible(item.at, now=now):
        raise FollowUpTimeImplausible(say("follow_up_time_implausible.at", at=clock.as_text(item.at)))
    if item.next_on is not None and not rules.is_next(item.next_on, at=item.at):
        raise FollowUpTimeImplausible(say("follow_up_time_implausible.next_on", day=item.next_on.isoformat()))
    # Done while the customer was theirs, and told only when the network was back.
    if not find_people([item.customer_id], guide) and not queries.was_bound(
        item.customer_id, guide_id=guide.id, at=item.at
    ):
        raise CustomerNotFound
    if item.corrects_id is not None:
        corrected = queries.find_recorded(item.corrects_id)
        if corrected is None or corrected.guide_id != guide.id:
            raise FollowUpNotYours
        if not queries.is_one_person(corrected.customer_id, item.customer_id):
            raise FollowUpNotYours


def _sealed(item: FollowUpItem) -> bytes | None:
    if item.note is None:
        return None
    return sealing.seal(item.note.encode(), purpose=queries.NOTE_PURPOSE, place=str(item.id))
