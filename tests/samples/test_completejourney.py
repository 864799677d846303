"""The first 300 baskets of the real year, through the same code as all of them, twice."""

from itertools import islice

import pytest
from sqlalchemy import func, select, text

from guideapi.app import GuideApp
from guideapi.config import Config
from kit.db import db
from kit.money import share_fen
from models import AttributionDecision, GuideDay, LedgerEntry, Order, OrderLine
from samples import completejourney
from samples.completejourney import files, loading
from samples.completejourney.items import product_item
from samples.completejourney.stages import Stage

BASKETS = 150


@pytest.fixture
def environment(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker processes need to find this test's servers."""
    for name in ("database_url", "redis_url", "secret_key", "storage_url"):
        monkeypatch.setenv(name.upper(), getattr(config, name))


def by_name(stages: list[Stage]) -> dict[str, Stage]:
    return {stage.name: stage for stage in stages}


def whole_database() -> dict[str, object]:
    """Every row of what matters, with the transactions that wrote and locked it."""
    db.session.rollback()
    tables = (
        "region", "store", "staff", "product", "sku", "customer", "sales_order", "order_line",
        "attribution_decision", "credit", "attribution",
        "plan_version", "ledger_account", "ledger_transaction", "ledger_entry", "order_posting", "guide_day",
    )  # fmt: skip
    rows = "SELECT count(*), md5(string_agg(t.xmin::text || t.xmax::text || t::text, '' ORDER BY t::text)) FROM {} t"
    return {table: tuple(db.session.execute(text(rows.format(table))).one()) for table in tables}


@pytest.mark.usefixtures("environment")
def test_load_is_whole_and_a_second_one_changes_nothing(app: GuideApp, capsys: pytest.CaptureFixture[str]) -> None:
    first = by_name(completejourney.load(baskets=BASKETS))
    lines = sum(len(basket) for basket in islice(files.read_baskets(), BASKETS))
    assert first["orders"].outcomes == {"created": BASKETS}
    assert first["orders"].rows == lines == db.session.scalar(select(func.count()).select_from(OrderLine))
    _check_money()
    before = whole_database()
    second = by_name(completejourney.load(baskets=BASKETS))
    assert whole_database() == before
    assert {stage.written for stage in second.values()} == {0}
    assert second["orders"].outcomes == {"unchanged": BASKETS}
    assert set(second["products"].outcomes) == {"unchanged"}
    assert "nothing written" in capsys.readouterr().out


def _check_money() -> None:
    """The sums of the file are the sums of the orders, the ledger and the figures."""
    paid = sum(files.cents(line[6]) for basket in islice(files.read_baskets(), BASKETS) for line in basket)
    assert db.session.scalar(select(func.sum(Order.net_fen))) == paid
    assert db.session.scalar(select(func.sum(GuideDay.net_fen))) == paid
    assert db.session.scalars(select(AttributionDecision.reason).distinct()).all() == ["serving"]
    posted = db.session.scalar(select(func.sum(LedgerEntry.amount_fen)))
    assert posted == _owed()
    assert db.session.scalar(select(func.sum(GuideDay.commission_fen))) == posted


def _owed() -> int:
    """By the plan's rules, in Python."""
    departments = {row["product_id"]: row["department"] for batch in files.read_products() for row in batch}
    sales = ((line[4], files.cents(line[6])) for basket in islice(files.read_baskets(), BASKETS) for line in basket)
    return sum(share_fen(paid, loading.RATES.get(departments.get(sku, ""), loading.OTHER_RATE)) for sku, paid in sales)


def test_products_that_nobody_bought_are_off_the_shelf() -> None:
    [row, *_] = next(files.read_products())
    sold = product_item(row, {row["product_id"]: (100, 120)})
    unsold = product_item(row, {})
    assert (sold.shelf_status, sold.skus[0].price, sold.skus[0].list_price) == ("on_shelf", 100, 120)
    assert (unsold.shelf_status, unsold.skus[0].price, unsold.reason) == ("off_shelf", 0, "not sold in 2017")
