"""Closing a period: what its rules owe, less what was posted for it, as new entries; again, the difference.

Tables are posted by line, pools, contests and guarantees by person. Nothing else posts what depends on a period.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from commissions import queries
from commissions.queries.facts import Span, load_facts
from commissions.queries.periods import (
    get_period,
    has_open_before,
    list_outdated,
    list_spans,
    lock_period,
)
from commissions.rules.at_once import names_posted_at_once
from commissions.rules.closing import dues_of
from commissions.rules.pay.payments import Question
from commissions.rules.states import move
from commissions.service.closing_rows import DueRow, post_rows, row_of
from kit import jobs, locks
from kit.errors import Conflict
from models import PayPeriod


class EarlierPeriodOpen(Conflict):
    """An earlier period of the group is not approved: periods are approved one after the other."""

    code = "earlier_period_open"


class SelfApproval(Conflict):
    """Who closed a period does not approve it."""

    code = "period_self_approval"


class Projected(NamedTuple):
    """What closing would post of a period of a plan version, and what nobody could answer."""

    span: Span
    rows: list[DueRow]
    questions: list[Question]


def begin_closing(*, period_id: UUID, by: UUID, now: datetime) -> PayPeriod:
    """Have a worker close the period, or close it anew; raises PayPeriodNotFound, PeriodStateForbids."""
    period = lock_period(period_id)
    period.state = move(period.state, "close")
    period.closed_by, period.closed_at = by, now
    jobs.enqueue("commissions.jobs:close_period", period_id=str(period_id))
    return period


def close_period(*, period_id: UUID, now: datetime) -> int:
    """Post what the period owes, and what came in for closed ones of its group; how many entries that took.

    Does nothing to a period that nobody is closing. Raises PayPeriodNotFound.
    """
    # Whoever posts, approves a version or closes another period waits, and is waited for.
    locks.hold(queries.VERSIONS_LOCK)
    period = lock_period(period_id)
    if period.state != "closing":
        return 0
    entries = sum(_post_period(lock_period(late_id), now=now) for late_id in list_outdated(period.group_code))
    entries += _post_period(period, now=now)
    period.state = move(period.state, "finish")
    return entries


def approve_period(*, period_id: UUID, by: UUID, now: datetime) -> PayPeriod:
    """Fix what was posted: what comes later is an entry of the first open period.

    Raises PayPeriodNotFound, PeriodStateForbids, SelfApproval, EarlierPeriodOpen.
    """
    locks.hold(queries.VERSIONS_LOCK)
    period = lock_period(period_id)
    state = move(period.state, "approve")
    if period.closed_by == by:
        raise SelfApproval
    if has_open_before(period):
        raise EarlierPeriodOpen
    period.state, period.approved_by, period.approved_at = state, by, now
    return period


def project_period(period_id: UUID) -> Iterator[Projected]:
    """What closing would post, by periods of plans; nothing is written. Raises PayPeriodNotFound."""
    for span in list_spans(get_period(period_id)):
        if projected := _project(span):
            yield projected


def _project(span: Span) -> Projected | None:
    at_once = names_posted_at_once(span.plan)
    if at_once >= {rule.name for rule in span.plan.rules} and span.plan.most is None:
        return None
    loaded = load_facts(span)
    found = dues_of(span.plan, loaded.facts, at_once=at_once, approved=span.approved_at is not None)
    return Projected(span, [row_of(span, loaded, due) for due in found.dues], found.questions)


def _post_period(period: PayPeriod, *, now: datetime) -> int:
    entries = 0
    for span in list_spans(period):
        if projected := _project(span):
            entries += _post(projected, period)
    period.read_at = now
    return entries


def _post(projected: Projected, period: PayPeriod) -> int:
    span = projected.span
    return post_rows(
        projected.rows,
        version_id=span.version_id,
        period_ends=span.days.last,
        currency=span.plan.currency,
        period=period,
    )
