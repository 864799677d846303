"""The plans that come with the house: what chains pay by, each with examples, to begin from."""

from functools import cache
from importlib.resources import files

import msgspec

from commissions.rules.language.model import Part, Plan
from commissions.rules.language.reading import normalised


class TemplateName(Part, frozen=True):
    """What a template is called."""

    zh: str
    en: str


class Template(Part, frozen=True):
    """A plan to begin from."""

    code: str
    name: TemplateName
    plan: Plan


@cache
def list_templates() -> tuple[Template, ...]:
    """All templates, in the order of the docs."""
    found = sorted(
        (one for one in files("commissions").joinpath("templates").iterdir() if one.name.endswith(".json")), key=str
    )
    read = [msgspec.json.decode(one.read_bytes(), type=Template) for one in found]
    return tuple(msgspec.structs.replace(one, plan=normalised(one.plan)) for one in read)
