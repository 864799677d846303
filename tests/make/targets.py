"""Targets, as somebody says them."""

from datetime import date
from uuid import UUID

from kit import clock
from kit.db import db, unit_of_work
from models import Staff, Store
from targets.service.targets import Draft, put_targets
from tests.make.content import principal_of
from tests.make.staff import staff


def target(*, store: Store, guide: Staff | None = None, month: date, amount: int, metric: str = "net_sales") -> UUID:
    """A target that the store's region set."""
    manager = principal_of(staff(roles=["regional_manager"], region_id=store.region_id))
    place = {"store_id": store.id, "currency": store.currency, "time_zone": store.time_zone}
    with unit_of_work():
        draft = Draft(
            level="guide" if guide else "store",
            guide_id=guide.id if guide else None,
            metric=metric,
            month=month,
            amount=amount,
            reason="test",
            **place,
        )
        [put] = put_targets([draft], principal=manager, now=clock.now())
    db.session.expire_all()
    assert put.target_id
    return put.target_id
