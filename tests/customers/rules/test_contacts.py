"""What is allowed is allowed; what is not says every reason, and when it will be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.rules.contacts import MONTH, WEEK, Facts, judge
from customers.rules.policies import ContactPolicy
from customers.rules.quiet import QuietHours, is_quiet
from models.contact import CONTACT_CHANNELS

NIGHT = QuietHours("21:00", "09:00", "Asia/Shanghai")
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)  # 12:00 in Shanghai
EVENING = datetime(2026, 11, 21, 14, tzinfo=UTC)  # 22:00 in Shanghai
POLICY = ContactPolicy()


def facts(**known: Any) -> Facts:
    said = known.pop("consented", True)
    consents = {} if said is None else dict.fromkeys(CONTACT_CHANNELS, said)
    silent: dict[str, Any] = {"erased": False, "consents": consents, "bound": True, "refused_guide": False}
    return Facts(**{**silent, "contacted_at": [], "quiet": NIGHT, **known})


@pytest.mark.parametrize(
    ("known", "channel", "reasons"),
    [
        ({}, "sms", ()),
        ({"consented": False}, "wecom", ("no_consent",)),
        ({"consented": None}, "sms", ("no_consent",)),
        ({"consented": None}, "wecom", ()),
        ({"consented": None, "bound": False}, "wechat", ("no_consent",)),
        ({"refused_guide": True}, "sms", ("refused_guide",)),
        ({"erased": True, "consented": False}, "sms", ("erased",)),
        ({"consented": False, "refused_guide": True}, "sms", ("no_consent", "refused_guide")),
    ],
)
def test_what_the_customer_said_decides(known: dict[str, Any], channel: str, reasons: tuple[str, ...]) -> None:
    assert judge(facts(**known), channel=channel, policy=POLICY, now=NOON).reasons == reasons


def test_a_used_budget_is_free_again_a_week_after_the_last_but_one() -> None:
    contacted = [NOON - timedelta(days=1), NOON - timedelta(days=5)]
    verdict = judge(facts(contacted_at=contacted), channel="sms", policy=POLICY, now=NOON)
    assert verdict == (("budget_used",), NOON + timedelta(days=2))


def test_of_budget_and_night_both_are_told_and_the_later_counts() -> None:
    contacted = [EVENING - timedelta(days=1), EVENING - timedelta(days=5)]
    verdict = judge(facts(contacted_at=contacted), channel="sms", policy=POLICY, now=EVENING)
    # The budget is free at 22:00 two days later, which is night again: 09:00 on the day after.
    assert verdict == (("budget_used", "quiet_hours"), datetime(2026, 11, 24, 1, tzinfo=UTC))


def test_no_waiting_helps_where_the_limit_is_zero() -> None:
    verdict = judge(facts(), channel="sms", policy=ContactPolicy(week_limit=0), now=NOON)
    assert verdict == (("budget_used",), None)


@settings(max_examples=150, deadline=None)
@given(
    ages=st.lists(st.integers(0, 30 * 1440 - 1), max_size=12),
    week=st.integers(1, 4),
    month=st.integers(1, 8),
    hour=st.integers(0, 23),
)
def test_at_the_next_allowed_time_it_is_allowed_and_never_sooner(
    ages: list[int], week: int, month: int, hour: int
) -> None:
    now = NOON + timedelta(hours=hour)
    contacted = [now - timedelta(minutes=age) for age in sorted(ages)]
    policy = ContactPolicy(week_limit=week, month_limit=month)
    verdict = judge(facts(contacted_at=contacted), channel="sms", policy=policy, now=now)
    at = verdict.next_allowed_at
    assert at is not None
    assert allowed_by_counting(contacted, policy, at)
    assert verdict.allowed == allowed_by_counting(contacted, policy, now)
    sooner = [now + (at - now) * part / 7 for part in range(7)] if at > now else []
    assert not any(allowed_by_counting(contacted, policy, earlier) for earlier in sooner)


def allowed_by_counting(contacted: list[datetime], policy: ContactPolicy, at: datetime) -> bool:
    in_week = sum(at - contact < WEEK for contact in contacted)
    in_month = sum(at - contact < MONTH for contact in contacted)
    return in_week < policy.week_limit and in_month < policy.month_limit and not is_quiet(at, NIGHT)
