"""A customer has one number and at most one guide of their own."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from customers import queries, service
from kit import clock
from kit.db import db, unit_of_work
from models import Binding, Customer, Staff
from tests import make


def bind(guide: Staff, *, days_ago: int = 0) -> Binding:
    with unit_of_work():
        customer_id = service.ensure_customers(["M1"])["M1"]
        assert guide.store_id is not None
        return service.bind_customer(
            customer_id=customer_id,
            guide_id=guide.id,
            store_id=guide.store_id,
            reason="scan",
            now=clock.now() - timedelta(days=days_ago),
        )


def test_known_numbers_stay_and_unknown_ones_become_customers(app: object) -> None:
    with unit_of_work():
        first = service.ensure_customers(["M2", "M1", "M2"])
    with unit_of_work():
        again = service.ensure_customers(["M1", "M3"])
    assert first["M1"] == again["M1"]
    assert set(db.session.scalars(select(Customer.member_no))) == {"M1", "M2", "M3"}


def test_binding_again_to_the_same_guide_changes_nothing(guide: Staff) -> None:
    assert bind(guide, days_ago=1).id == bind(guide).id


def test_a_new_guide_ends_the_old_binding(guide: Staff) -> None:
    old = bind(guide, days_ago=1)
    new = bind(make.guide())
    assert old.ended_at == new.bound_at
    assert queries.find_live_bindings([new.customer_id])[new.customer_id].guide_id == new.guide_id


def test_database_refuses_two_live_bindings(guide: Staff) -> None:
    live = bind(guide)
    columns = {"customer_id": live.customer_id, "guide_id": guide.id, "store_id": guide.store_id, "reason": "x"}
    with pytest.raises(IntegrityError):
        make.save(Binding(**columns, bound_at=clock.now()))
