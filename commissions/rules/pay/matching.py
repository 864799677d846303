"""Which rules a line falls under, and why not under the others."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from catalog.rules import CATEGORY_SEPARATOR
from commissions.rules.language.facts import Facts, Line
from commissions.rules.language.model import LineRule, Match, Plan


class Miss(NamedTuple):
    """A condition of a rule that a line does not meet: what was asked for, and what the line has."""

    field: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]


def fits(match: Match, line: Line, facts: Facts) -> bool:
    """Whether the line meets every condition."""
    found = chain(_below(match, line), _off_days(match, line), _unlisted(match, line, facts))
    return next(found, None) is None


def misses(match: Match, line: Line, facts: Facts) -> list[Miss]:
    """The conditions that the line does not meet; none: it matches."""
    return [*_unlisted(match, line, facts), *_below(match, line), *_off_days(match, line)]


def _unlisted(match: Match, line: Line, facts: Facts) -> Iterator[Miss]:
    named = {
        "brands": (match.brands, _known(line.brand)),
        "skus": (match.skus, _known(line.sku)),
        "tags": (match.tags, line.tags),
        "channels": (match.channels, (line.channel,)),
        "store_tags": (match.store_tags, facts.store_of(line.store).tags if match.store_tags else ()),
        "roles": (match.roles, _roles(line, facts) if match.roles else ()),
        "customers": (match.customers, line.customer),
        "campaigns": (match.campaigns, line.campaigns),
    }
    for field, (wanted, found) in named.items():
        if wanted and not any(one in wanted for one in found):
            yield Miss(field, tuple(wanted), tuple(found))
    if match.categories and not any(is_within(line.category, path) for path in match.categories):
        yield Miss("categories", match.categories, _known(line.category))


def _roles(line: Line, facts: Facts) -> tuple[str, ...]:
    credited = {credit.to for credit in line.credits}
    return tuple(sorted({person.role for person in facts.people if person.staff_no in credited}))


def is_within(category: str | None, path: str) -> bool:
    """Whether a category is the one of this path or lies below it."""
    return category is not None and (category == path or category.startswith(path + CATEGORY_SEPARATOR))


def _below(match: Match, line: Line) -> Iterator[Miss]:
    if match.discount_from_bp is not None:
        tag = line.tag_price
        # By cross-multiplication: 49.502 % is below 50 %, whatever a float says.
        if not tag or line.net * 10_000 < match.discount_from_bp * tag:
            found = f"{line.net}/{tag}" if tag else ""
            yield Miss("discount_from_bp", (str(match.discount_from_bp),), _known(found))
    if match.price_from is not None and line.net < match.price_from * line.units:
        yield Miss("price_from", (str(match.price_from),), (f"{line.net}/{line.units}",))
    if match.quantity_from is not None and line.units < match.quantity_from:
        yield Miss("quantity_from", (str(match.quantity_from),), (str(line.units),))


def _off_days(match: Match, line: Line) -> Iterator[Miss]:
    found = (line.day.isoformat(),) if line.day else ()
    if match.first_day and (line.day is None or line.day < match.first_day):
        yield Miss("first_day", (match.first_day.isoformat(),), found)
    if match.last_day and (line.day is None or line.day > match.last_day):
        yield Miss("last_day", (match.last_day.isoformat(),), found)


def _known(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def why_excluded(plan: Plan, line: Line) -> str | None:
    """What the plan's basis leaves such a line out as, or None."""
    if line.kind != "goods" and line.kind in plan.excludes:
        return line.kind
    if line.staff_purchase and "staff_purchases" in plan.excludes:
        return "staff_purchases"
    return None


def rules_of(plan: Plan, line: Line, facts: Facts) -> list[LineRule]:
    """The first rule that fits, and every `also` that fits, in the order of the plan."""
    if why_excluded(plan, line):
        return []
    found, decided = [], False
    for rule in plan.line_rules:
        if (rule.also or not decided) and fits(rule.match, line, facts):
            found.append(rule)
            decided = decided or not rule.also
    return found


def counts(plan: Plan, line: Line, rules: Sequence[LineRule]) -> bool:
    """Whether a line of these rules counts towards attainment: unless it is left out, or the deciding rule says no."""
    deciding = next((rule for rule in rules if not rule.also), None)
    return why_excluded(plan, line) is None and (deciding is None or deciding.counts)
