"""What is left of a line at a moment, and who has which part of it."""

from enum import StrEnum
from fractions import Fraction
from typing import Literal, NamedTuple

from commissions.rules.language.facts import CreditFact, Line, RefundFact
from commissions.rules.language.model import WHOLE_BP, Plan, Share
from kit.money import split_by_weight

SELLER = Share(role="seller", share_bp=WHOLE_BP)
STORE_ROLES = frozenset({"home_store", "ordering_store", "fulfilling_store"})


class Moment(StrEnum):
    """At approval refunds until then are known; now, all are."""

    APPROVAL = "approval"
    NOW = "now"


class To(NamedTuple):
    """Who is paid. Sorted, staff come before stores and smaller numbers before greater: so ties go."""

    kind: Literal["a_staff", "b_store"]
    code: str


class Left(NamedTuple):
    """What is left of a line of what it sold."""

    net: int
    units: int


def left_of(plan: Plan, line: Line, moment: Moment) -> Left:
    """Net and units of a line less its refunds; nothing of a line of an earlier period."""
    if line.earlier:
        return Left(0, 0)
    refunds = known_refunds(line, moment)
    net, units = line.net - sum(one.net for one in refunds), line.units - sum(one.units for one in refunds)
    return Left(max(0, net - _left_out(plan, line, net)), max(0, units))


def _left_out(plan: Plan, line: Line, net: int) -> int:
    """The part of a line that is paid by what the plan leaves out, in proportion to what is left of it."""
    out = line.paid_by_points if "points" in plan.excludes else 0
    out += line.paid_by_stored_value if "stored_value_consumption" in plan.excludes else 0
    return min(out, line.net) * net // line.net if line.net else 0


def known_refunds(line: Line, moment: Moment) -> list[RefundFact]:
    """The refunds that are known at the moment."""
    return [one for one in line.refunds if moment is Moment.NOW or one.when != "after_approval"]


def counted_net(plan: Plan, line: Line, moment: Moment, *, settled: bool = False) -> int:
    """What a line adds to a period's net, by how the plan treats refunds; of settled net, on the day of each."""
    sold = 0 if line.earlier else line.net - _left_out(plan, line, line.net)
    way = "in_refund_period" if settled else plan.refunds.attainment
    if way == "none":
        return sold
    if way == "in_refund_period":
        return sold - sum(one.net for one in line.refunds if one.when == "in_period")
    return left_of(plan, line, moment).net


def holders(line: Line, shares: tuple[Share, ...] = ()) -> dict[To, Fraction]:
    """The part of a pot that each has: a role's share by the shares of those who have the role, in order of ties.

    The share of a role that nobody has in the line is nobody's.
    """
    found: dict[To, Fraction] = {}
    for share in shares or (SELLER,):
        for credit in line.credits:
            if credit.role == share.role:
                part = Fraction(share.share_bp * credit.share_bp, WHOLE_BP * WHOLE_BP)
                found[to_of(credit)] = found.get(to_of(credit), Fraction(0)) + part
    return dict(sorted(found.items()))


def to_of(credit: CreditFact) -> To:
    """Who a credit pays."""
    return To("b_store" if credit.role in STORE_ROLES else "a_staff", credit.to)


def own_part(line: Line, amount: int, staff_no: str) -> int:
    """A seller's part of an amount of a line, whose parts add up."""
    sellers = sorted((one for one in line.credits if one.role == "seller"), key=lambda one: one.to)
    if not any(one.to == staff_no for one in sellers):
        return 0
    parts = split_by_weight(amount, [one.share_bp for one in sellers])
    return sum(part for one, part in zip(sellers, parts, strict=True) if one.to == staff_no)
