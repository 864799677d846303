"""A plan in plain sentences, made from the data and in both languages, to be read and signed."""

from collections.abc import Iterator, Sequence

from babel.numbers import get_currency_precision

from commissions.rules.language import terms
from commissions.rules.language.model import (
    RATIOS,
    ByRole,
    ByTable,
    Coefficients,
    ContestRule,
    Fixed,
    Gate,
    Greater,
    GuaranteeRule,
    LineRule,
    Match,
    Measure,
    NewCustomerRule,
    OverrideRule,
    Pays,
    Percentage,
    Plan,
    PoolRule,
    Rule,
    Table,
)
from kit.words import Said, Term, say

HUNDREDTHS = 100
# What is matched by names that people gave.
NAMED = ("brands", "categories", "skus", "tags", "channels", "store_tags", "campaigns")


def describe(plan: Plan) -> list[Said]:
    """The plan, sentence by sentence."""
    return [*_frame(plan), *(_table(plan, one) for one in plan.tables), *_rules(plan), *_refunds(plan)]


def _frame(plan: Plan) -> Iterator[Said]:
    period = plan.period
    if period.unit == "campaign":
        yield say("plan_says.campaign", campaign=period.campaign or "")
    else:
        yield say("plan_says.period", unit=terms.UNITS[period.unit], day=period.from_day)
    yield say("plan_says.day", day=terms.DAYS[plan.counts_on])
    if plan.audience.roles:
        yield say("plan_says.roles", roles=[terms.STAFF_ROLES[role] for role in plan.audience.roles])
    if plan.audience.store_tags:
        yield say("plan_says.stores", tags=list(plan.audience.store_tags))
    yield say("plan_says.excludes", what=[terms.EXCLUDED[one] for one in plan.excludes])
    if plan.most is not None:
        yield say("plan_says.plan_most", amount=money(plan, plan.most))


def _refunds(plan: Plan) -> Iterator[Said]:
    refunds = plan.refunds
    yield say("plan_says.reverse", how=terms.REVERSE[refunds.reverse], after=terms.AFTER_PAYMENT[refunds.after_payment])
    yield say("plan_says.attainment", how=terms.ATTAINMENT[refunds.attainment])
    if refunds.bonus_rechecked_days:
        yield say("plan_says.rechecked", days=refunds.bonus_rechecked_days)


def money(plan: Plan, amount: int) -> str:
    """An amount that is not negative, for people, such as `1,234.50 CNY`."""
    digits = get_currency_precision(plan.currency)
    whole, part = divmod(amount, 10**digits)
    return f"{whole:,}{f'.{part:0{digits}}' if digits else ''} {plan.currency}"


def percent(bp: int) -> str:
    """Basis points as a percentage, exactly."""
    whole, part = divmod(bp, HUNDREDTHS)
    return f"{whole}.{part:02}".rstrip("0").rstrip(".") + "%"


def _bound(plan: Plan, measure: Measure, bound: int) -> str:
    if measure.metric in ("net", "settled_net"):
        return money(plan, bound)
    if measure.metric == "units_per_receipt":
        return f"{bound // 10_000}.{bound % 10_000:04}".rstrip("0").rstrip(".")
    return percent(bound) if measure.metric in RATIOS else str(bound)


def _measure(measure: Measure) -> Said:
    metric = measure.reading if measure.metric == "reading" else terms.METRICS[measure.metric]
    return say("plan_says.measure", metric=metric or "", of=terms.LEVELS[measure.of])


def _value(plan: Plan, table: Table, value: int) -> str:
    return money(plan, value) if table.gives == "amount" else percent(value)


def _table(plan: Plan, table: Table) -> Said:
    rows: list[Said | str] = [
        say("plan_says.row", bound=_bound(plan, table.measure, point.from_), value=_value(plan, table, point.value))
        for point in table.points
    ]
    if table.otherwise is not None and table.points[0].from_:
        rows.append(say("plan_says.else", value=_value(plan, table, table.otherwise)))
    return say(
        "plan_says.table",
        name=table.name,
        measure=_measure(table.measure),
        gives=terms.GIVES[table.gives],
        rows=rows,
        method=terms.METHODS[table.method],
    )


def _rules(plan: Plan) -> Iterator[Said]:
    for number, rule in enumerate(plan.rules, start=1):
        yield say("plan_says.rule", number=number, name=rule.name)
        yield from _rule(plan, rule)


def _rule(plan: Plan, rule: Rule) -> Iterator[Said]:
    if isinstance(rule, LineRule):
        yield from _line_rule(plan, rule)
    elif isinstance(rule, NewCustomerRule):
        yield from _new_customers(plan, rule)
    elif isinstance(rule, PoolRule):
        yield from _pool(plan, rule)
    elif isinstance(rule, ContestRule):
        yield from _contest(plan, rule)
    elif isinstance(rule, GuaranteeRule):
        yield say("plan_says.guarantee", amount=money(plan, rule.amount), months=rule.months)
        yield say("plan_says.recoverable") if rule.recoverable else say("plan_says.not_recoverable")
    elif isinstance(rule, OverrideRule):
        role = terms.STAFF_ROLES[rule.role]
        yield say("plan_says.override", role=role, rate=percent(rule.rate_bp), of=terms.OF[rule.of])


def _line_rule(plan: Plan, rule: LineRule) -> Iterator[Said]:
    matched = [*_match(plan, rule.match)]
    yield from matched or [say("plan_says.every_line") if rule.also else say("plan_says.other_lines")]
    yield _pays(plan, rule.pays)
    if rule.credits:
        shares: list[Said | str] = [
            say("plan_says.share", role=terms.CREDIT_ROLES[one.role], share=percent(one.share_bp))
            for one in rule.credits
        ]
        yield say("plan_says.shares", shares=shares)
    if rule.coefficients:
        yield _coefficients(rule.coefficients)
    if rule.also:
        yield say("plan_says.also")
    if not rule.counts:
        yield say("plan_says.not_counted")
    if rule.most is not None:
        yield say("plan_says.most", amount=money(plan, rule.most))
    yield from _gates(plan, rule.gates)


def _match(plan: Plan, match: Match) -> Iterator[Said]:
    named: dict[str, Sequence[str | Term]] = {
        **{field: getattr(match, field) for field in NAMED},
        "roles": [terms.STAFF_ROLES[one] for one in match.roles],
        "customers": [terms.CUSTOMERS[one] for one in match.customers],
    }
    for field, names in named.items():
        if names:
            yield say(f"plan_matches.{field}", names=names)
    if match.first_day:
        yield say("plan_matches.first_day", day=match.first_day.isoformat())
    if match.last_day:
        yield say("plan_matches.last_day", day=match.last_day.isoformat())
    if match.discount_from_bp is not None:
        yield say("plan_matches.discount", bound=percent(match.discount_from_bp))
    if match.price_from is not None:
        yield say("plan_matches.price", amount=money(plan, match.price_from))
    if match.quantity_from is not None:
        yield say("plan_matches.quantity", number=match.quantity_from)


def _pays(plan: Plan, pays: Pays) -> Said:
    if isinstance(pays, Percentage):
        return say("plan_pays.percentage", rate=percent(pays.rate_bp), of=terms.OF[pays.of])
    if isinstance(pays, Fixed):
        return say("plan_pays.fixed", amount=money(plan, pays.amount), per=terms.PER[pays.per])
    if isinstance(pays, Greater):
        return say("plan_pays.greater", of=[_part(plan, one) for one in pays.of])
    if isinstance(pays, ByRole):
        rates: list[Said | str] = [
            say("plan_says.share", role=terms.CREDIT_ROLES[one.role], share=percent(one.rate_bp)) for one in pays.rates
        ]
        return say("plan_pays.by_role", rates=rates)
    if isinstance(pays, ByTable):
        return say("plan_pays.table", table=pays.table)
    return say("plan_pays.nothing")


def _part(plan: Plan, pays: Percentage | Fixed) -> Said:
    if isinstance(pays, Percentage):
        return say("plan_says.rate_of", rate=percent(pays.rate_bp), of=terms.OF[pays.of])
    return say("plan_says.amount_per", amount=money(plan, pays.amount), per=terms.PER[pays.per])


def _coefficients(coefficients: Coefficients) -> Said:
    weighed: list[Said | str] = [
        say("plan_says.weight", table=one.table, weight=percent(one.weight_bp)) if one.weight_bp else one.table
        for one in coefficients.of
    ]
    return say("plan_says.coefficients", tables=weighed, combine=terms.COMBINE[coefficients.combine])


def _gates(plan: Plan, gates: tuple[Gate, ...]) -> Iterator[Said]:
    for gate in gates:
        yield say("plan_says.gate", measure=_measure(gate.measure), bound=_bound(plan, gate.measure, gate.from_))


def _new_customers(plan: Plan, rule: NewCustomerRule) -> Iterator[Said]:
    yield say("plan_says.new_customer", amount=money(plan, rule.amount))
    if rule.needs:
        yield say("plan_says.needs", what=[terms.KNOWN[one] for one in rule.needs])
    yield say("plan_says.first_purchase", amount=money(plan, rule.first_purchase_from), days=rule.within_days)
    yield say("plan_says.revoked", days=rule.matures_after_days)
    if rule.at_most is not None:
        yield say("plan_says.at_most", number=rule.at_most)


def _pool(plan: Plan, rule: PoolRule) -> Iterator[Said]:
    yield say("plan_says.pool", rate=percent(rule.rate_bp))
    for share in rule.shares:
        facts = {"role": terms.STAFF_ROLES[share.role], "how": terms.WEIGHTS[rule.weights]}
        yield say("plan_says.pool_share", share=percent(share.share_bp), **facts)
    if rule.weights == "minutes_by_grade" and rule.grades:
        yield say("plan_says.grades", grades=[f"{one.grade} {percent(one.weight_bp)}" for one in rule.grades])
    yield from _gates(plan, rule.gates)


def _contest(plan: Plan, rule: ContestRule) -> Iterator[Said]:
    yield say("plan_says.contest", measure=_measure(rule.measure), prizes=[money(plan, one) for one in rule.prizes])
    yield say("plan_says.ties")
    if rule.store_tags:
        yield say("plan_matches.store_tags", names=list(rule.store_tags))
    yield from _gates(plan, rule.gates)
