"""A brand's feed of any size, the same at every run: beauty products of four shades each."""

import json
from collections.abc import Iterator
from pathlib import Path

SKUS_PER_PRODUCT = 4
BRANDS = 400
KINDS = ("面霜", "精华液", "口红", "眼影盘", "防晒乳", "洁面乳", "Face Cream", "Body Lotion", "Shampoo", "Perfume")
WORDS = ("玫瑰", "山茶花", "绿茶", "燕麦", "海藻", "Vitamin C", "Retinol", "Hyaluron", "Bamboo", "Citrus")
STATUSES = ("on_shelf",) * 17 + ("off_shelf", "presale", "discontinued")


def products(skus: int, *, version: int) -> Iterator[dict[str, object]]:
    """`skus` SKUs in products; a higher version has other prices and is otherwise the same."""
    for number in range(skus // SKUS_PER_PRODUCT):
        kind, word = KINDS[number % 10], WORDS[number // 10 % 10]
        codes = [number * SKUS_PER_PRODUCT + shade for shade in range(SKUS_PER_PRODUCT)]
        yield {
            "external_id": f"P{number:07}",
            "version": version,
            "title": f"{word}{kind} {number:07}",
            "brand": f"品牌{number % BRANDS:03}",
            "category": f"美妆 > {kind}",
            "shelf_status": STATUSES[number % len(STATUSES)],
            "skus": [
                {
                    "code": f"K{code:08}",
                    "barcode": f"69{code:011}",
                    "price": 1000 + code % 50_000 + version,
                    "list_price": 60_000 + code % 50_000,
                }
                for code in codes
            ],
        }


def write_lines(path: Path, *, skus: int, version: int) -> Path:
    """The feed as JSON Lines, in `path`."""
    with path.open("w") as file:
        file.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in products(skus, version=version))
    return path


def write_rows(path: Path, *, skus: int, version: int) -> None:
    """The same facts for a bare COPY: one tab-separated row per SKU."""
    with path.open("w") as file:
        for item in products(skus, version=version):
            shared = [str(item[name]) for name in ("external_id", "version", "title", "brand", "category")]
            for sku in item["skus"]:  # type: ignore[attr-defined]
                own = [str(sku[name]) for name in ("code", "barcode", "price", "list_price")]
                file.write("\t".join([*own, *shared, str(item["shelf_status"])]) + "\n")
