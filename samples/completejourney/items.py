"""The data set's rows as what a feed and a till would send."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from catalog.items import ProductItem, SkuItem
from orders.incoming import LineItem, OrderItem, Serving
from samples.completejourney.files import cents
from staff.rules.rows import RegionRow, StaffRow, StoreRow

SOURCE, CURRENCY, TIME_ZONE = "completejourney", "USD", "America/New_York"
VERSION = 2017
FIRST_DAY = date(2017, 1, 1)
REGIONS = 8
GUIDES_PER_STORE = 3
PEOPLE_AT_HQ = ("CJ-HQ-1", "CJ-HQ-2")
ZONE = ZoneInfo(TIME_ZONE)


def region_rows() -> list[RegionRow]:
    """A root and the regions below it."""
    below = [RegionRow(code=f"CJ-R{n}", name=f"Region {n}", parent_code="CJ") for n in range(1, REGIONS + 1)]
    return [RegionRow(code="CJ", name="The Complete Journey"), *below]


def store_rows(store_ids: Sequence[int]) -> list[StoreRow]:
    """The stores, dealt to the regions in turn."""
    return [
        StoreRow(
            code=_store_code(store_id),
            name=f"Store {store_id}",
            region_code=f"CJ-R{position % REGIONS + 1}",
            opened_on=FIRST_DAY,
            time_zone=TIME_ZONE,
            currency=CURRENCY,
        )
        for position, store_id in enumerate(store_ids)
    ]


def staff_rows(store_ids: Sequence[int]) -> list[StaffRow]:
    """Three guides per store, and two people at headquarters."""
    guides = [
        StaffRow(
            staff_no=_staff_no(store_id, n),
            name=f"Guide {store_id}-{n}",
            roles=("guide",),
            hired_on=FIRST_DAY,
            store_code=_store_code(store_id),
        )
        for store_id in store_ids
        for n in range(1, GUIDES_PER_STORE + 1)
    ]
    hq = [StaffRow(staff_no=no, name=no, roles=("hq_commission",), hired_on=FIRST_DAY) for no in PEOPLE_AT_HQ]
    return guides + hq


def product_item(row: dict[str, Any], prices: dict[int, tuple[int, int]]) -> ProductItem:
    """A product at the highest price it sold for; one that nobody bought is off the shelf, at 0."""
    product_id = row["product_id"]
    price, full = prices.get(product_id, (0, 0))
    kind = row["product_type"] or row["product_category"] or row["department"]
    path = (part for part in (row["department"], row["product_category"]) if part)
    return ProductItem(
        external_id=str(product_id),
        version=VERSION,
        title=" ".join(part for part in (kind, row["package_size"]) if part),
        brand=f"{row['brand']} {row['manufacturer_id']}",
        category=" > ".join(path),
        shelf_status="on_shelf" if product_id in prices else "off_shelf",
        reason=None if product_id in prices else "not sold in 2017",
        skus=[SkuItem(code=str(product_id), price=price, list_price=full if full > price else None)],
    )


def order_item(basket: list[tuple[Any, ...]]) -> OrderItem:
    """A basket as a till would send it; which of the store's guides served follows from its number."""
    basket_id, household_id, store_id, bought_at = basket[0][:4]
    served_by = _staff_no(store_id, basket_id % GUIDES_PER_STORE + 1)
    return OrderItem(
        external_id=str(basket_id),
        version=VERSION,
        store=_store_code(store_id),
        ordered_at=bought_at.replace(tzinfo=ZONE),
        channel="pos",
        member_no=f"CJ{household_id}",
        serving=[Serving(staff_no=served_by, share_bp=10_000)],
        lines=[_line_item(line_no, line) for line_no, line in enumerate(basket, start=1)],
    )


def _line_item(line_no: int, line: tuple[Any, ...]) -> LineItem:
    *_, product_id, quantity, value, discount, matched = line
    paid = cents(value)
    return LineItem(
        line_no=line_no,
        sku=str(product_id),
        # 49 lines were paid for with a quantity of 0.
        quantity=quantity or (1 if paid else 0),
        paid=paid,
        discount=cents(discount + matched),
    )


def _store_code(store_id: int) -> str:
    return f"CJ{store_id}"


def _staff_no(store_id: int, n: int) -> str:
    return f"CJ{store_id}-{n}"
