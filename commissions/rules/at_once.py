"""Which rules' money is posted with each sale, and how posting reads them; the rest waits for the period's closing."""

from typing import Any

from msgspec.structs import asdict

from commissions.rules.language.model import Audience, LineRule, Match, Percentage, Plan, Rule

MATCHED = {"brands": "brand", "categories": "category", "skus": "sku", "channels": "channel"}


def names_posted_at_once(plan: Plan) -> frozenset[str]:
    """The rules that posting pays by with each sale: flat percentages of net, where the plan has nothing else."""
    is_plain = (plan.audience, plan.most, set(plan.excludes)) == (Audience(), None, set(Plan(rules=()).excludes))
    is_flat = is_plain and all(_is_flat(rule) for rule in plan.rules)
    return frozenset(rule.name for rule in plan.rules) if is_flat else frozenset()


def _is_flat(rule: Rule) -> bool:
    if not isinstance(rule, LineRule) or not isinstance(rule.pays, Percentage) or rule.pays.of != "net":
        return False
    if rule.also or rule.credits or rule.coefficients or rule.gates or rule.most is not None or not rule.counts:
        return False
    told = {field: value for field, value in asdict(rule.match).items() if value != getattr(Match(), field)}
    return all(field in MATCHED and len(value) == 1 for field, value in told.items())


def flat_rules(plan: Plan) -> list[dict[str, Any]]:
    """The plan as posting reads it; empty where none of it is posted with each sale."""
    return [_flat(rule) for rule in plan.line_rules] if names_posted_at_once(plan) else []


def _flat(rule: LineRule) -> dict[str, Any]:
    matched = {flat: next(iter(getattr(rule.match, field)), None) for field, flat in MATCHED.items()}
    return {"name": rule.name, **matched, "rate_bp": rule.pays.rate_bp if isinstance(rule.pays, Percentage) else 0}
