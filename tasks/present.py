"""The answers of the tasks room."""

from datetime import datetime
from typing import Any

Answer = dict[str, Any]
_TASK = (
    "id",
    "plan_id",
    "kind",
    "title",
    "instructions",
    "day",
    "opens_at",
    "due_at",
    "state",
    "reason",
    "overdue",
    "minutes",
    "review",
    "late",
)
_CONTENT = ("id", "kind", "title", "thumbnail_url", "forwardable", "reasons")
_PLAN = (
    "id",
    "kind",
    "state",
    "number",
    "title",
    "instructions",
    "content_id",
    "target_count",
    "share",
    "share_count",
    "minutes",
    "review",
    "late",
    "reached_stores",
    "owner_store_id",
    "owner_region_id",
    "created_at",
    "published_at",
)
_AUDIENCE = ("region_ids", "store_ids", "store_tags", "roles")
_SCHEDULE = ("first_day", "rrule", "except_days", "holidays", "slots")


def task_answer(task: Answer, *, now: datetime) -> Answer:
    """One task as a phone shows it."""
    content = task["content"]
    is_lapsed = task["lease_until"] is not None and task["lease_until"] < now
    is_free = task["guide_id"] is None or (is_lapsed and task["started_at"] is None)
    return {
        **{name: task[name] for name in _TASK},
        "claimable": task["seat"] > 0 and task["state"] == "open" and is_free,
        "claimed_until": task["lease_until"] if task["state"] == "open" else None,
        "progress": progress_answer(task),
        "content": content and {name: content[name] for name in _CONTENT},
    }


def progress_answer(task: Answer) -> Answer:
    """How far a task is."""
    return {"done": task["done"], "target": task["target_count"]}


def plan_answer(plan: Answer, shares: list[Answer]) -> Answer:
    """A plan with how far its people are."""
    return {
        **{name: plan[name] for name in _PLAN},
        "audience": {name: plan[name] for name in _AUDIENCE},
        "schedule": {name: plan[name] for name in _SCHEDULE},
        "guides": [_share(share) for share in shares],
    }


def _share(share: Answer) -> Answer:
    guide = {"id": share["guide_id"], "staff_no": share["staff_no"], "name": share["name"]}
    return {
        "task_id": share["id"],
        "store_code": share["store_code"],
        "day": share["day"],
        "guide": guide if share["guide_id"] else None,
        "state": share["state"],
        "reason": share["reason"],
        "progress": progress_answer(share),
    }
