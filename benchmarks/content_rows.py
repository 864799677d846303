"""What the content benchmark reads: a guide, products with pictures' keys, and sixty contents of three products."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from catalog import service as catalog_service
from catalog.items import ProductItem, SkuItem
from content_center import service
from content_center.service import Draft
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from kit.principal import Principal, Reach
from models import Product, Region, Staff, Store
from staff.rules.clients import Caller
from staff.service import start_session

CONTENTS = 60
PRODUCTS = 40


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the requests need to know."""

    guide_id: UUID
    content_id: UUID
    token: str
    access_token: str
    editor_token: str


def write_rows() -> Rows:
    """Write them into an empty database."""
    now = clock.now()
    with unit_of_work():
        guide, editor, reviewer = _people()
        products = _products()
    writer, checker, sharer = (_principal(person) for person in (editor, reviewer, guide))
    with unit_of_work():
        contents = [_content(number, products, writer) for number in range(CONTENTS)]
        for content_id in contents:
            service.publish_content(content_id=content_id, reviewer=checker, now=now - timedelta(hours=2))
    with unit_of_work():
        forward = service.forward_content(
            forward_id=new_id(),
            content_id=contents[0],
            guide=sharer,
            channel="wechat",
            target={"kind": "none"},
            language="zh",
            now=now - timedelta(hours=1),
        )
    db.session.remove()
    with unit_of_work():
        caller = Caller(address="127.0.0.1", device_name="benchmark")
        signed_in, editing = (
            start_session(db.session.get_one(Staff, person.id), caller=caller, now=now) for person in (sharer, writer)
        )
    db.session.remove()
    return Rows(
        guide_id=sharer.id,
        content_id=contents[0],
        token=forward["token"],
        access_token=signed_in.access_token,
        editor_token=editing.access_token,
    )


def _people() -> tuple[Staff, Staff, Staff]:
    region_id = new_id()
    db.session.add(Region(id=region_id, code="EAST", name="华东", ancestor_ids=[region_id]))
    db.session.flush()
    store = Store(id=new_id(), code="S1", name="静安店", region_id=region_id, opened_on=date(2020, 1, 1))
    db.session.add(store)
    db.session.flush()
    hired = date(2020, 1, 1)
    guide = Staff(id=new_id(), staff_no="G1", name="林晚晴", roles=["guide"], store_id=store.id, hired_on=hired)
    editors = [
        Staff(id=new_id(), staff_no=f"E{n}", name=f"编辑{n}", roles=["hq_content"], hired_on=hired) for n in (1, 2)
    ]
    db.session.add_all([guide, *editors])
    db.session.flush()
    return guide, editors[0], editors[1]


def _products() -> list[UUID]:
    source = catalog_service.create_source(code="brand", name="品牌")
    db.session.flush()
    items = [
        ProductItem(
            external_id=f"P{number}",
            version=1,
            title=f"山茶花修护精华液 {number}",
            brand="花屿",
            category=["护肤", "精华"],
            shelf_status="on_shelf",
            skus=[SkuItem(code=f"SKU{number}", price=39900 + number, list_price=49900 + number)],
        )
        for number in range(PRODUCTS)
    ]
    catalog_service.sync_products(source=source, items=items, now=clock.now())
    return [product_id for (product_id,) in db.session.query(Product.id).order_by(Product.external_id)]


def _content(number: int, products: list[UUID], author: Principal) -> UUID:
    draft = Draft(
        title=f"山茶花修护精华，换季不慌 {number}",
        body="秋冬换季，屏障先行。山茶花籽油配合神经酰胺，28 天稳住泛红与干痒，早晚各一泵，敏感肌也安心。",
        texts={"default": "{customer_name}，{guide_name}在{store_name}为您留了一瓶，现在 {product_price}"},
        product_ids=[products[(number + step) % len(products)] for step in range(3)],
        poster_template="product_card",
    )
    began = clock.now() - timedelta(days=30)
    return service.create_content(draft=draft, kind="article", category="新品", author=author, valid_from=began)


def _principal(person: Staff) -> Principal:
    reach = Reach.SELF if person.store_id else Reach.ALL
    roles = frozenset(person.roles)
    return Principal(id=person.id, kind="staff", name=person.name, roles=roles, reach=reach, store_id=person.store_id)
