"""What line rules pay: at once what depends on the line alone, at closing what depends on the period."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Literal, NamedTuple

from commissions.rules.language.facts import Line
from commissions.rules.language.model import (
    WHOLE_BP,
    ByRole,
    ByTable,
    Fixed,
    Greater,
    LineRule,
    Percentage,
    Share,
    Table,
)
from commissions.rules.pay.bases import Left, To, holders, left_of, own_part
from commissions.rules.pay.exact import rounded, split, split_rounded
from commissions.rules.pay.measures import World, measured, reached
from commissions.rules.pay.payments import Outcome, Payment, Question, limited
from commissions.rules.pay.tables import combined, marginal, value_at

EARLIEST = datetime.min.replace(tzinfo=UTC)


class Sold(NamedTuple):
    """A line that a rule pays for, and what is left of it."""

    number: int
    line: Line
    left: Left


def is_paid_at_once(rule: LineRule) -> bool:
    """Whether a rule's money depends on the line alone; the rest waits for closing."""
    return not (isinstance(rule.pays, ByTable) or rule.coefficients or rule.gates or rule.most is not None)


def pay_lines(world: World) -> Outcome:
    """What every line rule pays, line by line."""
    payments: list[Payment] = []
    questions: list[Question] = []
    of_rule: dict[str, list[Sold]] = {}
    for number, line in enumerate(world.facts.lines):
        for rule in world.rules_by_line[number]:
            of_rule.setdefault(rule.name, []).append(Sold(number, line, left_of(world.plan, line, world.moment)))
    for rule in world.plan.line_rules:
        paid, asked = _pay(world, rule, of_rule.get(rule.name, []))
        payments += paid
        questions += asked
    return Outcome(payments, questions)


def _pay(world: World, rule: LineRule, sold: list[Sold]) -> Outcome:
    if isinstance(rule.pays, ByTable) or rule.coefficients:
        paid, questions = _by_period(world, rule, sold)
    else:
        questions = [Question(rule.name, "cost_unknown", one.number) for one in sold if _lacks_cost(rule, one)]
        paid = [payment for one in sold for payment in _by_line(rule, one, _first_of_receipt(sold))]
    return Outcome(_within_limits(world, rule, paid), questions)


def _within_limits(world: World, rule: LineRule, paid: list[Payment]) -> list[Payment]:
    if not rule.gates and rule.most is None:
        return paid
    by_person: dict[To, list[Payment]] = {}
    for payment in paid:
        by_person.setdefault(payment.to, []).append(payment)
    found: list[Payment] = []
    for to, own in sorted(by_person.items()):
        if all(reached(world, gate, to) for gate in rule.gates):
            found += own if rule.most is None else limited(own, rule.most)
    return found


def _first_of_receipt(sold: list[Sold]) -> set[int]:
    """Of each receipt, the first of the lines of which something is left; lines without a receipt are one each."""
    firsts: dict[object, int] = {}
    for one in sold:
        if one.left.units:
            firsts.setdefault(one.line.receipt or one.number, one.number)
    return set(firsts.values())


def _by_line(rule: LineRule, sold: Sold, firsts: set[int]) -> Iterator[Payment]:
    if isinstance(rule.pays, ByRole):
        for rate in rule.pays.rates:
            own = holders(sold.line, (Share(role=rate.role, share_bp=WHOLE_BP),))
            yield from _divided(rule, sold, Fraction(sold.left.net * rate.rate_bp, WHOLE_BP), own)
        return
    exact = exact_pay(rule, sold.line, sold.left, is_first=sold.number in firsts)
    yield from _divided(rule, sold, exact, holders(sold.line, rule.credits))


def _divided(rule: LineRule, sold: Sold, exact: Fraction, parts: dict[To, Fraction]) -> Iterator[Payment]:
    # What nobody has the role for takes part in the division, and is not paid.
    nobody = 1 - sum(parts.values(), Fraction(0))
    amounts = split(rounded(exact), [*parts.values(), nobody])
    base: Literal["net", "units"] = "units" if isinstance(rule.pays, Fixed) else "net"
    for (to, part), amount in zip(parts.items(), amounts, strict=False):
        if amount:
            yield Payment(to, rule.name, sold.number, amount, base, exact * part)


def exact_pay(rule: LineRule, line: Line, left: Left, *, is_first: bool = True) -> Fraction:
    """What a rule pays for what is left of a line, before it is rounded; what asks for an unknown cost pays nothing."""
    pays = rule.pays
    if isinstance(pays, Greater):
        return max(_one(part, line, left, is_first=is_first) for part in pays.of)
    if isinstance(pays, Percentage | Fixed):
        return _one(pays, line, left, is_first=is_first)
    return Fraction(0)


def _one(pays: Percentage | Fixed, line: Line, left: Left, *, is_first: bool) -> Fraction:
    if isinstance(pays, Fixed):
        return Fraction(pays.amount * (left.units if pays.per == "unit" else int(is_first and left.units > 0)))
    if pays.of == "net":
        return Fraction(left.net * pays.rate_bp, WHOLE_BP)
    if pays.of == "tag_price":
        return Fraction((line.tag_price or 0) * left.units * pays.rate_bp, line.units * WHOLE_BP)
    if line.cost is None:
        return Fraction(0)
    margin = Fraction(left.net) - Fraction(line.cost * left.units, line.units)
    return max(Fraction(0), margin * pays.rate_bp / WHOLE_BP)


def _lacks_cost(rule: LineRule, sold: Sold) -> bool:
    pays = rule.pays.of if isinstance(rule.pays, Greater) else (rule.pays,)
    return sold.line.cost is None and any(isinstance(one, Percentage) and one.of == "margin" for one in pays)


def _by_period(world: World, rule: LineRule, sold: list[Sold]) -> Outcome:
    payments: list[Payment] = []
    questions = [Question(rule.name, "cost_unknown", one.number) for one in sold if _lacks_cost(rule, one)]
    table = world.plan.table(rule.pays.table) if isinstance(rule.pays, ByTable) else None
    firsts = _first_of_receipt(sold)
    for to, own in _by_owner(rule, sold).items():
        factor, unknown = _factor(world, rule, table, to)
        questions += [Question(rule.name, "figure_unknown", to=to)] if unknown else []
        if table and table.gives == "amount":
            amount = rounded(value_at(table, measured(world, table.measure, to)) * factor)
            payments += [Payment(to, rule.name, None, amount)] if amount else []
            continue
        exact = [one * factor for one in _exact_lines(world, rule, table, to, own, firsts)]
        for (one, _), amount, unrounded in zip(own, split_rounded(exact), exact, strict=True):
            payments += [Payment(to, rule.name, one.number, amount, exact=unrounded)] if amount else []
    return Outcome(payments, questions)


Owned = list[tuple[Sold, Fraction]]


def _by_owner(rule: LineRule, sold: list[Sold]) -> dict[To, Owned]:
    """Of each who is paid, their lines with their part of each."""
    found: dict[To, Owned] = {}
    for one in sold:
        for to, part in holders(one.line, rule.credits).items():
            found.setdefault(to, []).append((one, part))
    return dict(sorted(found.items()))


def _factor(world: World, rule: LineRule, table: Table | None, to: To) -> tuple[Fraction, bool]:
    """What exact pay is multiplied by, and whether a figure for it is missing."""
    tables = [world.plan.table(one.table) for one in rule.coefficients.of] if rule.coefficients else []
    figures = [(one, measured(world, one.measure, to)) for one in tables if one]
    values = [value_at(one, figure) for one, figure in figures]
    unknown = any(figure is None for _, figure in figures)
    unknown |= table is not None and measured(world, table.measure, to) is None
    return combined(rule.coefficients, values) if rule.coefficients else Fraction(1), unknown


def _exact_lines(
    world: World, rule: LineRule, table: Table | None, to: To, own: Owned, firsts: set[int]
) -> list[Fraction]:
    if table and table.method == "marginal":
        by_line = _marginal_lines(world, table, to)
        return [by_line.get(one.number, Fraction(0)) for one, _ in own]
    if table:
        rate = value_at(table, measured(world, table.measure, to)) / WHOLE_BP
        return [one.left.net * part * rate for one, part in own]
    return [exact_pay(rule, one.line, one.left, is_first=one.number in firsts) * part for one, part in own]


def _marginal_lines(world: World, table: Table, to: To) -> dict[int, Fraction]:
    """Of each line, what its own part of the period's sum earns; lines stand in the order in which they were sold."""
    found, before = {}, 0
    own = [(number, world.facts.lines[number]) for number in world.lines_of.get(("person", to.code), ())]
    for number, line in sorted(own, key=_as_sold):
        after = before + own_part(line, left_of(world.plan, line, world.moment).net, to.code)
        found[number] = marginal(table, before=before, after=after)
        before = after
    return found


def _as_sold(numbered: tuple[int, Line]) -> tuple[date, datetime, str, int]:
    """By business day, then time, then receipt: lines of one receipt as they stand in it."""
    number, line = numbered
    return line.day or date.min, line.at or EARLIEST, line.receipt or "", number
