"""All facts of a period of a plan at once, and the rows behind their names."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from commissions.queries.facts.aims import list_targets
from commissions.queries.facts.lines import Ref, list_lines
from commissions.queries.facts.newcomers import list_new_customers
from commissions.queries.facts.people import list_placed
from commissions.queries.facts.scope import Span
from commissions.rules.language.facts import Facts
from commissions.rules.language.model import ContestRule, LineRule, Measure, Plan, PoolRule


class Loaded(NamedTuple):
    """Facts, the lines in their order, and the people and stores by their names in them."""

    facts: Facts
    lines: list[Ref]
    staff_ids: dict[str, UUID]
    store_ids: dict[str, UUID]


def load_facts(span: Span) -> Loaded:
    """What the plan pays for in the period, as it is known now."""
    lines, refs, credited = list_lines(span)
    placed = list_placed(span)
    newcomers, binders = list_new_customers(span)
    facts = Facts(
        people=tuple(placed.people),
        stores=tuple(placed.stores),
        lines=tuple(lines),
        targets=tuple(list_targets(span, measures={*measures_of(span.plan)})),
        readings=tuple(placed.days_worked),
        new_customers=tuple(newcomers),
        period_days=(span.days.last - span.days.first).days + 1,
    )
    staff_ids = {**placed.staff_ids, **credited.staff_ids, **binders}
    return Loaded(facts, refs, staff_ids, {**placed.store_ids, **credited.store_ids})


def measures_of(plan: Plan) -> Iterator[Measure]:
    """Every figure that the plan's tables, gates and contests ask for."""
    yield from (table.measure for table in plan.tables)
    for rule in plan.rules:
        if isinstance(rule, LineRule | PoolRule | ContestRule):
            yield from (gate.measure for gate in rule.gates)
        if isinstance(rule, ContestRule):
            yield rule.measure
