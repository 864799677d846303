"""What guides and managers read: their own figures, their people's, and who leads."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from guideapi.app import GuideApp
from kit import clock
from kit.db import unit_of_work
from models import Staff, Store
from performance import service
from tests import make
from tests.client import Client

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def noon(day: int) -> datetime:
    return datetime(2026, 3, day, 4, tzinfo=UTC)


def sell(store: Store, guide: Staff | None, fen: int, *, at: datetime | None = None) -> None:
    make.order(store=store, served_by=guide, ordered_at=at or noon(2), lines=[make.line(paid=fen)])


def rebuild(from_day: date = date(2026, 3, 1), to_day: date = date(2026, 3, 31)) -> None:
    with unit_of_work():
        service.rebuild_days(from_day, to_day)


def board(client: Client, **query: Any) -> dict[str, Any]:
    answer = client.get("/v1/leaderboards", query_string={**MARCH, "metric": "net_sales", "scope": "company", **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def ranks(found: dict[str, Any]) -> list[tuple[int, str, int]]:
    return [(item["rank"], item["guide"]["id"], item["amount"]["amount"]) for item in found["items"]]


@pytest.fixture
def store(app: GuideApp) -> Store:
    return make.store()


def test_every_day_of_the_period_has_its_figures_and_they_add_up(client: Client, store: Store) -> None:
    guide = make.guide(store_id=store.id)
    sell(store, guide, 1_000, at=noon(2))
    sell(store, guide, 500, at=noon(4))
    sell(store, make.guide(store_id=store.id), 7_000)
    rebuild()
    found = (
        client.sign_in(guide).get("/v1/performance/me", query_string={"from": "2026-03-01", "to": "2026-03-04"}).json
    )
    assert [(day["day"][-2:], day["orders"], day["net_sales"]["amount"]) for day in found["days"]] == [
        ("01", 0, 0),
        ("02", 1, 1_000),
        ("03", 0, 0),
        ("04", 1, 500),
    ]
    assert (found["total"]["orders"], found["total"]["net_sales"]) == (2, {"amount": 1_500, "currency": "CNY"})
    assert not any(day["live"] for day in found["days"])


def test_today_is_counted_now_and_equals_what_the_job_stores(client: Client) -> None:
    store = make.store(time_zone="Pacific/Auckland")
    guide = make.guide(store_id=store.id)
    now = clock.now()
    today = clock.business_day(now, store.time_zone)
    make.order(store=store, served_by=guide, ordered_at=now)
    make.forward(of=make.content(), guide=guide, at=now)
    signed_in = client.sign_in(guide)
    period = {"from": today.isoformat(), "to": today.isoformat()}
    [live] = signed_in.get("/v1/performance/me", query_string=period).json["days"]
    assert (live["live"], live["orders"], live["forwards"]) == (True, 1, 1)
    assert board(signed_in, **period)["items"] == []
    rebuild(today, today)
    [leader] = board(signed_in, **period)["items"]
    assert leader["amount"] == live["net_sales"]
    assert signed_in.get("/v1/performance/me", query_string=period).json["days"] == [live]


def test_the_month_so_far_is_the_default(client: Client, guide: Staff) -> None:
    found = client.sign_in(guide).get("/v1/performance/me").json
    today = clock.business_day(clock.now(), "Asia/Shanghai")
    assert (found["from"], found["to"]) == (today.replace(day=1).isoformat(), today.isoformat())
    assert found["days"][-1]["live"] is True


@pytest.mark.parametrize(
    "period",
    [{"from": "2026-03-02", "to": "2026-03-01"}, {"from": "2025-01-01", "to": "2026-03-01"}],
)
def test_a_period_that_makes_no_sense_is_refused(client: Client, guide: Staff, period: dict[str, str]) -> None:
    answer = client.sign_in(guide).get("/v1/performance/me", query_string=period)
    assert (answer.status_code, set(answer.json["errors"])) == (422, {"from"})


def test_money_of_another_currency_is_not_added(client: Client, store: Store) -> None:
    guide, abroad = make.guide(store_id=store.id), make.store(currency="HKD")
    sell(store, guide, 1_000)
    sell(abroad, guide, 9_000)
    rebuild()
    signed_in = client.sign_in(guide)

    def total(**query: str) -> tuple[int, dict[str, Any]]:
        found = signed_in.get("/v1/performance/me", query_string={**MARCH, **query}).json["total"]
        return found["orders"], found["net_sales"]

    assert total() == (2, {"amount": 1_000, "currency": "CNY"})
    assert total(currency="HKD") == (2, {"amount": 9_000, "currency": "HKD"})
    assert [item["amount"] for item in board(signed_in)["items"]] == [{"amount": 1_000, "currency": "CNY"}]


def test_equals_share_a_rank_and_stand_by_staff_number(client: Client, store: Store) -> None:
    numbers = ("T3", "T1", "T4", "T2")
    people = [make.guide(store_id=store.id, staff_no=staff_no) for staff_no in numbers]
    for person, fen in zip(people, (500, 900, 100, 500), strict=True):
        sell(store, person, fen)
    rebuild()
    found = board(client.sign_in(people[0]))
    by_no = {person.staff_no: str(person.id) for person in people}
    expected = [(1, by_no["T1"], 900), (2, by_no["T2"], 500), (2, by_no["T3"], 500), (4, by_no["T4"], 100)]
    assert ranks(found) == expected
    assert found["me"] == {"rank": 2, "amount": {"amount": 500, "currency": "CNY"}, "count": None}
    assert [item["is_me"] for item in found["items"]] == [False, False, True, False]
    first = board(client.sign_in(people[0]), limit=2, scope="store")
    rest = board(client.sign_in(people[0]), limit=2, scope="store", cursor=first["next_cursor"])
    assert ranks(first) + ranks(rest) == expected
    assert rest["next_cursor"] is None


def test_boards_of_store_region_and_company(client: Client) -> None:
    north = make.region()
    stores = [make.store(region_id=north.id), make.store(region_id=make.region(parent=north).id), make.store()]
    guides = [make.guide(store_id=store.id) for store in stores]
    for store, guide, fen in zip(stores, guides, (10, 20, 30), strict=True):
        sell(store, guide, fen)
    rebuild()
    ids = [str(guide.id) for guide in guides]
    as_first = client.sign_in(guides[0])

    def shown(caller: Client, scope: str, **query: Any) -> list[str | None]:
        return [item["guide"]["id"] for item in board(caller, scope=scope, **query)["items"]]

    assert shown(as_first, "store") == [ids[0]]
    assert shown(as_first, "region") == [None, ids[0]]
    assert shown(as_first, "company") == [None, None, ids[0]]
    regional = client.sign_in(make.staff(roles=["regional_manager"], region_id=north.id))
    assert shown(regional, "region") == [ids[1], ids[0]]
    assert shown(regional, "store", store_id=str(stores[1].id)) == [ids[1]]
    hidden = {**MARCH, "metric": "orders", "scope": "store", "store_id": str(stores[2].id)}
    for caller in (as_first, regional):
        assert caller.get("/v1/leaderboards", query_string=hidden).json["code"] == "store_not_found"
    hq = client.sign_in(make.staff(roles=["hq_admin"]))
    assert shown(hq, "store", store_id=str(stores[2].id)) == [ids[2]]
    assert hq.get("/v1/leaderboards", query_string={"metric": "orders"}).json["errors"]["store_id"]


def test_every_metric_has_a_board_and_agrees_with_me(client: Client, store: Store) -> None:
    guide = make.guide(store_id=store.id)
    order = make.order(store=store, served_by=guide, ordered_at=noon(2))
    make.posting(order, guide=guide, amount_fen=77)
    make.forward(of=make.content(valid_from=noon(1)), guide=guide, at=noon(3))
    rebuild()
    signed_in = client.sign_in(guide)
    total = signed_in.get("/v1/performance/me", query_string=MARCH).json["total"]
    for metric in ("net_sales", "commission"):
        assert board(signed_in, metric=metric)["me"]["amount"] == total[metric]
    for metric in ("orders", "forwards"):
        assert board(signed_in, metric=metric)["me"]["count"] == total[metric] == 1
    assert total["commission"] == {"amount": 77, "currency": "CNY"}


def test_what_others_earned_is_for_those_who_may_read_it_in_the_ledger(client: Client, store: Store) -> None:
    elsewhere = make.store(region_id=store.region_id)
    earned = {"me": 300, "colleague": 200, "neighbour": 100}
    people = [
        make.guide(store_id=place.id, name=name) for name, place in zip(earned, (store, store, elsewhere), strict=True)
    ]
    for guide, fen in zip(people, earned.values(), strict=True):
        order = make.order(store=elsewhere if guide is people[2] else store, served_by=guide, ordered_at=noon(2))
        make.posting(order, guide=guide, amount_fen=fen)
    rebuild()

    def read(scope: str, *roles: str, **columns: Any) -> dict[str, int | None]:
        caller = client.sign_in(make.staff(roles=list(roles), **columns) if roles else people[0])
        items = board(caller, metric="commission", scope=scope, store_id=str(store.id))["items"]
        return {item["guide"]["name"]: item["amount"] and item["amount"]["amount"] for item in items}

    nobody = dict.fromkeys(earned)
    in_store = {"me": 300, "colleague": 200}
    assert read("store") == {"me": 300, "colleague": None}
    assert read("company") == {**nobody, "me": 300}
    assert read("store", "store_manager", store_id=store.id) == in_store
    assert read("region", "store_manager", store_id=store.id) == nobody
    assert read("region", "regional_manager", region_id=store.region_id) == earned
    assert read("company", "regional_manager", region_id=store.region_id) == nobody
    assert read("company", "hq_finance") == read("company", "auditor") == earned
    assert read("company", "hq_content") == nobody


def test_unattributed_sales_are_on_no_board_but_the_manager_sees_them(client: Client, store: Store) -> None:
    guide = make.guide(store_id=store.id, staff_no="T1")
    sell(store, guide, 300)
    sell(store, None, 40)
    sell(make.store(), make.guide(), 9_000)
    rebuild()
    manager = client.sign_in(make.staff(roles=["store_manager"], store_id=store.id))
    found = manager.get("/v1/performance/guides", query_string=MARCH).json
    assert [(item["guide"]["staff_no"], item["net_sales"]["amount"]) for item in found["items"]] == [("T1", 300)]
    assert [row["net_sales"]["amount"] for row in found["uncredited"]] == [40]
    assert found["computed_at"] is not None
    assert len(board(manager, scope="store")["items"]) == 1


def test_headquarters_see_every_store_in_its_own_currency(client: Client, store: Store) -> None:
    london = make.store(currency="GBP", time_zone="Europe/London")
    here, there = make.guide(store_id=store.id, staff_no="T1"), make.guide(store_id=london.id, staff_no="T2")
    sell(store, here, 300)
    sell(london, there, 700)
    sell(london, here, 50)
    rebuild()
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    found = auditor.get("/v1/performance/guides", query_string=MARCH).json
    assert found["currency"] is None
    assert [(item["guide"]["staff_no"], item["orders"], item["net_sales"]) for item in found["items"]] == [
        ("T1", 1, {"amount": 300, "currency": "CNY"}),
        ("T1", 1, {"amount": 50, "currency": "GBP"}),
        ("T2", 1, {"amount": 700, "currency": "GBP"}),
    ]
    first = auditor.get("/v1/performance/guides", query_string={**MARCH, "limit": 1}).json
    rest = auditor.get("/v1/performance/guides", query_string={**MARCH, "cursor": first["next_cursor"]}).json
    assert first["items"] + rest["items"] == found["items"]
    pounds = auditor.get("/v1/performance/guides", query_string={**MARCH, "currency": "GBP"}).json
    assert pounds["items"] == found["items"][1:]
    ranked = board(auditor, scope="store", store_id=str(london.id))
    assert ranked["currency"] == "GBP"
    assert [row["amount"]["amount"] for row in ranked["items"]] == [700, 50]


def test_managers_see_their_own_stores_only(client: Client, as_guide: Client, store: Store) -> None:
    elsewhere = make.store()
    sell(elsewhere, make.guide(store_id=elsewhere.id), 100)
    rebuild()
    manager = client.sign_in(make.staff(roles=["store_manager"], store_id=store.id))
    for query in (MARCH, {**MARCH, "store_id": str(elsewhere.id)}):
        assert manager.get("/v1/performance/guides", query_string=query).json["items"] == []
    auditor = client.sign_in(make.staff(roles=["auditor"]))
    assert len(auditor.get("/v1/performance/guides", query_string=MARCH).json["items"]) == 1
    assert as_guide.get("/v1/performance/guides").json["code"] == "forbidden"


def test_tomorrows_tasks_show_tomorrow(client: Client, guide: Staff) -> None:
    manager = make.staff(roles=["store_manager"], store_id=guide.store_id)
    tomorrow = clock.business_day(clock.now(), "Asia/Shanghai") + timedelta(days=1)
    make.task_plan(by=manager, day=tomorrow)
    rebuild(tomorrow, tomorrow)
    period = {"from": tomorrow.isoformat(), "to": tomorrow.isoformat()}
    [day] = client.sign_in(guide).get("/v1/performance/me", query_string=period).json["days"]
    assert (day["tasks_due"], day["tasks_done"], day["live"]) == (1, 0, False)
