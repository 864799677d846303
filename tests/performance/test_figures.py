"""What each figure counts: the worked example of docs/performance.md, replayed, and its edges."""

from datetime import UTC, date, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from guideapi.app import GuideApp
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Binding, FollowUp, GuideDay, Order, Source, Staff, Store, StoreArea
from performance import service
from performance.queries import DECLARED, FACTS, FIGURES
from tests import make
from tests.client import Client

DOCS = Path(__file__).parent.parent.parent / "docs/performance.md"
DAY = date(2026, 3, 2)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hour: int, minute: int = 0, *, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def stored(store: Store, day: date = DAY) -> dict[object, dict[str, int]]:
    """The stored figures of a store's day, by guide."""
    rows = db.session.scalars(select(GuideDay).where(GuideDay.store_id == store.id, GuideDay.day == day))
    return {row.guide_id: {figure: getattr(row, figure) for figure in FIGURES} for row in rows}


def rebuild(day: date = DAY) -> None:
    with unit_of_work():
        service.rebuild_days(day, day)
    db.session.expire_all()


def documented(head: str) -> dict[str, list[str]]:
    """The rows of the table of docs/performance.md whose first heading is `head`, by their first cell."""
    lines = DOCS.read_text().splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith(f"| {head} |"))
    rows = takewhile(lambda line: line.startswith("|"), lines[begin + 2 :])
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {name: rest for name, *rest in cells}


def sell(
    store: Store, when: datetime, *lines: tuple[int, int], by: Staff | None = None, member: str | None = None
) -> Order:
    """An order of (quantity, paid) lines, all served by one guide."""
    items = [make.line(n, quantity=quantity, paid=paid) for n, (quantity, paid) in enumerate(lines, 1)]
    return make.order(store=store, served_by=by, ordered_at=when, lines=items, member_no=member)


def test_the_documented_example_holds(client: Client) -> None:
    store = make.store()
    li, wang = make.guide(store_id=store.id), make.guide(store_id=store.id)
    manager = make.staff(roles=["store_manager"], store_id=store.id)
    article = make.content(valid_from=LONG_AGO)
    make.task_plan(by=manager, kind="forward", content_id=article.id, target_count=2, now=at(9))
    check = make.task_plan(by=manager, now=at(9))
    serving = [[{"staff_no": person.staff_no, "share_bp": 10_000}] for person in (li, wang)]
    lines = [
        make.line(1, quantity=2, paid=20_000, tag_price=12_500, serving=serving[0]),
        make.line(2, quantity=1, paid=5_000, serving=serving[1]),
    ]
    both = make.order(store=store, ordered_at=at(10), member_no="M1", lines=lines)
    second = sell(store, at(11), (1, 9_900), by=li, member="M1")
    sell(store, at(15), (3, 3_000))
    forwards = [
        make.sent_forward(of=article, guide=li, at=at(10, 5)),
        make.sent_forward(of=article, guide=li, at=at(12)),
    ]
    for viewer, forward in (("x", forwards[0]), ("x", forwards[1]), ("y", forwards[0])):
        make.touch(forward, viewer=viewer, created_at=at(14))
    make.touch(forwards[0], viewer="crawler", created_at=at(14), counted=False)
    [task_id] = [share["id"] for share in check["guides"] if share["guide_id"] == wang.id]
    make.task_command(task_id, "submit", by=wang, now=at(16))
    make.posting(both, guide=li, amount_fen=600)
    make.posting(both, guide=wang, amount_fen=150, line_no=2)
    make.posting(second, guide=li, amount_fen=297)
    make.posting(second, guide=li, amount_fen=-97)
    win_and_follow_up(li, both.customer_id)
    bring_back(both, store)
    sell(store, at(0, 30, day=3), (1, 8_800), by=li, member="M2")
    make.sent_forward(of=article, guide=li, at=at(0, 30, day=3))
    make.save(StoreArea(store_id=store.id, valid_from=LONG_AGO.date(), area_m2=50))
    make.footfall(store, 12, day=date(2026, 3, 2))
    rebuild()
    rows = documented("column")
    assert tuple(rows) == FIGURES
    expected = [{name: int(row[n]) for name, row in rows.items()} for n in range(3)]
    assert stored(store) == dict(zip((li.id, wang.id, None), expected, strict=True))
    told = ask_store(client, store)
    assert {name: [str(amount_of(told["readings"][name]))] for name in told["readings"]} == documented("figure")
    assert {name: shown(ratio) for name, ratio in told["ratios"].items()} == documented("ratio")
    every_figure_opens(client, store, told["total"])


def win_and_follow_up(guide: Staff, customer_id: UUID | None) -> None:
    """M1 becomes the guide's own by a scan at 13:00, and is followed up at 14:00."""
    assert customer_id
    assert guide.store_id
    bound = {"customer_id": customer_id, "guide_id": guide.id, "store_id": guide.store_id}
    confirmed = {"bound_at": at(13), "confirmed_at": at(13), "confirmed_how": "scan", "reason": "scan"}
    db.session.execute(update(Binding).where(Binding.customer_id == customer_id).values(ended_at=Binding.bound_at))
    make.save(Binding(**bound, **confirmed))
    make.save(FollowUp(id=new_id(), **bound, at=at(14), channel="wecom", outcome="reached", created_at=at(14)))


def bring_back(order: Order, store: Store) -> None:
    """What Wang Qiang sold comes back at 17:00."""
    till = db.session.get_one(Source, order.source_id)
    line = {"line_no": 1, "order_line": 2, "quantity": 1, "amount": 5_000}
    make.take_refunds(till, [make.refund_item(store=store, order=order.external_id, refunded_at=at(17), lines=[line])])


def ask_store(client: Client, store: Store) -> dict[str, Any]:
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    answer = auditor.get(f"/v1/performance/stores/{store.id}", query_string={"from": "2026-03-02", "to": "2026-03-02"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def amount_of(value: Any) -> int:
    return value["amount"] if isinstance(value, dict) else value  # type: ignore[no-any-return]


def shown(ratio: dict[str, Any]) -> list[str]:
    value = ratio["value_bp"] if ratio["amount"] is None else ratio["amount"]["amount"]
    return [str(ratio["numerator"]), str(ratio["denominator"]), str(value)]


def every_figure_opens(client: Client, store: Store, total: dict[str, Any]) -> None:
    """The rows of each figure add up to it; where different people are counted, to no less."""
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    for metric, value in total.items():
        asked = {"metric": metric, "day": "2026-03-02"}
        answer = auditor.get(f"/v1/performance/stores/{store.id}/facts", query_string=asked)
        assert answer.status_code == 200, answer.text
        values = [item["value"] for item in answer.json["items"]]
        assert sum(values) >= amount_of(value), metric
        if metric not in ("daily_customers", "opens"):
            assert sum(values) == amount_of(value), metric


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Pacific/Kiritimati", "2026-03-01T10:00:00+00:00", date(2026, 3, 2)),
        ("Pacific/Kiritimati", "2026-03-01T09:59:59+00:00", date(2026, 3, 1)),
        ("Pacific/Pago_Pago", "2026-03-03T10:59:59+00:00", date(2026, 3, 2)),
        ("Pacific/Pago_Pago", "2026-03-03T11:00:00+00:00", date(2026, 3, 3)),
    ],
)
def test_a_fact_is_on_the_day_of_its_stores_zone(app: GuideApp, zone: str, instant: str, day: date) -> None:
    store = make.store(time_zone=zone)
    guide = make.guide(store_id=store.id)
    when = datetime.fromisoformat(instant)
    order = sell(store, when, (1, 100), by=guide)
    make.posting(order, guide=guide, amount_fen=3)
    make.touch(make.forward(of=make.content(valid_from=LONG_AGO), guide=guide, at=when), viewer="x", created_at=when)
    for other in (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)):
        rebuild(other)
        figures = stored(store, other).get(guide.id)
        if other == day:
            assert figures is not None
            assert [figures[name] for name in ("orders", "forwards", "opens", "commission_fen")] == [1, 1, 1, 3]
        else:
            assert figures is None


def test_a_line_that_was_taken_back_counts_for_nobody(app: GuideApp) -> None:
    store, source = make.store(), make.order_source()
    guide = make.guide(store_id=store.id)
    item = make.order_item(store=store, served_by=guide, ordered_at=at(10))
    make.take_orders(source, [item])
    other = make.guide(store_id=store.id)
    serving = [{"staff_no": other.staff_no, "share_bp": 10_000}]
    make.take_orders(source, [{**item, "version": 2, "lines": [make.line(2)], "serving": serving}])
    rebuild()
    assert set(stored(store)) == {other.id}


def test_currencies_are_kept_apart(app: GuideApp) -> None:
    store = make.store(currency="CNY")
    guide = make.guide(store_id=store.id)
    sell(store, at(10), (1, 100), by=guide)
    store.currency = "HKD"
    make.save(store)
    sell(store, at(11), (1, 700), by=guide)
    rebuild()
    rows = db.session.execute(select(GuideDay.currency, GuideDay.orders, GuideDay.net_fen)).all()
    assert sorted(tuple(row) for row in rows) == [("CNY", 1, 100), ("HKD", 1, 700)]


def test_the_catalogue_says_what_each_figure_means(as_guide: Client) -> None:
    items = as_guide.get("/v1/metrics").json["items"]
    by_name = {item["name"]: item for item in items}
    assert len(by_name) == len(items)
    assert {figure.name for figure in DECLARED} | set(documented("figure")) | set(documented("ratio")) == set(by_name)
    assert by_name["units_per_receipt"] == {
        "name": "units_per_receipt",
        "kind": "ratio",
        "unit": "basis_points",
        "label": {"zh": "连带率", "en": "Pieces in a receipt"},
        "means": {"zh": "销售件数（分摊） ÷ 成交单数（分摊）", "en": "Pieces, divided ÷ Receipts, divided"},
        "day": None,
        "place": None,
        "numerator": "units_bp",
        "denominator": "orders_bp",
    }


def test_every_figure_is_a_column_that_one_kind_of_fact_counts(app: GuideApp) -> None:
    keys = {"id", "day", "store_id", "guide_id", "currency"}
    assert {column.name for column in GuideDay.__table__.columns} - keys == set(FIGURES)
    assert len(set(FIGURES)) == len(FIGURES)
    for fact in FACTS:
        assert set(fact.counting("all").sums) == {figure.column for figure in fact.figures}
