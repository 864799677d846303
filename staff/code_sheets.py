"""Codes for a first sign-in on paper: a worksheet for each store, or one list as CSV."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from itertools import groupby
from typing import Any

import xlsxwriter

TITLES = ("门店编码", "门店", "工号", "姓名", "首次登录码", "有效期至 (UTC)")
WIDTHS = (12, 24, 14, 16, 24, 20)
# People without a store of their own.
ELSEWHERE = "总部"
MAX_TITLE = 31
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))
# A spreadsheet would take what begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

People = Sequence[dict[str, Any]]


def as_xlsx(people: People) -> bytes:
    """A workbook with a worksheet for each store, in the order of `people`."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        for number, (code, rows) in enumerate(groupby(people, key=lambda one: one["store_code"]), start=1):
            # Codes may be longer than a title, or the same but for their case.
            sheet = book.add_worksheet(f"{number} {code or ELSEWHERE}".translate(FORBIDDEN)[:MAX_TITLE])
            for column, width in enumerate(WIDTHS):
                sheet.set_column(column, column, width)
            sheet.write_row(0, 0, TITLES, bold)
            for line, cells in enumerate(_lines(rows), start=1):
                for column, cell in enumerate(cells):
                    sheet.write_string(line, column, cell)
        if not people:
            book.add_worksheet().write_row(0, 0, TITLES, bold)
    return file.getvalue()


def as_csv(people: People) -> bytes:
    """One list, in UTF-8 with the mark by which spreadsheet programs know it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(TITLES)
    writer.writerows([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in line] for line in _lines(people))
    return text.getvalue().encode("utf-8-sig")


def _lines(people: Iterable[dict[str, Any]]) -> Iterable[tuple[str, ...]]:
    for one in people:
        place = (one["store_code"] or "", one["store_name"] or ELSEWHERE)
        yield (*place, one["staff_no"], one["name"], one["code"], f"{one['expires_at']:%Y-%m-%d %H:%M}")
