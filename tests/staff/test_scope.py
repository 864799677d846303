"""A page starts from what somebody sees, and holds what a plain condition on every row would find."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, tuple_

from guideapi.app import GuideApp
from kit.db import db, fetch_all
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import FollowUp, Region, Staff, Store
from staff import scope
from staff.scope import Listed, Page, read_page, sees_guide
from tests import make

START = datetime(2026, 3, 1, tzinfo=UTC)
BY_STORE = Listed(keys=(FollowUp.at, FollowUp.id), guide_id=FollowUp.guide_id, store_id=FollowUp.store_id)
BY_GUIDE = Listed(keys=(FollowUp.at, FollowUp.id), guide_id=FollowUp.guide_id, store_id=None)
OLDEST_FIRST = Listed(
    keys=(FollowUp.at, FollowUp.id), guide_id=FollowUp.guide_id, store_id=FollowUp.store_id, newest_first=False
)


@pytest.fixture
def principals(app: GuideApp) -> dict[str, Principal]:
    """Somebody of each reach, in a chain of four regions with facts; one region has none of late."""
    chance = random.Random(7)
    regions = [make.region() for _ in range(4)]
    stores = [make.store(region_id=region.id) for region in regions for _ in range(2)]
    guides = [make.guide(store_id=store.id) for store in stores for _ in range(2)]
    customer_id = make.person(guide=guides[0])
    for number in range(80):
        # The last region's all lie before the others'.
        guide = chance.choice(guides[:-4]) if number > 9 else chance.choice(guides[-4:])
        at = START + timedelta(minutes=number // 3)
        facts = {"customer_id": customer_id, "channel": "call", "outcome": "reached"}
        make.save(FollowUp(id=new_id(), guide_id=guide.id, store_id=guide.store_id, at=at, **facts))
    return _principals(regions, stores, guides)


def _principals(regions: list[Region], stores: list[Store], guides: list[Staff]) -> dict[str, Principal]:
    def someone(reach: Reach, **place: Any) -> Principal:
        return Principal(id=new_id(), kind="staff", name="x", reach=reach, **place)

    return {
        "guide": Principal(id=guides[0].id, kind="staff", name="x", reach=Reach.SELF, store_id=stores[0].id),
        "manager": someone(Reach.STORE, store_id=stores[0].id),
        "cover": someone(Reach.STORE, store_id=stores[0].id, cover_store_ids=(stores[3].id,)),
        "region": someone(Reach.REGION, region_id=regions[0].id),
        "quiet region": someone(Reach.REGION, region_id=regions[3].id),
        "region and cover": someone(Reach.REGION, region_id=regions[0].id, cover_store_ids=(stores[3].id,)),
        "hq": someone(Reach.ALL),
    }


def pages(listed: Listed, principal: Principal, **narrowed: Any) -> list[UUID]:
    """All ids, a small page at a time."""
    columns = select(FollowUp.id, FollowUp.at)
    order = [key.desc() if listed.newest_first else key for key in listed.keys]
    found: list[UUID] = []
    after: tuple[datetime, UUID] | None = None
    while True:
        rows = read_page(
            listed,
            Page(limit=7, after=after, **narrowed),
            principal=principal,
            read=lambda theirs: list(fetch_all(columns.where(theirs).order_by(*order))),
        )
        found += [row["id"] for row in rows]
        if len(rows) < 7:
            return found
        after = (rows[-1]["at"], rows[-1]["id"])


def plainly(listed: Listed, principal: Principal, *where: Any) -> list[UUID]:
    keys = tuple_(*listed.keys)
    seen = select(FollowUp.id).join(Staff, Staff.id == FollowUp.guide_id)
    store_id = FollowUp.store_id if listed.store_id is not None else Staff.store_id
    statement = seen.where(sees_guide(FollowUp.guide_id, store_id, principal), *where)
    return list(db.session.scalars(statement.order_by(keys.desc() if listed.newest_first else keys)))


@pytest.mark.parametrize("looked_through", [3, 20, 1000])
@pytest.mark.parametrize("listed", [BY_STORE, BY_GUIDE, OLDEST_FIRST], ids=["store", "guide", "oldest"])
def test_pages_hold_what_somebody_sees_in_order(
    principals: dict[str, Principal], listed: Listed, looked_through: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope, "LOOKED_THROUGH", looked_through)
    for name, principal in principals.items():
        expected = plainly(listed, principal)
        assert pages(listed, principal) == expected, name
        assert expected, name


@pytest.mark.parametrize("listed", [BY_STORE, BY_GUIDE], ids=["store", "guide"])
def test_pages_of_one_store_or_guide(principals: dict[str, Principal], listed: Listed) -> None:
    guide_id, store_id = principals["guide"].id, principals["guide"].store_id
    for name, principal in principals.items():
        store = FollowUp.store_id == store_id
        assert pages(listed, principal, store_id=store_id) == plainly(listed, principal, store), name
        of_guide = plainly(listed, principal, FollowUp.guide_id == guide_id)
        assert pages(listed, principal, guide_id=guide_id) == of_guide, name
