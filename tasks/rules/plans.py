"""What a plan must be, whatever the database holds."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from kit.words import Said, say
from tasks.rules.schedule import Schedule, check_rrule, shortened, slots_fit
from tasks.rules.states import COUNTED_KINDS


class Audience(NamedTuple):
    """Whose plan it is: stores of these regions or lists, with any of the tags; and the roles there."""

    region_ids: tuple[UUID, ...]
    store_ids: tuple[UUID, ...]
    store_tags: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanDraft:
    """What somebody asks for; `minutes` of work for each, `late` what becomes of it after the deadline."""

    kind: str
    title: str
    instructions: str
    content_id: UUID | None
    target_count: int
    audience: Audience
    share: str
    share_count: int | None
    schedule: Schedule
    minutes: int
    review: bool
    late: str


def find_plan_problems(draft: PlanDraft) -> dict[str, list[Said]]:
    """Messages by field; none when the plan may be set."""
    problems: dict[str, list[Said]] = {}
    if (draft.kind == "forward") != (draft.content_id is not None):
        problems["content_id"] = [say("content_misplaced")]
    if draft.kind in COUNTED_KINDS and draft.review:
        problems["review"] = [say("review_misplaced")]
    if (draft.share == "some") != (draft.share_count is not None):
        problems["share_count"] = [say("share_count_misplaced")]
    if draft.schedule.rrule and not check_rrule(draft.schedule.rrule, draft.schedule.first_day):
        problems["schedule.rrule"] = [say("bad_rrule")]
    if not slots_fit(draft.schedule.slots):
        problems["schedule.slots"] = [say("slots_overlap")]
    return problems


def find_edit_problems(old: Schedule, new: Schedule, *, today: date) -> dict[str, list[Said]]:
    """Messages by field where an edit would make somebody late: a deadline that runs is never shortened."""
    if old.first_day <= today and shortened(old.slots, new.slots):
        return {"schedule.slots": [say("deadline_shortened")]}
    return {}
