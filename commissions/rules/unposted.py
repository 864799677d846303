"""What a plan may say though nothing is told of it yet: it can be drafted and explained, and not be approved.

This is the only place that knows; it shrinks as receipts, rosters and other rooms tell more.
"""

from collections.abc import Iterator

from commissions.rules.language.model import (
    ContestRule,
    GuaranteeRule,
    LineRule,
    Measure,
    Plan,
    PoolRule,
    Rule,
)
from kit.words import Said, say

# Of these no receipt says anything yet.
UNTOLD_EXCLUDED = frozenset({"stored_value_consumption", "points"})
UNTOLD_METRICS = frozenset({"settled_net", "new_members", "task_completion", "reading"})


def find_unposted(plan: Plan) -> list[Said]:
    """What of the plan cannot be paid yet, by rule and field; nothing: it can be approved."""
    of_plan = {
        "counts_on": plan.counts_on == "completed",
        "excludes": not UNTOLD_EXCLUDED.isdisjoint(plan.excludes),
        "period.unit": plan.period.unit == "campaign",
        "refunds.attainment": plan.refunds.attainment == "in_refund_period",
    }
    found = [say("unposted.plan", field=field) for field, untold in of_plan.items() if untold]
    found += [
        say("unposted.rule", rule=table.name, field="measure") for table in plan.tables if _is_untold(table.measure)
    ]
    return found + [say("unposted.rule", rule=rule.name, field=field) for rule in plan.rules for field in _untold(rule)]


def _untold(rule: Rule) -> Iterator[str]:
    if isinstance(rule, LineRule | PoolRule | ContestRule) and any(_is_untold(gate.measure) for gate in rule.gates):
        yield "gates"
    if isinstance(rule, ContestRule) and _is_untold(rule.measure):
        yield "measure"
    if isinstance(rule, GuaranteeRule) and rule.recoverable:
        yield "recoverable"
    if isinstance(rule, LineRule) and rule.match.campaigns:
        yield "match.campaigns"


def _is_untold(measure: Measure) -> bool:
    return measure.metric in UNTOLD_METRICS
