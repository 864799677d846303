"""The measures are what docs/clienteling.md computes by hand, read from its own table."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from clienteling import queries
from customers.sealed import index_of, seal_identity
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Binding, Customer, CustomerIdentity, Source, Staff, Store
from tests import make
from tests.client import Client

PAGE = Path(__file__).parent.parent.parent / "docs/clienteling.md"
CHINA = ZoneInfo("Asia/Shanghai")
SEEN = datetime(2027, 3, 12, 9, tzinfo=UTC)
MARCH = {"from_day": date(2026, 3, 1), "to_day": date(2026, 3, 31)}
NOBODY = {"count": 0, "of": 0, "rate_bp": None}


def table(first_column: str) -> list[list[str]]:
    """The cells of the page's table of that first column."""
    lines = PAGE.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_column} |")) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def words(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(",") if word.strip()]


def at(day: str, hour: int) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), CHINA) + timedelta(hours=hour)


def make_customer(row: list[str], guide: Staff, store: Store, source: Source) -> UUID:
    name, registered, left, bound, purchased = row
    fields = [field for field in words(left) if field == "name"]
    customer = make.save(
        Customer(member_no=name, created_at=at(registered, 10), profile_fields=fields, store_id=store.id)
    )
    if "phone" in words(left):
        identity_id, phone = new_id(), make.phone()
        sealed = {"blind_index": index_of("phone", phone), "sealed_value": seal_identity(identity_id, phone)}
        make.save(CustomerIdentity(id=identity_id, customer_id=customer.id, kind="phone", **sealed))
    for span in words(bound):
        begun, _, ended = span.partition("…")
        dates = {"bound_at": at(begun, 10), "ended_at": at(ended, 12) if ended else None}
        whose = {"customer_id": customer.id, "guide_id": guide.id, "store_id": store.id}
        make.save(Binding(**whose, reason="scan", confirmed_at=dates["bound_at"], confirmed_how="scan", **dates))
    for number, day in enumerate(words(purchased)):
        bought = {"store": store, "served_by": guide, "member_no": name, "ordered_at": at(day, 14 + number)}
        make.take_orders(source, [make.order_item(**bought)], now=SEEN)
    return customer.id


def measured(person: Staff, **wanted: Any) -> dict[str, Any]:
    asked = {"store_id": None, "guide_id": None, **MARCH, **wanted}
    return queries.measure_customers(principal=make.principal_of(person), now=SEEN, **asked)


@pytest.fixture
def six(guide: Staff) -> dict[str, UUID]:
    """The page's customers, of the guide."""
    store, source = db.session.get_one(Store, guide.store_id), make.order_source()
    return {row[0]: make_customer(row, guide, store, source) for row in table("customer")}


def test_the_pages_example_comes_out_as_the_page_says(six: dict[str, UUID], guide: Staff) -> None:
    expected = {
        name: {"count": len(words(who)), "of": len(words(of_whom)), "rate_bp": int(rate)}
        for name, who, of_whom, rate in table("measure")
    }
    assert len(six) == 6
    admin = make.staff(roles=["hq_admin"])
    assert measured(admin) == measured(admin, store_id=guide.store_id) == expected
    # Ding is the store's and nobody's own.
    of_guide = {**expected, "profile_completeness": {"count": 3, "of": 4, "rate_bp": 7500}}
    assert measured(guide) == measured(admin, guide_id=guide.id) == of_guide


def test_others_have_their_own(six: dict[str, UUID], guide: Staff) -> None:
    colleague = make.guide(store_id=guide.store_id)
    assert set(map(str, measured(colleague).values())) == {str(NOBODY)}
    elsewhere = measured(make.staff(roles=["hq_admin"]), store_id=make.store().id)
    assert set(map(str, elsewhere.values())) == {str(NOBODY)}


def test_the_merged_are_one_and_the_erased_are_left_out(six: dict[str, UUID], guide: Staff) -> None:
    with unit_of_work():
        merged = update(Customer).where(Customer.id == six["Bo"]).values(merged_into_id=six["An"])
        db.session.execute(merged)
        gone = {"member_no": None, "profile_fields": [], "erased_at": SEEN}
        db.session.execute(update(Customer).where(Customer.id == six["Chen"]).values(gone))
    found = measured(guide)
    assert found["profile_completeness"] == {"count": 2, "of": 2, "rate_bp": 10_000}
    assert found["retention_day_1"] == {"count": 3, "of": 3, "rate_bp": 10_000}
    assert found["repurchase_3_months"] == {"count": 2, "of": 3, "rate_bp": 6667}


def test_what_cannot_be_said_yet_is_in_neither_number(six: dict[str, UUID], guide: Staff) -> None:
    asked = {"store_id": None, "guide_id": None, **MARCH, "principal": make.principal_of(guide)}
    found = queries.measure_customers(now=at("2026-03-11", 9), **asked)
    assert found["retention_day_1"] == {"count": 2, "of": 3, "rate_bp": 6667}  # An, Bo, Er: Chen's day is not over
    assert found["retention_quarter"] == found["repurchase_3_months"] == NOBODY


def test_measures_over_http_are_of_what_one_sees(client: Client, as_guide: Client, guide: Staff) -> None:
    path = "/v1/customers/measures?from=2026-03-01&to=2026-03-31"
    assert as_guide.get(path).json["repurchase_12_months"] == NOBODY
    assert as_guide.get(f"{path}&guide_id={make.guide().id}").status_code == 404
    assert as_guide.get(f"{path}&store_id={make.store().id}").json["code"] == "store_not_found"
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=make.region().id))
    assert regional.get(path).status_code == 200
    for period in ("from=2026-03-02&to=2026-03-01", "from=2025-01-01&to=2026-03-01", "from=2026-03-01"):
        assert as_guide.get(f"/v1/customers/measures?{period}").status_code == 422
