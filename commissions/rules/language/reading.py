"""A plan as it was sent, read into its types: what is wrong names the rule and the field, names become as in pushes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from catalog.rules import category_path, known_tags
from commissions.rules.language.facts import Facts, Line
from commissions.rules.language.model import (
    MAX_EXAMPLES,
    MAX_RULES,
    MAX_TABLES,
    Example,
    LineRule,
    Match,
    Plan,
    Rule,
    Table,
)
from kit.complaints import field_of, read_complaint
from kit.errors import FieldErrors, Invalid
from kit.words import Said, say

Path = tuple[str | int, ...]
_STEP = re.compile(r"[^.\[\]]+|\[(\d+|\.\.\.)\]")
_LISTS: Mapping[str, Any] = {"rules": Rule, "tables": Table, "examples": Example}


class Problem(NamedTuple):
    """What is wrong at which field of a plan."""

    path: Path
    said: Said


class CommissionPlanInvalid(Invalid):
    """The plan does not say what a plan must, or contradicts itself; `errors` names each rule and field."""

    code = "commission_plan_invalid"


def read_plan(raw: Mapping[str, Any]) -> Plan:
    """A plan of the published JSON Schema, with names and paths as catalog pushes have them.

    Raises CommissionPlanInvalid with every rule, table and example that is not of its shape.
    """
    problems = [*_of_items(raw), *_of_rest(raw)]
    if problems:
        raise CommissionPlanInvalid(errors=as_errors(problems))
    return normalised(msgspec.convert(raw, Plan))


def read_facts(raw: Mapping[str, Any]) -> Facts:
    """Sample facts as examples have them, with names and paths as pushes have them; raises CommissionPlanInvalid."""
    if problem := _complaint(raw, Facts, (), None):
        raise CommissionPlanInvalid(errors=as_errors([problem], within="facts"))
    facts = msgspec.convert(raw, Facts)
    return replace(facts, lines=tuple(normalised_line(line) for line in facts.lines))


def as_errors(problems: Sequence[Problem], within: str = "plan") -> FieldErrors:
    """Problems by the path of their fields in the body's field."""
    found: dict[Any, Any] = {}
    for path, said in problems:
        *outer, last = (within, *path)
        place = found
        for step in outer:
            place = place.setdefault(step, {})
        place.setdefault(last, []).append(said)
    return found


def _of_items(raw: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for section, kind in _LISTS.items():
        items = raw.get(section)
        for number, item in enumerate(items if isinstance(items, list) else ()):
            if problem := _complaint(item, kind, (section, number), _name_of(item)):
                problems.append(problem)
    return problems


def _of_rest(raw: Mapping[str, Any]) -> list[Problem]:
    """What is wrong around the lists, whose items are judged apart."""
    around = {key: value for key, value in raw.items() if key not in _LISTS or not isinstance(value, list)}
    problem = _complaint({"rules": [_SOME_RULE], **around}, Plan, (), None)
    if problem is None and ("rules" not in raw or raw["rules"] == []):
        problem = Problem(("rules",), say("required"))
    many = {"rules": MAX_RULES, "tables": MAX_TABLES, "examples": MAX_EXAMPLES}
    long = [name for name in many if isinstance(raw.get(name), list) and len(raw[name]) > many[name]]
    return [*([problem] if problem else []), *(Problem((name,), say("too_long.list", max=many[name])) for name in long)]


_SOME_RULE = {"kind": "line", "name": "-", "pays": {"kind": "nothing"}}


def _complaint(item: Any, kind: Any, path: Path, name: str | None) -> Problem | None:
    try:
        msgspec.convert(item, kind)
    except msgspec.ValidationError as error:
        within = field_of(error)
        what = read_complaint(error).facts["what"]
        said = say("wrong_in_plan.named", name=name, what=what) if name else say("wrong_in_plan", what=what)
        return Problem((*path, *_steps(within or "")), said)
    return None


def _steps(path: str) -> Path:
    return tuple(
        int(found[1]) if (found[1] or "").isdigit() else found[0].strip("[]") for found in _STEP.finditer(path)
    )


def _name_of(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name[:80] if isinstance(name, str) and name else None


def normalised(plan: Plan) -> Plan:
    """The plan with categories and tags as pushes have them: `护肤>精华` is `护肤 > 精华`."""
    rules = tuple(replace(one, match=_match(one.match)) if isinstance(one, LineRule) else one for one in plan.rules)
    examples = tuple(
        replace(one, facts=replace(one.facts, lines=tuple(normalised_line(line) for line in one.facts.lines)))
        for one in plan.examples
    )
    return replace(plan, rules=rules, examples=examples)


def _match(match: Match) -> Match:
    categories = tuple(dict.fromkeys(category_path(path) for path in match.categories))
    return replace(match, categories=categories, tags=tuple(known_tags(match.tags)))


def normalised_line(line: Line) -> Line:
    """A line of facts with its category and tags as pushes have them."""
    category = None if line.category is None else category_path(line.category) or None
    return replace(line, category=category, tags=tuple(known_tags(line.tags)))
