"""A page of customers holds whom somebody sees, whichever way it is found."""

import random
from uuid import UUID

import pytest
from sqlalchemy import select

from customers import queries as customers
from customers.queries import lists
from customers.queries.sight import sees_customer
from guideapi.app import GuideApp
from kit.db import db
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import Customer
from tests import make


def pages(principal: Principal) -> list[UUID]:
    found: list[UUID] = []
    while True:
        older = found[-1] if found else None
        page = customers.find_in_sight(principal, customers.CustomerFilter(), older=older, limit=5)
        found += page
        if len(page) < 5:
            return found


@pytest.mark.parametrize("looked_through", [4, 15, 1000])
def test_pages_of_a_region(app: GuideApp, looked_through: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of customers of other regions' stores who are bound to a guide of this one."""
    monkeypatch.setattr(lists, "LOOKED_THROUGH", looked_through)
    chance = random.Random(3)
    regions = [make.region() for _ in range(3)]
    stores = [make.store(region_id=region.id) for region in regions for _ in range(2)]
    guides = [make.guide(store_id=store.id) for store in stores]
    for number in range(40):
        # The last region's come before all others.
        guide = chance.choice(guides[:4]) if number > 5 else chance.choice(guides[4:])
        make.customer(guide=guide, store_code=chance.choice(stores[:4]).code)
    for region in regions:
        principal = Principal(id=new_id(), kind="staff", name="x", reach=Reach.REGION, region_id=region.id)
        seen = select(Customer.id).where(sees_customer(principal)).order_by(Customer.id.desc())
        expected = list(db.session.scalars(seen))
        assert pages(principal) == expected
        assert expected
