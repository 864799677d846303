"""What holds for any plan and any facts: exact sums, and nothing that depends on the order of arrival."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from commissions.rules.language.facts import Facts, RefundFact
from commissions.rules.language.model import Period
from commissions.rules.pay.bases import Moment
from commissions.rules.pay.evaluate import changes_after, owed
from commissions.rules.pay.exact import kept, rounded, split_rounded
from commissions.rules.pay.payments import total
from commissions.rules.pay.periods import Days, period_of
from commissions.rules.pay.tables import marginal
from tests.commissions.rules.plans import BY_TABLE, later, line, pay, plan, table

FEN = st.integers(0, 10**9)
LINES = st.lists(st.tuples(FEN, st.integers(1, 5), st.integers(0, 10_000)), min_size=1, max_size=8)
PLANS = (
    plan(),
    plan(BY_TABLE, tables=[table({0: 100, 5_000: 200, 10**8: 333}, method="marginal")]),
    plan(BY_TABLE, tables=[table({0: 100, 5_000: 200, 10**8: 333})]),
    plan(BY_TABLE, tables=[table({0: 100, 5_000: 200}, method="linear", of="store")]),
    plan({"kind": "line", "name": "u", "pays": {"kind": "fixed", "amount": 77}}),
)  # fmt: skip


def facts_of(lines: list[tuple[int, int, int]], refunds: tuple[RefundFact, ...] = ()) -> Facts:
    """Lines of two sellers each, sold one after another."""
    made: list[dict[str, Any]] = []
    for number, (net, units, share) in enumerate(lines):
        credits = [{"to": "G1", "share_bp": share}, {"to": "G2", "share_bp": 10_000 - share}]
        made.append({**line(net), "credits": credits, "units": units, "at": f"2026-11-{number + 1:02}T08:00:00Z"})
    facts = msgspec.convert({"lines": made}, Facts)
    first, *others = facts.lines
    return replace(facts, lines=(replace(first, refunds=refunds), *others))


@given(st.lists(st.fractions(0, 10**6), max_size=12))
def test_parts_add_up_to_their_rounded_sum(parts: list[Fraction]) -> None:
    split = split_rounded(parts)
    assert sum(split) == rounded(sum(parts, Fraction(0)))
    assert all(abs(given - exact) < 1.5 for given, exact in zip(split, parts, strict=True))


@given(LINES)
def test_a_pot_is_divided_to_the_fen(lines: list[tuple[int, int, int]]) -> None:
    payments = owed(PLANS[0], facts_of(lines)).payments
    assert total(payments) == sum((net * 300 + 5_000) // 10_000 for net, _, _ in lines)


@given(LINES, st.randoms(use_true_random=False))
def test_pay_does_not_depend_on_the_order_of_arrival(lines: list[tuple[int, int, int]], random: Random) -> None:
    facts = facts_of(lines)
    shuffled = replace(facts, lines=tuple(random.sample(facts.lines, len(facts.lines))))
    for by in PLANS:
        assert pay(by, shuffled) == pay(by, facts)


@pytest.mark.parametrize(
    "sold", [[("a", "T08:00:00+08:00"), ("b", "T01:00:00Z")], [("a", "T08:00:00Z"), ("b", "T08:00:00Z")]]
)
def test_tiers_take_lines_as_they_were_sold_in_any_zone_and_within_a_second(sold: list[tuple[str, str]]) -> None:
    lines = [{**line(4_000), "receipt": receipt, "at": f"2026-11-02{at}"} for receipt, at in sold]
    for told in (lines, lines[::-1]):
        facts = msgspec.convert({"lines": told}, Facts)
        paid = {
            facts.lines[one.line].receipt: one.amount for one in owed(PLANS[1], facts).payments if one.line is not None
        }
        assert paid == {"a": 40, "b": 70}


@given(LINES)
def test_refunds_that_are_known_in_time_are_as_if_less_was_sold(lines: list[tuple[int, int, int]]) -> None:
    """What closing posts is what was projected: the facts decide, not when they were looked at."""
    net, units, share = lines[0]
    facts = facts_of(lines, (RefundFact(net=net // 3, when="while_open"),))
    for by in PLANS:
        assert owed(by, facts, Moment.APPROVAL) == owed(by, facts, Moment.NOW)
        assert pay(by, facts) == pay(by, facts_of([(net - net // 3, units, share), *lines[1:]]))


@given(LINES)
def test_what_comes_back_whole_takes_back_all(lines: list[tuple[int, int, int]]) -> None:
    """In parts or at once, after approval: of the line nothing is left."""
    net, units, _ = lines[0]
    parts = (
        RefundFact(net=net // 3, when="after_approval"),
        RefundFact(net=net - net // 3, units=units, when="after_approval"),
    )
    facts = facts_of(lines[:1], parts)
    for by in PLANS:
        paid, changes = pay(by, facts), later(by, facts)
        assert {to: amount + changes.get(to, 0) for to, amount in paid.items()} == dict.fromkeys(paid, 0)


@given(FEN, st.lists(st.integers(0, 10**6), max_size=6))
def test_partial_reversals_sum_to_the_whole(entry: int, parts: list[int]) -> None:
    """Each is what is kept less what was there; the last brings it to 0 whatever was rounded between."""
    base, had, reversed_ = sum(parts), entry, 0
    remaining = base
    for part in parts:
        remaining -= part
        now = kept(entry, kept_base=remaining, base=base)
        reversed_ += now - had
        had = now
    assert reversed_ == (-entry if base else 0)


@given(LINES)
def test_recomputing_ends_where_the_smaller_sale_would(lines: list[tuple[int, int, int]]) -> None:
    net, units, share = lines[0]
    facts = facts_of(lines, (RefundFact(net=net // 2, when="after_approval"),))
    for by in PLANS:
        anew = replace(by, refunds=replace(by.refunds, reverse="recompute"))
        after = total(owed(anew, facts).payments) + total(changes_after(anew, facts))
        assert after == sum(pay(by, facts_of([(net - net // 2, units, share), *lines[1:]])).values())


@given(st.lists(FEN, min_size=1, max_size=6))
def test_marginal_parts_are_the_marginal_whole(sums: list[int]) -> None:
    [by] = plan(BY_TABLE, tables=[table({0: 100, 5_000: 200, 10**8: 333}, method="marginal")]).tables
    before, parts = 0, Fraction(0)
    for one in sums:
        parts += marginal(by, before=before, after=before + one)
        before += one
    assert parts == marginal(by, before=0, after=before)


@given(st.dates(date(1901, 1, 1), date(2899, 1, 1)), st.integers(1, 28), st.sampled_from(["month", "quarter"]))
def test_every_day_lies_in_one_period(day: date, from_day: int, unit: Any) -> None:
    period = Period(unit=unit, from_day=from_day)
    days = period_of(day, period)
    assert days
    assert days.first <= day <= days.last
    assert days.first.day == from_day
    following = period_of(days.last + timedelta(days=1), period)
    assert following
    assert following.first == days.last + timedelta(days=1)
    assert period_of(days.first, period) == period_of(days.last, period) == days


def test_periods_that_people_know() -> None:
    day = date(2026, 11, 27)
    assert period_of(day, Period(from_day=26)) == Days(date(2026, 11, 26), date(2026, 12, 25))
    assert period_of(date(2026, 1, 25), Period(from_day=26)) == Days(date(2025, 12, 26), date(2026, 1, 25))
    assert period_of(day, Period(unit="week")) == Days(date(2026, 11, 23), date(2026, 11, 29))
    assert period_of(day, Period(unit="week", from_day=5)) == Days(date(2026, 11, 27), date(2026, 12, 3))
    assert period_of(day, Period(unit="quarter")) == Days(date(2026, 10, 1), date(2026, 12, 31))
    campaign = Days(date(2026, 11, 1), date(2026, 11, 11))
    assert period_of(day, Period(unit="campaign", campaign="11.11"), campaign) is None
    assert period_of(date(2026, 11, 11), Period(unit="campaign", campaign="11.11"), campaign) == campaign
