"""What posting can pay today: flat percentages of net to the seller. All else a plan may say waits, and is named here.

This is the only place that knows; it shrinks as posting learns the rest of the language.
"""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import asdict

from commissions.rules.language.model import Audience, LineRule, Match, Percentage, Plan, Rule
from kit.words import Said, say

# Of these no receipt says anything yet, or net leaves them out already.
EXCLUDED = frozenset({"stored_value_top_up", "gift_cards", "freight", "tax", "deposits"})
MATCHED = {"brands": "brand", "categories": "category", "skus": "sku", "channels": "channel"}


def find_unposted(plan: Plan) -> list[Said]:
    """What of the plan posting does not do yet, by rule and field; nothing: it can pay by it."""
    of_plan = {
        "audience": plan.audience == Audience(),
        "counts_on": plan.counts_on == "ordered",
        "excludes": set(plan.excludes) <= EXCLUDED,
        "most": plan.most is None,
    }
    found = [say("unposted.plan", field=field) for field, posted in of_plan.items() if not posted]
    return found + [
        say("unposted.rule", rule=rule.name, field=field) for rule in plan.rules for field in _unposted(rule)
    ]


def _unposted(rule: Rule) -> Iterator[str]:
    if not isinstance(rule, LineRule):
        yield "kind"
        return
    if not (isinstance(rule.pays, Percentage) and rule.pays.of == "net"):
        yield "pays"
    for field in ("also", "credits", "coefficients", "gates"):
        if getattr(rule, field):
            yield field
    if rule.most is not None:
        yield "most"
    if not rule.counts:
        yield "counts"
    for field, value in asdict(rule.match).items():
        wanted = getattr(Match(), field)
        if value != wanted and not (field in MATCHED and len(value) == 1):
            yield f"match.{field}"


def flat_rules(plan: Plan) -> list[dict[str, Any]]:
    """The plan as posting reads it; empty where it cannot pay by it."""
    return [] if find_unposted(plan) else [_flat(rule) for rule in plan.line_rules]


def _flat(rule: LineRule) -> dict[str, Any]:
    matched = {flat: next(iter(getattr(rule.match, field)), None) for field, flat in MATCHED.items()}
    return {"name": rule.name, **matched, "rate_bp": rule.pays.rate_bp if isinstance(rule.pays, Percentage) else 0}
