"""Whether a customer may be contacted now, every reason why not, and when next."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from customers.rules.policies import ContactPolicy
from customers.rules.quiet import QuietHours, first_loud
from kit.words import Said, say

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
# Waiting helps against these alone.
PASSING = frozenset({"budget_used", "quiet_hours"})
REASONS = ("not_found", "erased", "no_consent", "refused_guide", "budget_used", "quiet_hours")


class Facts(NamedTuple):
    """What is known of a customer in sight, for one guide."""

    erased: bool
    consents: Mapping[str, bool]  # by channel; one that they never said anything about is not in it
    bound: bool
    refused_guide: bool
    contacted_at: Sequence[datetime]  # in the last 30 days, newest first
    quiet: QuietHours


class Verdict(NamedTuple):
    """No reasons: allowed now. `next_allowed_at` is None where waiting does not help."""

    reasons: tuple[str, ...]
    next_allowed_at: datetime | None

    @property
    def allowed(self) -> bool:
        """Whether the customer may be contacted now."""
        return not self.reasons

    @property
    def said(self) -> Said | None:
        """All reasons in one sentence; None where there are none."""
        reasons = [say(f"contact.{reason}") for reason in self.reasons]
        return say("contact.refused", reasons=reasons) if reasons else None


NOT_FOUND = Verdict(("not_found",), None)


def judge(facts: Facts, *, channel: str, policy: ContactPolicy, now: datetime) -> Verdict:
    """Every reason against contacting the customer now, and the next instant at which none would be left."""
    if facts.erased:
        return Verdict(("erased",), None)
    reasons = []
    if not _consents(facts, channel, policy.unrecorded.get(channel, "refused")):
        reasons.append("no_consent")
    if facts.refused_guide:
        reasons.append("refused_guide")
    free_at = budget_free_at(facts.contacted_at, policy=policy, now=now)
    if free_at != now:
        reasons.append("budget_used")
    if first_loud(now, facts.quiet) != now:
        reasons.append("quiet_hours")
    if free_at is None or not PASSING.issuperset(reasons):
        return Verdict(tuple(reasons), None)
    return Verdict(tuple(reasons), first_loud(free_at, facts.quiet))


def budget_free_at(contacted_at: Sequence[datetime], *, policy: ContactPolicy, now: datetime) -> datetime | None:
    """The first instant from `now` on at which one more contact is within both limits; None if a limit is 0."""
    free_at = now
    for limit, window in ((policy.week_limit, WEEK), (policy.month_limit, MONTH)):
        if limit == 0:
            return None
        if len(contacted_at) >= limit:
            free_at = max(free_at, contacted_at[limit - 1] + window)
    return free_at


def _consents(facts: Facts, channel: str, unrecorded: str) -> bool:
    if channel in facts.consents:
        return facts.consents[channel]
    return unrecorded == "allowed" or (unrecorded == "if_bound" and facts.bound)
