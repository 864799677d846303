"""What a file says in the end is what the catalog has: names that change hands, SKUs that move."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from catalog.service import judging
from kit.db import fetch_all
from models import Source
from tests import make
from tests.catalog.read import catalog
from tests.catalog.sending import Send, counts

SHOPIFY = "Handle,Title,Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Status\n"
TABLE = "external_id,sku,title,price\n"


def shopify(*rows: str) -> str:
    """Rows of handle, option and SKU."""
    cells = [row.split() for row in rows]
    return SHOPIFY + "".join(f"{h},{h},V,T,true,Size,{o},{sku},10.00,active\n" for h, o, sku in cells)


def table(*rows: str) -> str:
    return TABLE + "".join(f"{name},{sku},T,10\n" for name, sku in (row.split() for row in rows))


def skus() -> dict[str, list[str]]:
    """The codes of what is on the shelf."""
    return {
        row["external_id"]: [sku.split()[0] for sku in row["skus"]]
        for row in catalog()
        if row["shelf_status"] == "on_shelf"
    }


def owners() -> dict[str, Any]:
    """The product of each SKU, for seeing whether it is the same one."""
    return {row["code"]: row["product_id"] for row in fetch_all(text("SELECT code, product_id FROM sku WHERE listed"))}


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_a_handle_that_changes_is_the_same_product(send: Send, mode: str, block: int) -> None:
    source = make.source(file_format="shopify")
    send(source, shopify("old S RP-1"))
    before = owners()
    run = send(source, shopify("new S RP-1"), mode=mode)
    assert (skus(), owners(), counts(run)) == ({"new": ["RP-1"]}, before, {"updated": 1})
    assert counts(send(source, shopify("new S RP-1"), mode=mode)) == {"unchanged": 1}


def test_a_dry_run_foretells_a_change_of_handle(send: Send) -> None:
    source = make.source(file_format="shopify")
    send(source, shopify("old S RP-1"))
    run = send(source, shopify("new S RP-1"), mode="snapshot", dry_run=True)
    assert (skus(), counts(run)) == ({"old": ["RP-1"]}, {"updated": 1})


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_a_freed_handle_that_is_used_again(send: Send, mode: str, block: int) -> None:
    source = make.source(file_format="shopify")
    send(source, shopify("serum S A"))
    before = owners()
    send(source, shopify("serum S B", "serum-old S A"), mode=mode)
    assert skus() == {"serum": ["B"], "serum-old": ["A"]}
    assert owners()["A"] == before["A"] != owners()["B"]


def test_two_products_exchange_their_handles(send: Send, block: int) -> None:
    source = make.source(file_format="shopify")
    send(source, shopify("a S A", "b S B"))
    before = owners()
    send(source, shopify("b S A", "a S B"), mode="snapshot")
    assert (skus(), owners()) == ({"a": ["B"], "b": ["A"]}, before)


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
@pytest.mark.parametrize("form", ["table", "shopify"])
def test_two_products_exchange_a_sku(send: Send, mode: str, form: str, block: int) -> None:
    source = make.source(file_format=form)
    write = (lambda *rows: table(*(f"{r.split()[0]} {r.split()[2]}" for r in rows))) if form == "table" else shopify
    send(source, write("p S A", "p M B", "q S C", "q M D"))
    run = send(source, write("p S A", "p M D", "q S C", "q M B"), mode=mode)
    assert (skus(), counts(run)) == ({"p": ["A", "D"], "q": ["B", "C"]}, {"updated": 2})


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_skus_go_round_three_products(send: Send, mode: str, block: int) -> None:
    source = make.source(file_format="table")
    send(source, table("p A", "q B", "r C"))
    run = send(source, table("p B", "q C", "r A"), mode=mode)
    assert (skus(), counts(run)) == ({"p": ["B"], "q": ["C"], "r": ["A"]}, {"updated": 3})


def test_a_sku_moves_to_a_product_when_its_own_is_gone(send: Send, block: int) -> None:
    source = make.source(file_format="table")
    send(source, table("p A", "q B"))
    send(source, table("q B", "q A"), mode="snapshot")
    assert skus() == {"q": ["A", "B"]}


def test_what_is_still_named_elsewhere_is_not_taken(send: Send, block: int) -> None:
    source = make.source(file_format="table")
    send(source, table("p A", "q B"))
    assert counts(send(source, table("q A"))) == {"rejected": 1}
    assert skus() == {"p": ["A"], "q": ["B"]}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_moves_of_skus_are_taken_in_one_go(
    send: Send, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    """Every SKU in some product before and after, files in any order, in blocks of one, two or many products."""
    monkeypatch.setattr(judging, "BLOCK_ITEMS", data.draw(st.sampled_from([1, 2, 20_000])))
    source, mark = make.source(file_format="table"), next(MARKS)
    for _ in range(3):
        homes = data.draw(st.lists(st.sampled_from("pqrs"), min_size=5, max_size=5))
        homes = [*"pqrs", *homes]  # nobody is without a SKU: that would be a bad row
        moved = data.draw(st.permutations([f"{mark}{letter}" for letter in "ABCDEFGHI"]))
        wanted = sorted(zip(homes, moved, strict=True))
        run = send(source, table(*(" ".join(row) for row in data.draw(st.permutations(wanted)))))
        assert not run["rejected"], run
        assert {sku: row["external_id"] for row in _listed(source) for sku in row["codes"]} == {
            sku: home for home, sku in wanted
        }


MARKS = itertools.count(1)


def _listed(source: Source) -> list[dict[str, Any]]:
    return list(
        fetch_all(
            text("""
            SELECT p.external_id, array_agg(k.code) AS codes FROM product p JOIN sku k ON k.product_id = p.id
            WHERE p.source_id = :source_id AND k.listed GROUP BY p.id"""),
            {"source_id": source.id},
        )
    )


@pytest.mark.parametrize("mode", ["upsert", "snapshot"])
def test_codes_that_a_shop_gave_twice_are_told_apart(send: Send, mode: str, block: int) -> None:
    """In the order of the file, turned round, and of one product alone."""
    source = make.source(file_format="shopify")
    rows = ["tee S TEE", "tee M TEE", "cap S CAP-1", "cap-kids S CAP-1"]
    assert counts(send(source, shopify(*rows), mode=mode)) == {"created": 3}
    expected = {"cap": ["CAP-1"], "cap-kids": ["CAP-1~cap-kids"], "tee": ["TEE", "TEE~M"]}
    assert skus() == expected
    assert counts(send(source, shopify(*rows[:2], *rows[:1:-1]), mode=mode)) == {"unchanged": 3}
    assert counts(send(source, shopify("cap-kids S CAP-1"))) == {"unchanged": 1}
    assert skus() == expected
