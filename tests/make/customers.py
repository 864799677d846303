"""Customers, as the rooms' own use cases make them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from customers import service
from kit import clock
from kit.db import unit_of_work
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import Staff
from tests.make.rows import next_number

HQ = Principal(id=UUID(int=0), kind="integrator", name="test", reach=Reach.ALL)


def phone() -> str:
    """A Chinese mobile number that no other customer of this test run has."""
    return f"+86139{next_number():08}"


def customer(*, guide: Staff | None = None, store_code: str | None = None, **fields: Any) -> UUID:
    """The id of a new customer: with a telephone and a name unless told otherwise, bound to `guide` if given."""
    customer_id = new_id()
    phones = fields.pop("phones", None)
    identities = fields.pop("identities", [("phone", one) for one in ([phone()] if phones is None else phones)])
    defaults: dict[str, Any] = {"member_no": None, "shared_phone": True}
    given = {name: fields.pop(name) for name in ("member_no", "shared_phone") if name in fields}
    with unit_of_work():
        service.create_customer(
            customer_id=customer_id,
            profile={"name": "张小满", **fields},
            identities=identities,
            store_code=store_code,
            by=HQ,
            now=clock.now(),
            **{**defaults, **given},
        )
        if guide is not None:
            assert guide.store_id is not None
            service.bind_customer(
                customer_id=customer_id,
                guide_id=guide.id,
                store_id=guide.store_id,
                reason="scan",
                now=clock.now() - timedelta(minutes=1),
            )
    return customer_id
