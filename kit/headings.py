"""The first row of a table that people send: which columns it names, in English or Chinese."""

from collections.abc import Mapping, Sequence

from kit.words import Said, Term, say
from kit.workbook_parts import SheetUnreadable

MAX_TOLD = 64


class SheetHeaderWrong(SheetUnreadable):
    """The first row does not name the columns of this kind of file."""

    code = "sheet_header_wrong"


def read_headings(cells: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """The names of the columns in the order of the file; `titles` has the Chinese one of each.

    Raises SheetHeaderWrong for one that is not among them, or that stands twice.
    """
    by_title = {title.casefold(): name for name, title in titles.items()}
    while cells and not cells[-1]:
        cells = cells[:-1]
    names = [by_title.get(cell.casefold(), cell.casefold()) for cell in cells]
    for name, cell in zip(names, cells, strict=True):
        if name not in titles:
            raise header_wrong(cell[:MAX_TOLD], say("unknown_column", columns=as_terms(titles)))
        if names.count(name) > 1:
            raise header_wrong(name, say("repeated_column"))
    return names


def header_wrong(column: str, said: Said) -> SheetHeaderWrong:
    """The error that says of `column` what is wrong with it."""
    return SheetHeaderWrong(said, errors={column: [said]})


def as_terms(titles: Mapping[str, str]) -> list[Term]:
    """The columns, to be named in the reader's language."""
    return [Term(name, title) for name, title in titles.items()]
