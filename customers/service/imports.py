"""Customers by the thousand, from CSV or XLSX: found by what they are known by, made or completed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from customers import queries
from customers.queries.standing import Standing, find_guides, hold_standing
from customers.rules.sheets import CustomerRow, read_header, read_row
from customers.sealed import PROFILE_FIELDS, seal_profile, unseal_profile
from customers.service.identities import add_identities
from customers.service.tags import add_tags
from kit import sheets
from kit.codes import fold_code
from kit.db import db, rehearsal
from kit.ids import new_id
from kit.principal import Principal
from kit.problems import Problem
from kit.sheets import Report
from kit.words import say
from models import Binding, Customer
from staff import queries as staff

ROWS_AT_ONCE = 5_000
ORIGIN = "import"
# Who wrote two numbers that are one to us may have meant two customers.
FALLS_TOGETHER = Problem("member_no", say("falls_together"))


@dataclass
class _Chunk:
    """What is known about those whom some rows name, by the keys of codes (kit/codes.py), and what is to be written."""

    by_number: Mapping[str, UUID]
    owners: Mapping[tuple[str, str], set[UUID]]
    standing: Mapping[UUID, Standing]
    stores: Mapping[str, UUID]
    guides: Mapping[str, tuple[UUID, UUID | None]]
    created: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    identities: list[tuple[UUID, str, str]] = field(default_factory=list)
    tags: list[tuple[UUID, str]] = field(default_factory=list)
    bound: list[dict[str, Any]] = field(default_factory=list)


def import_customers(
    file: BinaryIO, *, by: Principal, dry_run: bool, now: datetime, encoding: str | None = None
) -> Report:
    """Take in a file of customers, its text in `encoding` if given; a dry run reports the same and changes nothing.

    Good rows go in, without the cells that cannot be read; bad ones are told, and so are those cells. Nothing that is
    known is taken away. Raises SheetUnreadable, SheetTooLarge.
    """
    if dry_run:
        with rehearsal():
            return _import(file, encoding, by=by, now=now)
    return _import(file, encoding, by=by, now=now)


def _import(file: BinaryIO, encoding: str | None, *, by: Principal, now: datetime) -> Report:
    report = Report()
    with closing(sheets.read_rows(file, encoding=encoding)) as rows:
        for chunk in _chunks(_typed(rows, report, now=now)):
            _take(chunk, report, by=by, now=now)
    report.problems.sort(key=lambda problem: problem["line"])
    report.warnings.sort(key=lambda warning: warning["line"])
    return report


def _typed(rows: Iterator[sheets.Row], report: Report, *, now: datetime) -> Iterator[CustomerRow]:
    _, cells = next(rows, (0, []))
    names = read_header(cells)
    written: dict[str, str] = {}
    for line, cells in rows:
        row = read_row(line, names, cells, now=now)
        if isinstance(row, CustomerRow) and row.member_no:
            first = written.setdefault(fold_code(row.member_no), row.member_no)
            row = row if first == row.member_no else FALLS_TOGETHER
        if isinstance(row, Problem):
            report.reject(line, row)
        else:
            yield row


def _chunks(rows: Iterable[CustomerRow]) -> Iterator[list[CustomerRow]]:
    """As many rows as name nobody twice: the second one must find what the first one made."""
    chunk: list[CustomerRow] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if len(chunk) == ROWS_AT_ONCE or not seen.isdisjoint(row.keys):
            yield chunk
            chunk, seen = [], set()
        chunk.append(row)
        seen |= row.keys
    if chunk:
        yield chunk


def _take(rows: Sequence[CustomerRow], report: Report, *, by: Principal, now: datetime) -> None:
    chunk = _look_up(rows)
    for row in rows:
        outcome = _decide(row, chunk, now=now)
        if isinstance(outcome, Problem):
            report.reject(row.line, outcome)
            continue
        report.counts[outcome] += 1
        for warning in row.warnings:
            report.warn(row.line, warning)
    _write(chunk, set_by=by.id if by.kind == "staff" else None, now=now)


def _look_up(rows: Sequence[CustomerRow]) -> _Chunk:
    by_number = queries.find_customer_ids({row.member_no for row in rows if row.member_no})
    owners = queries.find_identity_owners({name for row in rows for name in row.identities})
    people = {*by_number.values(), *(one for some in owners.values() for one in some)}
    return _Chunk(
        by_number=by_number,
        owners=owners,
        standing=hold_standing(people),
        stores=staff.find_store_ids({row.store_code for row in rows if row.store_code}),
        guides=find_guides({row.staff_no for row in rows if row.staff_no}),
    )


def _decide(row: CustomerRow, chunk: _Chunk, *, now: datetime) -> str | Problem:
    """Put down what the row asks to be written; "created", "updated", "unchanged", or why it cannot be."""
    if row.store_code and fold_code(row.store_code) not in chunk.stores:
        return Problem("store_code", say("unknown_code.store"))
    if row.staff_no and fold_code(row.staff_no) not in chunk.guides:
        return Problem("staff_no", say("unknown_code.guide"))
    found = _find(row, chunk)
    if isinstance(found, Problem):
        return found
    customer_id = found or new_id()
    known = chunk.standing.get(customer_id)
    news = _extras(row, customer_id, chunk, known, now=now)
    store_id = chunk.stores.get(fold_code(row.store_code or ""))
    if known is None:
        columns = {"member_no": row.member_no, "store_id": store_id, "created_at": now, "origin": ORIGIN}
        chunk.created.append({"id": customer_id, **columns, **_sealed(customer_id, row.profile), "updated_at": now})
        return "created"
    profile = unseal_profile(customer_id, known.sealed_profile)
    member_no, store = known.member_no or row.member_no, store_id or known.store_id
    complete = {**profile, **row.profile}
    if (complete, member_no, store) == (profile, known.member_no, known.store_id) and not news:
        return "unchanged"
    sealed = _sealed(customer_id, complete)
    chunk.changed.append(
        {"row_id": customer_id, "member_no": member_no, "store_id": store, **sealed, "updated_at": now}
    )
    return "updated"


def _find(row: CustomerRow, chunk: _Chunk) -> UUID | Problem | None:
    """Whom the row means: by number, or else by identity; None is somebody new."""
    meant = chunk.by_number.get(fold_code(row.member_no or ""))
    for name in row.identities:
        others = {one for one in chunk.owners.get(name, ()) if one in chunk.standing} - {meant}
        if name[0] == "phone" and (meant or row.member_no):
            # A family's telephone: those with numbers of their own are other people.
            others = set() if meant else {one for one in others if chunk.standing[one].member_no is None}
        if len(others) > 1:
            return Problem(name[0], say("ambiguous"))
        if others and meant:
            return Problem(name[0], say("taken"))
        meant = meant or next(iter(others), None)
    if meant and row.member_no:
        theirs = chunk.standing[meant].member_no
        if theirs is not None and fold_code(theirs) != fold_code(row.member_no):
            return _otherwise_numbered(row, meant, chunk)
    return meant


def _otherwise_numbered(row: CustomerRow, meant: UUID, chunk: _Chunk) -> UUID | Problem:
    """A number that was merged into this customer is theirs, too; another number is another person's."""
    if chunk.by_number.get(fold_code(row.member_no or "")) == meant:
        return meant
    return Problem("member_no", say("taken.other_number"))


def _extras(row: CustomerRow, customer_id: UUID, chunk: _Chunk, known: Standing | None, *, now: datetime) -> bool:
    """Whether there is anything new beside the customer's own row."""
    names = [name for name in row.identities if customer_id not in chunk.owners.get(name, ())]
    tags = [tag for tag in row.tags if known is None or tag not in known.tags]
    chunk.identities += [(customer_id, *name) for name in names]
    chunk.tags += [(customer_id, tag) for tag in tags]
    free = row.staff_no is not None and (known is None or not known.bound)
    if row.staff_no is not None and free:
        guide_id, store_id = chunk.guides[fold_code(row.staff_no)]
        binding = {"guide_id": guide_id, "store_id": store_id, "reason": ORIGIN, "bound_at": now}
        binding |= {"confirmed_at": now, "confirmed_how": ORIGIN}
        chunk.bound.append({"customer_id": customer_id, **binding})
    return bool(names or tags or free)


def _sealed(customer_id: UUID, profile: Mapping[str, str]) -> dict[str, Any]:
    fields = [name for name in PROFILE_FIELDS if name in profile]
    return {"sealed_profile": seal_profile(customer_id, profile), "profile_fields": fields}


def _write(chunk: _Chunk, *, set_by: UUID | None, now: datetime) -> None:
    missing = _create(chunk.created)
    if chunk.changed:
        table: Any = Customer.__table__
        columns: Any = {name: bindparam(name) for name in chunk.changed[0] if name != "row_id"}
        db.session.execute(update(table).where(table.c.id == bindparam("row_id")).values(columns), chunk.changed)
    add_identities([row for row in chunk.identities if row[0] not in missing])
    add_tags([pair for pair in chunk.tags if pair[0] not in missing], origin=ORIGIN, set_by=set_by, now=now)
    if bound := [row for row in chunk.bound if row["customer_id"] not in missing]:
        db.session.execute(insert(Binding).on_conflict_do_nothing(), bound)
    db.session.expire_all()


def _create(rows: list[dict[str, Any]]) -> set[UUID]:
    """The ids of those whom a till made under the same number at this very moment; the next import completes them."""
    if not rows:
        return set()
    made = insert(Customer).on_conflict_do_nothing(index_elements=["member_no_key"]).returning(Customer.id)
    return {row["id"] for row in rows} - set(db.session.scalars(made, rows))
