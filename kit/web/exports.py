"""Lists as files for spreadsheets: CSV and XLSX, in which no cell is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response
from xlsxwriter import Workbook

from kit.web.language import spoken
from kit.words import Said

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("json", "csv", "xlsx")


def as_file(form: str, *, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a file of this form, csv or xlsx, whose name is `name` with that ending."""
    texts = ([_text(value) for value in row] for row in rows)
    content, mimetype = (_xlsx(columns, texts), XLSX) if form == "xlsx" else (_csv(columns, texts), "text/csv")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, mimetype=mimetype, headers=headers)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    # The mark makes spreadsheets read it as UTF-8.
    return ("\ufeff" + text.getvalue()).encode()


def _xlsx(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    file = io.BytesIO()
    book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, columns)
    for line, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            # As text: a number would be a float, which has no 17th digit.
            sheet.write_string(line, place, cell)
    book.close()
    return file.getvalue()


def _text(value: object) -> str:
    return "" if value is None else spoken(value) if isinstance(value, Said) else str(value)


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; an amount that is negative is none."""
    begins = text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if begins and not _is_amount(text) else text


def _is_amount(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
