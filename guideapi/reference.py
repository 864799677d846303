"""The pages docs/reference/*.md, written from the contract: every route and every code."""

from collections.abc import Iterable, Iterator
from inspect import getdoc
from typing import Any

from flask import Flask

from guideapi.openapi import FRONT
from kit.errors import DomainError
from kit.web.errors import HTTP_CODES
from kit.web.problems import ACCIDENT, Code, code_of, http_code
from kit.words import CHINESE, ENGLISH, TABLES
from performance.queries.catalogue import list_metrics
from staff.rules.roles import ANY_STAFF, ROLES

WRITTEN = "<!-- Written by `python -m guideapi reference`; a test compares it with the code. -->"

METHODS = ("get", "post", "put", "patch", "delete")
ROUTES_HEAD = f"""{WRITTEN}
# Routes

`/openapi.json` is the whole contract, `/docs` a page to read and try it. What holds for all: [api.md](../api.md);
what can be refused: [codes.md](codes.md). Auditors may read whatever some member of staff may. The name is the
`operationId`, which clients made from the document call their functions by; it never changes."""
CODES_HEAD = f"""{WRITTEN}
# Codes

Every error is `application/problem+json` (RFC 9457) with a stable `code`. What items of batches and imports say:
[api.md](../api.md)."""


WORDS_HEAD = f"""{WRITTEN}
# Words

What is said beside the titles of [refusals](codes.md): details, reasons, what is wrong with fields, rows and items.
Programs are given the code, which ends before the dot; behind it is which of its sentences is said. Behind `claim.`,
`contact.` and `touch.` stand the codes of reasons themselves. Facts stand in braces."""


FIGURES_HEAD = f"""{WRITTEN}
# Figures

What `GET /v1/metrics` answers; [performance](../performance.md) explains them and counts an example. Kind `day`: stored
by day, adding up; `period`: counted over the days asked for; `ratio`: divided when answering."""


def pages(app: Flask) -> dict[str, str]:
    """The text of each page, by file name."""
    written = {"routes.md": _routes(app), "codes.md": _codes(), "words.md": _words(), "figures.md": _figures()}
    return {name: "\n".join(lines) + "\n" for name, lines in written.items()}


def _routes(app: Flask) -> Iterator[str]:
    document = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    operations.sort(key=lambda one: (one[1], METHODS.index(one[0].lower())))
    yield ROUTES_HEAD
    for tag in document["tags"]:
        yield from _table(f"## {tag['name']}", ("route", "who", "what", "name"))
        for method, path, operation in operations:
            if tag["name"] in operation["tags"]:
                what, name = operation["summary"].removesuffix("."), operation["operationId"]
                yield _row(f"`{method} {path}`", _who(operation), what, f"`{name}`")
    yield from _table("## Outside the contract", ("route", "who", "what"))
    yield from _pages(app, {path for _, path, _ in operations})


def _pages(app: Flask, documented: set[str]) -> Iterator[str]:
    yield _row("`GET /openapi.json`", "anyone", "The contract")
    yield _row("`GET /docs/`", "anyone", "A page to read and try it")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        path = "/".join(_segment(part) for part in rule.rule.split("/"))
        if path in documented or rule.endpoint.startswith(("swagger_ui.", "api-docs.")):
            continue
        [method] = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        what = (getdoc(app.view_functions[rule.endpoint]) or "").partition("\n")[0].removesuffix(".")
        yield _row(f"`{method} {path}`", "anyone", what)


def _segment(part: str) -> str:
    return "{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part


def _who(operation: dict[str, Any]) -> str:
    who = set(operation.get("x-access", ()))
    if not who:
        return "anyone"
    for all_of_them, name in ((ANY_STAFF, "staff"), (ROLES - {"guide"}, "managers and headquarters")):
        if who >= all_of_them:
            who = who - all_of_them | {name}
    return ", ".join(sorted(who))


def _codes() -> Iterator[str]:
    yield from _table(CODES_HEAD, ("code", "status", "title", "标题", "means"))
    for code in sorted(list_codes()):
        yield _row(f"`{code.code}`", str(code.status), code.english, code.chinese, code.meaning)


def list_codes() -> set[Code]:
    """Every code that an error answer may carry, with its status."""
    found = {*FRONT, ACCIDENT, *(code_of(kind) for kind in _below(DomainError) if _says(kind))}
    known = {code.code for code in found}
    return found | {http_code(status) for status, code in HTTP_CODES.items() if code not in known}


def _words() -> Iterator[str]:
    yield from _table(WORDS_HEAD, ("code", "English", "中文"))
    for word in sorted(word for word in TABLES[ENGLISH] if not word.startswith("title:")):
        yield _row(f"`{word}`", *(TABLES[language][word] for language in (ENGLISH, CHINESE)))


def _figures() -> Iterator[str]:
    head = ("figure", "kind", "unit", "English", "中文", "means", "含义", "on the day", "in the store")
    yield from _table(FIGURES_HEAD, head)
    for one in list_metrics():
        where = (one.day.en if one.day else "", one.place.en if one.place else "")
        yield _row(f"`{one.name}`", one.kind, one.unit, one.label.en, one.label.zh, one.means.en, one.means.zh, *where)


def _below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _says(kind: type[DomainError]) -> bool:
    """Whether the class has a code of its own, and is not a test's."""
    return "code" in vars(kind) and not kind.__module__.startswith("tests")


def _table(head: str, columns: Iterable[str]) -> Iterator[str]:
    yield f"\n{head}\n" if not head.startswith("<") else f"{head}\n"
    yield _row(*columns)
    yield "|" + "---|" * len(tuple(columns))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
