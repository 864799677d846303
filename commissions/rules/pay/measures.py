"""Figures of a period as pairs, compared by cross-multiplication: no float, and no gap between 99 and 100 %."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from commissions.rules.language.facts import Facts, Line
from commissions.rules.language.model import RATIOS, WHOLE_BP, Gate, LineRule, Measure, Plan
from commissions.rules.pay.bases import Moment, To, counted_net, left_of, own_part
from commissions.rules.pay.matching import counts, rules_of


@dataclass(frozen=True)
class World:
    """A plan, the facts of a period, and how much of them is known."""

    plan: Plan
    facts: Facts
    moment: Moment = Moment.NOW

    @cached_property
    def rules_by_line(self) -> list[list[LineRule]]:
        """Of each line, the rules that it falls under."""
        return [rules_of(self.plan, line, self.facts) for line in self.facts.lines]

    @cached_property
    def counted_lines(self) -> list[int]:
        """The numbers of the lines that count towards attainment."""
        lines = zip(self.facts.lines, self.rules_by_line, strict=True)
        return [number for number, (line, rules) in enumerate(lines) if counts(self.plan, line, rules)]

    @cached_property
    def lines_of(self) -> dict[tuple[str, str], list[int]]:
        """The numbers of the lines that count, by person, store and region."""
        found: dict[tuple[str, str], list[int]] = {}
        regions = {store.code: store.region for store in self.facts.stores}
        for number in self.counted_lines:
            line = self.facts.lines[number]
            region = regions.get(line.store) or self.facts.store_of(line.store).region
            subjects = {("person", credit.to) for credit in line.credits if credit.role == "seller"}
            for subject in (*subjects, ("store", line.store), ("region", region)):
                found.setdefault(subject, []).append(number)
        return found

    @cached_property
    def figures(self) -> dict[tuple[Measure, str], Fraction | None]:
        """The figures that were counted so far, by whose they are."""
        return {}


def subject_of(world: World, measure: Measure, to: To) -> str:
    """Whose figure: the person's or store's own, their store's, or its region's."""
    if measure.of == "person":
        return to.code
    store = to.code if to.kind == "b_store" else store_of(world.facts, to.code)
    return store if measure.of == "store" else world.facts.store_of(store).region


def store_of(facts: Facts, staff_no: str) -> str:
    """The store that somebody is placed at; of who is not described, the one of their first line."""
    placed = next((person.store for person in facts.people if person.staff_no == staff_no), None)
    sold = (line.store for line in facts.lines if any(credit.to == staff_no for credit in line.credits))
    return placed or next(sold, "")


def measured(world: World, measure: Measure, to: To) -> Fraction | None:
    """The figure: an amount, a number or (of ratios) basis points, exact; None where there is none."""
    subject = subject_of(world, measure, to)
    if (measure, subject) not in world.figures:
        world.figures[measure, subject] = _measured(world, measure, subject)
    return world.figures[measure, subject]


def _measured(world: World, measure: Measure, subject: str) -> Fraction | None:
    name = measure.reading if measure.metric == "reading" else measure.metric
    frozen = next((one for one in world.facts.readings if (one.subject, one.metric) == (subject, name)), None)
    value = Fraction(frozen.numerator, frozen.denominator) if frozen else _counted(world, measure, subject)
    return value * WHOLE_BP if value is not None and measure.metric in RATIOS else value


def reached(world: World, gate: Gate, to: To) -> bool:
    """Whether a figure is at the gate's bound or above it."""
    value = measured(world, gate.measure, to)
    return value is not None and value >= gate.from_


def _counted(world: World, measure: Measure, subject: str) -> Fraction | None:
    metric = measure.metric
    if metric == "attainment":
        target = next((one.amount for one in world.facts.targets if one.subject == subject), None)
        return None if target is None else Fraction(_net(world, measure, subject), target)
    if metric == "units_per_receipt":
        return _ratio(*(_plain(world, measure, subject, part) for part in ("units", "receipts")))
    if metric == "members_share":
        members = sum(part.net for part in _parts(world, measure, subject) if part.line.member)
        return _ratio(Fraction(members), Fraction(_net(world, measure, subject)))
    return _plain(world, measure, subject, metric)


def _ratio(numerator: Fraction | None, denominator: Fraction | None) -> Fraction | None:
    return numerator / denominator if numerator is not None and denominator else None


def _plain(world: World, measure: Measure, subject: str, metric: str) -> Fraction | None:
    frozen = next((one for one in world.facts.readings if (one.subject, one.metric) == (subject, metric)), None)
    if frozen:
        return Fraction(frozen.numerator, frozen.denominator)
    parts = list(_parts(world, measure, subject, settled=metric == "settled_net"))
    if metric in ("net", "settled_net"):
        return Fraction(sum(part.net for part in parts))
    if metric == "units":
        return sum((part.share * left_of(world.plan, part.line, world.moment).units for part in parts), Fraction(0))
    if metric == "receipts":
        return _receipts(parts)
    if metric == "new_members":
        return Fraction(sum(one.count for one in world.facts.new_customers if one.to == subject))
    return None  # days worked, tasks and other rooms' figures come as readings


def _net(world: World, measure: Measure, subject: str) -> int:
    return sum(part.net for part in _parts(world, measure, subject))


class Part(NamedTuple):
    """A subject's part of a line."""

    line: Line
    net: int
    share: Fraction


def _parts(world: World, measure: Measure, subject: str, *, settled: bool = False) -> Iterator[Part]:
    plan, facts = world.plan, world.facts
    for line in (facts.lines[number] for number in world.lines_of.get((measure.of, subject), ())):
        net = counted_net(plan, line, world.moment, settled=settled)
        if measure.of == "person":
            share = sum(
                (Fraction(c.share_bp, WHOLE_BP) for c in line.credits if c.role == "seller" and c.to == subject),
                Fraction(0),
            )
            if share:
                yield Part(line, own_part(line, net, subject), share)
        else:
            yield Part(line, net, Fraction(1))


def _receipts(parts: list[Part]) -> Fraction:
    """Receipts of the period; of a shared one, the greatest part that somebody has in a line of it."""
    of_receipt: dict[object, Fraction] = {}
    for number, part in enumerate(parts):
        if not part.line.earlier:
            key = part.line.receipt or number
            of_receipt[key] = max(of_receipt.get(key, Fraction(0)), part.share)
    return sum(of_receipt.values(), Fraction(0))
