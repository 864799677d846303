"""Customers by the million, sealed as in production, with guides, consents, contacts and orders; loaded by COPY."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from time import perf_counter
from uuid import UUID

import psycopg
from psycopg import sql

from customers.sealed import index_of, seal_identity, seal_profile
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Region, Source, Staff, Store
from staff.rules.clients import Caller
from staff.service import start_session

CUSTOMERS_PER_GUIDE = 2_000
GUIDES_PER_STORE = 10

CUSTOMER = ("id uuid", "member_no text", "store_id uuid", "sealed_profile bytea", "profile_fields text[]")
IDENTITY = ("id uuid", "customer_id uuid", "kind text", "blind_index bytea", "sealed_value bytea")
BINDING = ("id uuid", "customer_id uuid", "guide_id uuid", "store_id uuid", "reason text", "bound_at timestamptz")
# Nine in ten said yes to messages; one in five was contacted this month; one to three orders each in two years.
CONSENTS = """
INSERT INTO consent (customer_id, channel, granted, given_at, origin, recorder_kind)
SELECT id, 'sms', get_byte(uuid_send(id), 15) % 10 <> 0, now() - interval '40 days', 'form', 'staff' FROM customer"""
CONTACTS = """
INSERT INTO contact (customer_id, channel, guide_id, reference_id, reserved_at, expires_at, sent_at)
SELECT b.customer_id, 'sms', b.guide_id, uuidv7(), at, at, at
FROM binding b CROSS JOIN LATERAL (SELECT now() - make_interval(hours => get_byte(uuid_send(b.id), 14) * 3) AS at) t
WHERE get_byte(uuid_send(b.id), 15) % 5 = 0"""
ORDERS = """
INSERT INTO sales_order (source_id, external_id, source_version, store_id, customer_id, channel, ordered_at,
                         business_day, currency, net_fen, changed_at)
SELECT (SELECT id FROM source LIMIT 1), c.member_no || '-' || n, 1, c.store_id, c.id, 'pos', day, day, 'CNY',
       100 + get_byte(uuid_send(c.id), 12 + n) * 1000, now() - interval '2 hours'
FROM customer c CROSS JOIN generate_series(1, 1 + get_byte(uuid_send(c.id), 12) % 3) n
CROSS JOIN LATERAL (
  SELECT current_date - (get_byte(uuid_send(c.id), 13) + n * get_byte(uuid_send(c.id), 14)) AS day) d"""
TABLES = ("customer", "customer_identity", "binding", "consent", "contact", "sales_order")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What requests and their peers need to know."""

    guide_id: UUID
    token: str
    manager_token: str  # of a regional manager, who sees all customers
    phones: tuple[str, ...]  # of the guide's own customers
    customer_ids: tuple[UUID, ...]
    seconds: float


def write_rows(database_url: str, *, customers: int) -> Rows:
    """Fill an empty database, in the application's context; foreign keys are not checked row by row."""
    started = perf_counter()
    manager_id, guides = _people(customers)
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '256MB'")
        own = _copy_customers(connection, customers, guides)
        for statement in (CONSENTS, CONTACTS, ORDERS):
            connection.execute(statement)
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        for table in TABLES:
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))
    tokens = {"token": sign_in(guides[0][0]), "manager_token": sign_in(manager_id)}
    phones = tuple(phone_of(number) for number in range(0, customers, len(guides)))
    return Rows(guide_id=guides[0][0], **tokens, phones=phones, customer_ids=own, seconds=perf_counter() - started)


def phone_of(number: int) -> str:
    """The telephone of the customer of this number."""
    return f"+8613{number:09}"


def _people(customers: int) -> tuple[UUID, list[tuple[UUID, UUID]]]:
    """A regional manager, and as many guides, with their stores, as serve so many customers."""
    count = max(1, customers // CUSTOMERS_PER_GUIDE)
    region_id, opened = new_id(), date(2020, 1, 1)
    found = []
    with unit_of_work():
        db.session.add(Region(id=region_id, code="EAST", name="华东", ancestor_ids=[region_id]))
        db.session.add(Source(code="till", name="收银"))
        db.session.flush()
        for number in range(count):
            if number % GUIDES_PER_STORE == 0:
                store = Store(
                    id=new_id(), code=f"S{number}", name=f"门店{number}", region_id=region_id, opened_on=opened
                )
                db.session.add(store)
                db.session.flush()
            guide = _person(f"G{number}", role="guide", store_id=store.id)
            found.append((guide.id, store.id))
        manager = _person("M1", role="regional_manager", region_id=region_id)
    return manager.id, found


def _person(staff_no: str, *, role: str, **place: UUID) -> Staff:
    hired = date(2020, 1, 1)
    person = Staff(id=new_id(), staff_no=staff_no, name=staff_no, roles=[role], hired_on=hired, **place)
    db.session.add(person)
    return person


def _copy_customers(
    connection: psycopg.Connection, customers: int, guides: list[tuple[UUID, UUID]]
) -> tuple[UUID, ...]:
    """Write customers, identities and bindings in blocks; the ids of the first guide's own."""
    own: list[UUID] = []
    block = 50_000
    for start in range(0, customers, block):
        numbers = range(start, min(start + block, customers))
        ids = {number: new_id() for number in numbers}
        _copy(connection, "customer", CUSTOMER, _customer_rows(ids, guides))
        _copy(connection, "customer_identity", IDENTITY, _identity_rows(ids))
        _copy(connection, "binding", BINDING, _binding_rows(ids, guides))
        own += [id_ for number, id_ in ids.items() if number % len(guides) == 0]
    return tuple(own)


def _customer_rows(ids: dict[int, UUID], guides: list[tuple[UUID, UUID]]) -> Iterator[tuple[object, ...]]:
    for number, id_ in ids.items():
        sealed = seal_profile(id_, {"name": f"顾客{number}", "birthday": "1990-05-17"})
        yield id_, f"M{number}", guides[number % len(guides)][1], sealed, ["birthday", "name"]


def _identity_rows(ids: dict[int, UUID]) -> Iterator[tuple[object, ...]]:
    for number, id_ in ids.items():
        identity_id, phone = new_id(), phone_of(number)
        yield identity_id, id_, "phone", index_of("phone", phone), seal_identity(identity_id, phone)


def _binding_rows(ids: dict[int, UUID], guides: list[tuple[UUID, UUID]]) -> Iterator[tuple[object, ...]]:
    bound_at = clock.now() - timedelta(days=100)
    for number, id_ in ids.items():
        guide_id, store_id = guides[number % len(guides)]
        yield new_id(), id_, guide_id, store_id, "scan", bound_at


def _copy(
    connection: psycopg.Connection, table: str, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]
) -> None:
    names, types = zip(*(column.split() for column in columns), strict=True)
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def sign_in(guide_id: UUID) -> str:
    """An access token of somebody, in a sign-in of its own."""
    with unit_of_work():
        caller = Caller(address="127.0.0.1", device_name="benchmark")
        signed_in = start_session(db.session.get_one(Staff, guide_id), caller=caller, now=clock.now())
    db.session.remove()
    return signed_in.access_token


def say(text: str) -> None:
    """One line of progress."""
    sys.stderr.write(f"{text}\n")
