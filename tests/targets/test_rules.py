"""Splits of targets: golden figures, and what holds of any figures."""

from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from kit.money import split_by_weight
from targets.rules import states
from targets.rules.authority import TargetNotYours, command_of
from targets.rules.division import Absence, Division, Share, divide
from targets.rules.spreading import Weights, attainment, classified, day_class, spread, time_progress

MONTH = date(2026, 10, 1)
DAYS = [MONTH + timedelta(days=n) for n in range(31)]
NAMESPACE = UUID(int=0)


def share(staff_no: str, *, bp: int = 10_000, fte: int = 10_000, first: int = 1, last: int = 31) -> Share:
    return Share(uuid5(NAMESPACE, staff_no), staff_no, bp, fte, MONTH.replace(day=first), MONTH.replace(day=last))


def totals(division: Division, *shares: Share) -> list[int]:
    return [sum(division.by_guide[one.guide_id]) for one in shares]


# 17 normal and 14 heavy days at 1.5: the heavy ones first, as in a month that begins with a holiday.
GOLDEN_DAYS = classified(
    [(day, "holiday" if n < 14 else "workday", None) for n, day in enumerate(DAYS)], promotions=(), weights=Weights()
)


def test_a_month_over_its_days() -> None:
    amounts = spread(6_000_000, GOLDEN_DAYS)
    assert amounts[:14] == [236_842] * 14
    assert amounts[14:] == [157_895] * 14 + [157_894] * 3
    assert sum(amounts) == 6_000_000


def test_a_month_over_five_guides() -> None:
    shares = [share(f"G{n}", bp=bp) for n, bp in enumerate((6_000, 10_000, 10_000, 10_000, 8_000), 1)]
    found = divide(DAYS, spread(6_000_000, GOLDEN_DAYS), shares)
    assert totals(found, *shares) == [818_182, 1_363_637, 1_363_636, 1_363_636, 1_090_909]
    # Whatever the order in which they are given: the odd fen goes to the smaller staff number.
    assert divide(DAYS, spread(6_000_000, GOLDEN_DAYS), shares[::-1]) == found


def test_working_time_counts_like_a_share() -> None:
    full, half = share("G1"), share("G2", fte=5_000)
    assert totals(divide(DAYS, [300] * 31, [full, half]), full, half) == [6_200, 3_100]


def test_a_joiner_on_the_16th_takes_from_the_days_left_and_from_none_before() -> None:
    amounts = spread(6_000_000, GOLDEN_DAYS)
    old = [share("G1"), share("G2")]
    joiner = share("G3", first=16)
    before, after = divide(DAYS, amounts, old), divide(DAYS, amounts, [*old, joiner])
    for one in old:
        assert after.by_guide[one.guide_id][:15] != [0] * 15
        assert sum(after.by_guide[one.guide_id][:15]) in {sum(amounts[:15]) // 2, -(-sum(amounts[:15]) // 2)}
    assert sum(after.by_guide[joiner.guide_id][:15]) == 0
    left = sum(amounts[15:])
    assert [sum(after.by_guide[one.guide_id][15:]) for one in (*old, joiner)] == split_by_weight(left, [1, 1, 1])
    assert sum(totals(after, *old, joiner)) == sum(totals(before, *old)) == 6_000_000


def test_a_joiner_on_top_leaves_the_others_alone() -> None:
    amounts = [1_000] * 31
    old, joiner = [share("G1"), share("G2", bp=5_000)], share("G3", first=16)
    found = divide(DAYS, amounts, [*old, joiner], joiners_on_top=True)
    assert {g: found.by_guide[g] for g in (one.guide_id for one in old)} == divide(DAYS, amounts, old).by_guide
    # As much as the guide of the same share has in those 16 days.
    assert totals(found, joiner) == [10_667]


def test_a_leaver_and_somebody_on_leave_hand_on_the_days_from_then_on() -> None:
    amounts = [1_000] * 31
    stays, leaves, away = share("G1"), share("G2", last=10), [share("G3", last=20), share("G3", first=25)]
    found = divide(DAYS, amounts, [stays, leaves, *away])
    assert [found.by_guide[stays.guide_id][n] for n in (0, 10, 20, 24)] == [334, 500, 1_000, 500]
    assert sum(found.by_guide[leaves.guide_id][10:]) == 0
    # Somebody who comes back is no joiner.
    on_top = divide(DAYS, amounts, [stays, *away], joiners_on_top=True)
    assert on_top.by_guide[stays.guide_id][24] == 500


def test_leave_is_not_there_on_its_days_and_no_other_day_changes() -> None:
    amounts = spread(6_000_000, GOLDEN_DAYS)
    stays, away = share("G1"), share("G2")
    absences = [Absence(away.guide_id, day) for day in DAYS[20:24]]
    found = divide(DAYS, amounts, [stays, away], absences=absences)
    # The same as shares that end the day before, and begin again the day after.
    assert found == divide(DAYS, amounts, [stays, share("G2", last=20), share("G2", first=25)])
    assert found.by_guide[stays.guide_id][20:24] == amounts[20:24]
    before = divide(DAYS, amounts, [stays, away])
    assert [part[:20] for part in found.by_guide.values()] == [part[:20] for part in before.by_guide.values()]
    # Who is away on the first day is no joiner.
    first = [Absence(away.guide_id, DAYS[0])]
    on_top = divide(DAYS, amounts, [stays, away], absences=first, joiners_on_top=True)
    assert sum(map(sum, on_top.by_guide.values())) == 6_000_000


def test_days_on_which_nobody_is_there_are_told() -> None:
    found = divide(DAYS, [1_000] * 31, [share("G1", last=30), share("G2", bp=0)])
    assert (found.unassigned[29:], totals(found, share("G1"), share("G2"))) == ([0, 1_000], [30_000, 0])
    assert divide(DAYS, [7] * 31, []).unassigned == [7] * 31


AMOUNTS = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any)


@given(AMOUNTS, WEIGHTS)
def test_a_split_is_exact_and_within_one_of_each_exact_share(amount: int, weights: list[int]) -> None:
    parts = split_by_weight(amount, weights)
    assert sum(parts) == amount
    assert all(
        abs(part - Fraction(amount * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
    )
    assert split_by_weight(-amount, weights) == [-part for part in parts]
    # Equal weights: the earlier has at least as much.
    assert all(a >= b for (a, v), (b, w) in zip(zip(parts, weights), zip(parts[1:], weights[1:])) if v == w)  # noqa: B905


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 2]])
def test_weights_that_split_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split_by_weight(1, weights)


@st.composite
def some_shares(draw: st.DrawFn) -> list[Share]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        first = draw(st.integers(1, 31))
        bp, fte = draw(st.integers(0, 20_000)), draw(st.integers(1, 10_000))
        found.append(share(f"G{number}", bp=bp, fte=fte, first=first, last=draw(st.integers(first, 31))))
    return found


@given(AMOUNTS, some_shares())
def test_days_add_up_over_guides_and_guides_over_segments(amount: int, shares: list[Share]) -> None:
    amounts = spread(amount, GOLDEN_DAYS)
    found = divide(DAYS, amounts, shares)
    for n in range(31):
        assert sum(parts[n] for parts in found.by_guide.values()) + found.unassigned[n] == amounts[n]
    assert all(part >= -1 for parts in found.by_guide.values() for part in parts)


@given(AMOUNTS, some_shares(), st.integers(2, 31), st.booleans())
def test_who_comes_or_leaves_later_changes_no_day_that_is_gone(
    amount: int, shares: list[Share], first: int, on_top: bool
) -> None:
    amounts = spread(amount, GOLDEN_DAYS)
    shares = [share("G0"), *shares]
    before = divide(DAYS, amounts, shares, joiners_on_top=on_top)
    left = [
        one._replace(last_day=min(one.last_day, DAYS[first - 2])) for one in shares if one.first_day < DAYS[first - 1]
    ]
    after = divide(DAYS, amounts, [*left, share("G99", first=first)], joiners_on_top=on_top)
    for guide_id in {one.guide_id for one in left}:
        assert before.by_guide[guide_id][: first - 1] == after.by_guide[guide_id][: first - 1]


@pytest.mark.parametrize(
    ("kind", "festival", "promotion", "expected"),
    [
        ("workday", None, False, "weekday"),
        ("makeup_workday", None, False, "weekday"),
        ("weekend", None, False, "weekend"),
        ("holiday", "春节", False, "festival"),
        ("workday", "七夕", False, "festival"),
        ("holiday", "国庆", True, "promotion"),
    ],
)
def test_what_a_day_counts_as(kind: str, festival: str | None, promotion: bool, expected: str) -> None:
    assert day_class(kind=kind, festival=festival, is_promotion=promotion) == expected


def test_progress_and_attainment_are_pairs() -> None:
    assert time_progress(GOLDEN_DAYS, through=DAYS[0]) == (15_000, 380_000)
    assert time_progress(GOLDEN_DAYS, through=DAYS[0] - timedelta(days=1)) == (0, 380_000)
    assert time_progress(GOLDEN_DAYS, through=DAYS[-1] + timedelta(days=9)) == (380_000, 380_000)
    assert attainment(99_995, 100_000) == (99_995, 100_000)
    assert (attainment(5, None), attainment(5, 0)) == (None, None)


@pytest.mark.parametrize(
    ("level", "roles", "command"),
    [
        ("region", {"hq_admin"}, "set"),
        ("region", {"regional_manager"}, "propose"),
        ("store", {"regional_manager"}, "set"),
        ("store", {"store_manager"}, "propose"),
        ("store", {"store_manager", "regional_manager"}, "set"),
        ("guide", {"store_manager"}, "set"),
    ],
)
def test_who_says_what(level: str, roles: set[str], command: str) -> None:
    assert command_of(level, roles) == command


@pytest.mark.parametrize(("level", "role"), [("region", "store_manager"), ("store", "guide"), ("guide", "guide")])
def test_who_says_nothing(level: str, role: str) -> None:
    with pytest.raises(TargetNotYours):
        command_of(level, {role})


class Life(RuleBasedStateMachine):
    """A target keeps what was approved until something else is; nothing is approved that nobody proposed."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.approved = states.NONE, False

    @rule(command=st.sampled_from(states.COMMANDS))
    def step(self, command: str) -> None:
        waiting = self.state in ("proposed", "change_proposed")
        try:
            after = states.move(self.state, command)
        except states.TargetStateForbids:
            assert command in ("approve", "return")
            assert not waiting
            return
        assert command in ("set", "propose") or waiting
        self.approved = self.approved or after == "approved"
        assert self.approved == (after in ("approved", "change_proposed"))
        self.state = after


TestLife = Life.TestCase
