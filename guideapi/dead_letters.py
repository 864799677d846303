"""Background work that failed for good, for operators: HTTP's side of kit/dead_letters.py."""

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import fields

from kit import clock, dead_letters
from kit.dead_letters import DeadLetterNotFound, DeadLetterRetried, JobGone
from kit.web import idempotency
from kit.web.auth import auth
from kit.web.io import Out, paged, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses

bp = Blueprint("dead_letters", __name__, url_prefix="/v1/dead-letters", description="Background work that failed")


class DeadLettersIn(PageIn):
    retried = fields.Boolean(
        load_default=False, metadata={"description": "Those that were retried instead, and have not failed since."}
    )


class DeadLetterOut(Out):
    id = fields.UUID(required=True)
    job = fields.String(required=True, metadata={"example": "performance.jobs:close_day"})
    arguments = fields.Dict(required=True, metadata={"description": "Ids and dates.", "example": {"day": "2026-03-02"}})
    attempts = fields.Integer(required=True, metadata={"description": "Before it was given up the last time."})
    failures = fields.Integer(required=True, metadata={"description": "How often it was given up."})
    error = fields.String(
        required=True,
        metadata={
            "description": "What and where, without values; the worker's log has the rest.",
            "example": "sqlalchemy.exc.OperationalError at kit/driver.py:31: the connection is lost",
        },
    )
    first_failed_at = fields.DateTime(required=True)
    last_failed_at = fields.DateTime(required=True)
    retried_at = fields.DateTime(required=True, allow_none=True)


@bp.get("")
@auth(roles={"hq_admin", "auditor"})
@query(DeadLettersIn)
@reply(paged(DeadLetterOut))
def list_dead_letters(limit: int, cursor: str | None, retried: bool) -> dict[str, Any]:
    """Jobs that failed at their last attempt, the latest first; given-up webhooks are at `/v1/webhooks/deliveries`."""
    return page(
        lambda after, count: dead_letters.list_letters(retried=retried, after=after, limit=count),
        name=f"dead letters {retried}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [row["last_failed_at"].isoformat(), str(row["id"])],
    )


@bp.post("/<uuid:letter_id>/retries")
@auth(roles={"hq_admin"})
@refuses(DeadLetterNotFound, DeadLetterRetried, JobGone)
@idempotency.required
@reply(DeadLetterOut, 202)
def retry_dead_letter(letter_id: UUID) -> dict[str, Any]:
    """Have the job run once more, with all its attempts; it comes back to the list if it fails again."""
    return dead_letters.retry(letter_id, now=clock.now())
