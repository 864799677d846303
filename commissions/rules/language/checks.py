"""What a plan may not say, though it is well-formed: gaps, contradictions, rules that never come to be."""

from collections.abc import Iterator
from itertools import pairwise

from commissions.rules.language.coverage import covers
from commissions.rules.language.model import (
    WHOLE_BP,
    ByRole,
    ByTable,
    ContestRule,
    Gate,
    LineRule,
    Measure,
    OverrideRule,
    Plan,
    PoolRule,
    Rule,
    Table,
)
from commissions.rules.language.reading import CommissionPlanInvalid, Path, Problem, as_errors
from kit.words import say

LAST_WEEKDAY = 7


def check_plan(plan: Plan) -> None:
    """Refuse a plan that contradicts itself; raises CommissionPlanInvalid with all that is wrong."""
    if problems := [*find_problems(plan)]:
        raise CommissionPlanInvalid(errors=as_errors(problems))


def find_problems(plan: Plan) -> Iterator[Problem]:
    """All that is wrong, each with its rule or table by name."""
    yield from _of_plan(plan)
    yield from _names(plan)
    for number, table in enumerate(plan.tables):
        yield from _of_table(table, ("tables", number))
    for number, rule in enumerate(plan.rules):
        yield from _of_rule(plan, rule, ("rules", number))
    yield from _covered(plan)
    yield from _of_examples(plan)


def _of_plan(plan: Plan) -> Iterator[Problem]:
    if {"stored_value_top_up", "stored_value_consumption"}.isdisjoint(plan.excludes):
        yield Problem(("excludes",), say("stored_value_paid_twice"))
    if (plan.period.unit == "campaign") != (plan.period.campaign is not None):
        yield Problem(("period", "campaign"), say("campaign_named"))
    if plan.period.unit == "week" and plan.period.from_day > LAST_WEEKDAY:
        yield Problem(("period", "from_day"), say("out_of_range.at_most", max=LAST_WEEKDAY))


def _names(plan: Plan) -> Iterator[Problem]:
    """Rules are named once, and so are tables: entries and statements say them by their names."""
    for section, items in (("rules", plan.rules), ("tables", plan.tables)):
        seen: set[str] = set()
        for number, item in enumerate(items):
            if item.name in seen:
                yield Problem((section, number, "name"), say("plan_name_taken", name=item.name))
            seen.add(item.name)


def _of_table(table: Table, path: Path) -> Iterator[Problem]:
    bounds = [point.from_ for point in table.points]
    if any(after <= before for before, after in pairwise(bounds)):
        yield Problem((*path, "points"), say("tiers_not_ascending", table=table.name))
    if bounds[0] > 0 and table.otherwise is None:
        yield Problem((*path, "else"), say("tiers_gap", table=table.name))
    if table.method == "marginal" and (table.measure != Measure(metric="net") or table.gives != "rate"):
        yield Problem((*path, "method"), say("marginal_needs_own_net", table=table.name))
    if table.gives == "rate" and any(value > WHOLE_BP for value in _values(table)):
        yield Problem((*path, "points"), say("rate_above_whole", table=table.name))
    yield from _of_measure(table.measure, table.name, (*path, "measure"))


def _values(table: Table) -> Iterator[int]:
    yield from (point.value for point in table.points)
    yield table.otherwise or 0


def _of_measure(measure: Measure, name: str, path: Path) -> Iterator[Problem]:
    if (measure.metric == "reading") != (measure.reading is not None):
        yield Problem((*path, "reading"), say("reading_named", name=name))


def _of_gates(gates: tuple[Gate, ...], name: str, path: Path) -> Iterator[Problem]:
    for number, gate in enumerate(gates):
        yield from _of_measure(gate.measure, name, (*path, "gates", number, "measure"))


def _of_rule(plan: Plan, rule: Rule, path: Path) -> Iterator[Problem]:
    if isinstance(rule, LineRule):
        yield from _of_line_rule(plan, rule, path)
        yield from _of_gates(rule.gates, rule.name, path)
    elif isinstance(rule, PoolRule):
        yield from _whole(rule.name, [share.share_bp for share in rule.shares], (*path, "shares"))
        yield from _of_gates(rule.gates, rule.name, path)
        roles = [share.role for share in rule.shares]
        if len(set(roles)) < len(roles):
            yield Problem((*path, "shares"), say("role_twice", rule=rule.name))
    elif isinstance(rule, ContestRule):
        if any(prize < 0 for prize in rule.prizes):
            yield Problem((*path, "prizes"), say("prize_negative", rule=rule.name))
        if rule.measure.of == "region":
            yield Problem((*path, "measure", "of"), say("not_a_choice", choices=["person", "store"]))
        yield from _of_measure(rule.measure, rule.name, (*path, "measure"))
        yield from _of_gates(rule.gates, rule.name, path)
    elif isinstance(rule, OverrideRule) and plan.audience.roles and rule.role not in plan.audience.roles:
        yield Problem((*path, "role"), say("role_not_paid", rule=rule.name))


def _whole(name: str, shares: list[int], path: Path) -> Iterator[Problem]:
    if sum(shares) != WHOLE_BP:
        yield Problem(path, say("shares_not_whole", name=name, sum=sum(shares)))


def _of_line_rule(plan: Plan, rule: LineRule, path: Path) -> Iterator[Problem]:
    match, pays = rule.match, rule.pays
    if match.first_day and match.last_day and match.last_day < match.first_day:
        yield Problem((*path, "match", "last_day"), say("dates_reversed.rule", rule=rule.name))
    if not all(match.categories):
        yield Problem((*path, "match", "categories"), say("category_unusable"))
    if rule.credits and isinstance(pays, ByRole):
        yield Problem((*path, "credits"), say("roles_paid_twice", rule=rule.name))
    elif rule.credits:
        yield from _whole(rule.name, [share.share_bp for share in rule.credits], (*path, "credits"))
    roles = [one.role for one in (pays.rates if isinstance(pays, ByRole) else rule.credits)]
    if len(set(roles)) < len(roles):
        yield Problem((*path, "pays" if isinstance(pays, ByRole) else "credits"), say("role_twice", rule=rule.name))
    if isinstance(pays, ByTable):
        yield from _of_paying_table(plan, rule, pays.table, path)
    yield from _of_coefficients(plan, rule, path)


def _of_paying_table(plan: Plan, rule: LineRule, name: str, path: Path) -> Iterator[Problem]:
    table, place = plan.table(name), (*path, "pays", "table")
    if table is None:
        yield Problem(place, say("table_unknown", rule=rule.name, table=name))
    elif table.gives == "coefficient":
        yield Problem(place, say("table_gives_other.pay", rule=rule.name, table=name))
    elif table.method == "marginal" and rule.credits:
        yield Problem((*path, "credits"), say("marginal_needs_own_net", table=name))


def _of_coefficients(plan: Plan, rule: LineRule, path: Path) -> Iterator[Problem]:
    if rule.coefficients is None:
        return
    place = (*path, "coefficients")
    if isinstance(rule.pays, ByRole):
        yield Problem(place, say("coefficients_of_roles", rule=rule.name))
    for number, one in enumerate(rule.coefficients.of):
        table = plan.table(one.table)
        if table is None:
            yield Problem(
                (*place, "of", number, "table"), say("coefficient_without_table", rule=rule.name, table=one.table)
            )
        elif table.gives != "coefficient":
            yield Problem(
                (*place, "of", number, "table"), say("table_gives_other.coefficient", rule=rule.name, table=one.table)
            )
    if rule.coefficients.combine == "weighted":
        yield from _whole(rule.name, [one.weight_bp or 0 for one in rule.coefficients.of], (*place, "of"))


def _covered(plan: Plan) -> Iterator[Problem]:
    """A rule behind an earlier one that fits all its lines never comes to be."""
    earlier: list[LineRule] = []
    for number, rule in enumerate(plan.rules):
        if isinstance(rule, LineRule) and not rule.also:
            if hiding := next((one for one in earlier if covers(one.match, rule.match)), None):
                yield Problem(("rules", number, "match"), say("rule_covered", rule=rule.name, by=hiding.name))
            earlier.append(rule)


def _of_examples(plan: Plan) -> Iterator[Problem]:
    names = {rule.name for rule in plan.rules}
    for number, example in enumerate(plan.examples):
        for place, expected in enumerate(example.expected):
            if expected.rule is not None and expected.rule not in names:
                path = ("examples", number, "expected", place, "rule")
                yield Problem(path, say("rule_unknown", name=example.name, rule=expected.rule))
        for place, line in enumerate(example.facts.lines):
            by_role: dict[str, int] = {}
            for credit in line.credits:
                by_role[credit.role] = by_role.get(credit.role, 0) + credit.share_bp
            for shared in by_role.values():
                yield from _whole(example.name, [shared], ("examples", number, "facts", "lines", place, "credits"))
