"""Contents, forwards and touches, for tests of the content center and of the rooms above it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from catalog import service as catalog_service
from content_center import service
from content_center.service import Audience, Draft
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id, new_token
from kit.principal import Principal, Reach
from models import Content, Forward, Product, Sku, Staff, Touch
from tests.make.contact import no_quiet_hours
from tests.make.rows import save
from tests.make.staff import staff


def principal_of(person: Staff) -> Principal:
    """A member of staff as a caller."""
    reach = Reach.ALL if any(role.startswith("hq_") for role in person.roles) else Reach.SELF
    return Principal(
        id=person.id,
        kind="staff",
        name=person.name,
        roles=frozenset(person.roles),
        reach=reach,
        store_id=person.store_id,
        region_id=person.region_id,
    )


def draft(*, products: Sequence[UUID] = (), **fields: Any) -> Draft:
    defaults = {
        "title": "秋日焕亮",
        "body": "换季的第一瓶精华。",
        "texts": {"default": "{customer_name}，{guide_name}为您推荐"},
        "poster_template": "product_card",
    }
    return Draft(product_ids=list(products), **{**defaults, **fields})


def content(
    *,
    published: bool = True,
    products: Sequence[UUID] = (),
    author: Staff | None = None,
    saying: dict[str, Any] | None = None,
    **fields: Any,
) -> Content:
    """A content with one version (`saying` changes what it says), published by a second person."""
    now = clock.now()
    defaults = {"kind": "article", "category": "新品", "valid_from": now - timedelta(days=30)}
    writer = principal_of(author or staff(roles=["hq_content"]))
    with unit_of_work():
        content_id = service.create_content(
            draft=draft(products=products, **(saying or {})), author=writer, **{**defaults, **fields}
        )
    if published:
        month_ago = now - timedelta(days=30)
        publish(content_id, now=min(month_ago, fields.get("valid_from", month_ago)))
    return db.session.get_one(Content, content_id)


def new_version(content: Content, *, now: datetime | None = None, **saying: Any) -> None:
    """A further version, published."""
    writer = principal_of(staff(roles=["hq_content"]))
    with unit_of_work():
        service.add_version(content_id=content.id, draft=draft(**saying), author=writer, now=clock.now())
    publish(content.id, now=now)


def publish(content_id: UUID, *, now: datetime | None = None) -> None:
    """Published a day ago by someone who did not write it."""
    reviewer = principal_of(staff(roles=["hq_content"]))
    with unit_of_work():
        service.publish_content(content_id=content_id, reviewer=reviewer, now=now or clock.now() - timedelta(days=1))


def forward(*, guide: Staff, of: Content | None = None, at: datetime | None = None, **fields: Any) -> Forward:
    """A forward that `guide` made, an hour ago unless said otherwise."""
    defaults = {"channel": "link", "target": {"kind": "none"}, "language": "zh"}
    content_id = (of or content()).id
    if "customer_ids" in fields.get("target", ()):
        no_quiet_hours()
    with unit_of_work():
        row = service.forward_content(
            forward_id=new_id(),
            content_id=content_id,
            guide=principal_of(guide),
            now=at or clock.now() - timedelta(hours=1),
            **{**defaults, **fields},
        )
    return db.session.get_one(Forward, row["id"])


def sent_forward(*, at: datetime | None = None, **forwarded: Any) -> Forward:
    """A forward that the guide's app confirms as sent, when it was made."""
    made = forward(at=at, **forwarded)
    return confirm_sent(made, at=made.created_at)


def confirm_sent(made: Forward, *, at: datetime | None = None, customer_ids: Sequence[UUID] = ()) -> Forward:
    """The forward, which the guide's app confirms as sent to these customers of its own, or to all."""
    by = principal_of(db.session.get_one(Staff, made.guide_id))
    with unit_of_work():
        service.confirm_forward(
            forward_id=made.id, kind="client", customer_ids=customer_ids, by=by, now=at or clock.now()
        )
    return db.session.get_one(Forward, made.id)


def touch(forward: Forward, **columns: Any) -> Touch:
    """A counted open by a new viewer."""
    defaults = {"kind": "open", "viewer": new_token(), "counted": True, "sign": "cookie", "created_at": clock.now()}
    return save(Touch(forward_id=forward.id, guide_id=forward.guide_id, **{**defaults, **columns}))


def audience(**fields: Any) -> Audience:
    return Audience(**fields)


def withdraw(content_id: UUID) -> None:
    with unit_of_work():
        service.withdraw_content(content_id=content_id, reason="测试", now=clock.now())


def off_shelf(product: Product) -> None:
    """The brand takes the product back."""
    _put(product, "off_shelf")


def on_shelf(product: Product) -> None:
    """The brand offers the product again."""
    _put(product, "on_shelf")


def _put(product: Product, shelf_status: str) -> None:
    with unit_of_work():
        db.session.execute(update(Product).where(Product.id == product.id).values(shelf_status=shelf_status))


def not_sold_at(product: Product, *, store_id: UUID | None) -> None:
    """The store will not sell any of the product's SKUs."""
    assert store_id is not None
    with unit_of_work():
        for sku_id in db.session.scalars(select(Sku.id).where(Sku.product_id == product.id)):
            catalog_service.set_availability(
                store_id=store_id, sku_id=sku_id, sellable=False, price_fen=None, stock=None, now=clock.now()
            )
