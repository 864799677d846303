"""Targets as sheets: taken in row by row with a report, and written so that they can be taken in again."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import BinaryIO, NamedTuple
from uuid import UUID

from babel.numbers import get_currency_precision
from xlsxwriter import Workbook

from kit.codes import fold_code
from kit.principal import Principal
from kit.problems import Problem
from kit.sheets import Report
from kit.words import Term, say
from staff.service import Outcome, take_in
from targets.queries.days import CURRENCY, ZONE
from targets.queries.subjects import StoreRef, find_guides, find_regions, find_stores
from targets.queries.targets import list_targets
from targets.rules.sheets import METRIC_NAMES, SHEET, TargetSheetRow
from targets.service.targets import Draft, put_targets

MAX_SHEET_ROWS = 200_000


class Place(NamedTuple):
    """What a row is of, and whose money and days count there."""

    level: str
    region_id: UUID | None = None
    store_id: UUID | None = None
    guide_id: UUID | None = None
    currency: str = CURRENCY
    time_zone: str = ZONE


def import_targets(
    file: BinaryIO, *, principal: Principal, now: datetime, dry_run: bool, encoding: str | None
) -> Report:
    """Set or propose the targets of a CSV or XLSX, those of regions, stores and guides that the caller sees.

    Good rows go in, bad ones are told. Raises SheetUnreadable, SheetHeaderWrong, SheetTooLarge.
    """
    take = partial(_take_rows, principal=principal, now=now)
    return take_in(SHEET, take, file, dry_run=dry_run, encoding=encoding)


def write_targets(file: BinaryIO, *, principal: Principal, month: date, metric: str | None) -> None:
    """Write what was approved for a month as XLSX, with the columns of the import and their Chinese headings."""
    rows = list_targets(principal=principal, after=None, limit=MAX_SHEET_ROWS, month=month, metric=metric)
    book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("目标")
    sheet.write_row(0, 0, [column.chinese for column in SHEET.columns.values()])
    for line, row in enumerate([row for row in rows if row.amount is not None], start=1):
        assert row.amount is not None
        texts = [f"{row.month:%Y-%m}", METRIC_NAMES[row.metric], row.region_code, None, None]
        texts[3:5] = [None, row.staff_no] if row.guide_id else [row.store_code, None]
        for place, text in enumerate(texts):
            if text:
                sheet.write_string(line, place, text)
        # As text: a number would be a float, which has no 17th digit.
        sheet.write_string(line, len(texts), str(Decimal(row.amount).scaleb(-_precision(row.currency))))
    book.close()


def _take_rows(rows: Sequence[TargetSheetRow], *, principal: Principal, now: datetime) -> list[Outcome]:
    judge = _Judge(rows, principal)
    judged = [judge.draft_of(row) for row in rows]
    drafts = {index: draft for index, draft in enumerate(judged) if isinstance(draft, Draft)}
    puts = dict(zip(drafts, put_targets(list(drafts.values()), principal=principal, now=now), strict=True))
    found = []
    for index, (row, said) in enumerate(zip(rows, judged, strict=True)):
        if isinstance(said, Problem):
            found.append(Outcome(index, SHEET.key_of(row), "rejected", said))
            continue
        refusal = puts[index].refusal
        problem = Problem("amount", refusal.said) if refusal else None
        found.append(Outcome(index, SHEET.key_of(row), puts[index].outcome, problem))
    return found


SUBJECTS = [Term(name, SHEET.columns[name].chinese) for name in ("region_code", "store_code", "staff_no")]


class _Judge:
    """Turns rows into drafts, with what they name looked up at once."""

    def __init__(self, rows: Sequence[TargetSheetRow], principal: Principal) -> None:
        self.regions = find_regions({row.region_code for row in rows if row.region_code}, principal=principal)
        self.stores = find_stores({row.store_code for row in rows if row.store_code}, principal=principal)
        self.guides = find_guides({row.staff_no for row in rows if row.staff_no}, principal=principal)
        self.seen: set[object] = set()

    def draft_of(self, row: TargetSheetRow) -> Draft | Problem:
        """What a row says, or why it cannot be taken."""
        place = self._place_of(row)
        if isinstance(place, Problem):
            return place
        amount = _minor_units(row, place.currency)
        if amount is None:
            return Problem("amount", say("unreadable.decimals"))
        draft = Draft(**place._asdict(), metric=row.metric, month=row.month, amount=amount, reason=row.reason)
        if draft.subject in self.seen:
            return Problem("month", say("duplicate", code=SHEET.key_of(row)))
        self.seen.add(draft.subject)
        return draft

    def _place_of(self, row: TargetSheetRow) -> Place | Problem:
        named = {"region_code": row.region_code, "store_code": row.store_code, "staff_no": row.staff_no}
        given = {field: code for field, code in named.items() if code}
        if len(given) != 1:
            return Problem("store_code", say("exactly_one", names=SUBJECTS))
        [(field, code)] = given.items()
        key = fold_code(code)
        if field == "region_code" and key in self.regions:
            return Place("region", region_id=self.regions[key])
        if field == "store_code" and key in self.stores:
            return _at("store", self.stores[key])
        if field == "staff_no" and key in self.guides:
            return _at("guide", self.guides[key].store, guide_id=self.guides[key].id)
        return Problem(field, say("unknown_code", code=code))


def _at(level: str, store: StoreRef, *, guide_id: UUID | None = None) -> Place:
    return Place(level, None, store.id, guide_id, store.currency, store.time_zone)


def _minor_units(row: TargetSheetRow, currency: str) -> int | None:
    """Fen of an amount in yuan, or whole pieces; None where something would be lost."""
    shifted = row.amount.scaleb(_precision(currency if row.metric == "net_sales" else None))
    return int(shifted) if shifted == shifted.to_integral_value() else None


def _precision(currency: str | None) -> int:
    return get_currency_precision(currency) if currency else 0
