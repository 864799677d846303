"""Which refusals a view can raise, by reading it and all that it calls.

Calls through objects that a function was handed are not followed but for those of HANDED, and what is called is taken
to happen: the answer is what to look at, not proof.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

from kit.errors import DomainError
from kit.memory import Budget
from kit.workbook_parts import open_parts
from tests.test_house import PRODUCT

Names = Mapping[str, Any]
# What functions call through objects that they are handed.
HANDED: Mapping[Any, Any] = {open_parts: Budget.taking}


def refusals_raised(view: Any) -> set[type[DomainError]]:
    """What the view and the functions below it raise, or hand to a function that raises it."""
    found: set[type[DomainError]] = set()
    seen: set[Any] = set()
    waiting: list[Any] = [getattr(view, "prepare", None), view]
    while waiting:
        thing = waiting.pop()
        if not _is_ours(thing) or thing in seen:
            continue
        seen.add(thing)
        if isinstance(thing, type) and issubclass(thing, DomainError):
            found.add(thing)
        elif isinstance(thing, type):
            waiting += vars(thing).values()
        else:
            waiting += (getattr(thing, "__wrapped__", None), HANDED.get(thing))
            waiting += _named_in(thing) if _is_written(thing) else ()
    return found


def _is_ours(thing: Any) -> bool:
    # Others are not even looked at: some stand for the current request, and there is none.
    if type(thing).__module__.startswith("werkzeug"):
        return False
    known = isinstance(thing, type) or hasattr(thing, "__wrapped__") or inspect.isfunction(thing)
    return known and str(getattr(thing, "__module__", "")).split(".")[0] in PRODUCT


def _is_written(thing: Any) -> bool:
    """Whether it is a function with a text of its own, and no decorator of the ground: of those it is known what they
    refuse."""
    if not inspect.isfunction(thing) or thing.__name__ == "<lambda>" or not thing.__code__.co_filename.endswith(".py"):
        return False
    return not (hasattr(thing, "__wrapped__") and thing.__globals__["__name__"].startswith("kit."))


@cache
def _named_in(function: Any) -> tuple[Any, ...]:
    # By its own code: `getsource` would go through to what a decorator wraps.
    tree = ast.parse(textwrap.dedent(inspect.getsource(function.__code__)))
    closure = inspect.getclosurevars(function).nonlocals if function.__closure__ else {}
    names = {**function.__globals__, **closure}
    return tuple(
        thing
        for node in _spoken(tree.body[0])
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
        if _is_ours(thing := _resolved(node, names))
    )


def _spoken(node: ast.AST) -> Iterator[ast.AST]:
    """The parts that run: neither annotations, nor what an `except` or `isinstance` asks for."""
    yield node
    for field, value in ast.iter_fields(node):
        asked = isinstance(node, ast.ExceptHandler) and field == "type"
        if asked or field in ("annotation", "returns", "decorator_list") or _asks_for_type(node):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from _spoken(part)


def _asks_for_type(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass")
    )


def _resolved(node: ast.Name | ast.Attribute, names: Names) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if not isinstance(node.value, ast.Name | ast.Attribute):
        return None
    holder = _resolved(node.value, names)
    followed = isinstance(holder, ModuleType | type) or type(holder).__module__.split(".")[0] in PRODUCT
    return getattr(holder, node.attr, None) if followed else None
