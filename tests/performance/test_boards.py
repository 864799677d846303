"""On a board wider than one's sight: who leads by name, one's neighbours by figure, never both of a stranger."""

from typing import Any

import pytest

from guideapi.app import GuideApp
from models import Staff, Store
from tests import make
from tests.client import Client
from tests.performance.test_answers import MARCH, board, noon, rebuild, sell

Seen = list[tuple[int, str | None, str | None, int | None]]


@pytest.fixture
def stores(app: GuideApp) -> list[Store]:
    """Two of one region, one elsewhere."""
    region = make.region()
    return [make.store(region_id=region.id), make.store(region_id=region.id), make.store()]


@pytest.fixture
def guides(app: GuideApp, stores: list[Store]) -> list[Staff]:
    """Twelve, from store to store, the first with the most sales."""
    people = [make.guide(store_id=stores[n % 3].id, name=f"导购{n:02}", staff_no=f"N{n:02}") for n in range(12)]
    for n, person in enumerate(people):
        sell(stores[n % 3], person, 12_000 - n * 1_000)
    rebuild()
    return people


def seen(items: list[dict[str, Any]]) -> Seen:
    def fen(item: dict[str, Any]) -> int | None:
        return item["amount"] and item["amount"]["amount"]

    return [
        (i["rank"], i["guide"] and i["guide"]["name"], i["guide"] and i["guide"]["staff_no"], fen(i)) for i in items
    ]


def test_strangers_lead_by_name_and_stand_next_to_me_by_figure(client: Client, guides: list[Staff]) -> None:
    found = board(client.sign_in(guides[9]), limit=4)
    assert found["whole"] is False
    assert found["next_cursor"] is None
    # The first and the fourth are of the guide's own store.
    assert seen(found["items"]) == [
        (1, "导购00", "N00", 12_000),
        (2, "导购01", None, None),
        (3, "导购02", None, None),
        (4, "导购03", "N03", 9_000),
    ]
    assert seen(found["around_me"]) == [
        (7, "导购06", "N06", 6_000),
        (8, None, None, 5_000),
        (9, None, None, 4_000),
        (10, "导购09", "N09", 3_000),
        (11, None, None, 2_000),
        (12, None, None, 1_000),
    ]
    assert found["me"]["rank"] == 10


def test_no_stranger_has_name_and_figure(client: Client, guides: list[Staff]) -> None:
    """Ranks stand in both lists: who is named among the first has no figure among my neighbours."""
    for me in (guides[0], guides[4], guides[11]):
        found = board(client.sign_in(me))
        own = {guides[n].name for n in range(12) if guides[n].store_id == me.store_id}
        named = {rank for rank, name, _, _ in seen(found["items"]) if name not in own}
        figures = {rank for rank, name, _, fen in seen(found["around_me"]) if name not in own and fen is not None}
        assert named & figures == set()
        assert len(named) > 0
        assert all(staff_no is None for _, name, staff_no, _ in seen(found["items"]) if name not in own)


def test_counts_are_kept_as_money_is(client: Client, guides: list[Staff]) -> None:
    found = board(client.sign_in(guides[4]), metric="orders")
    strangers = [item for item in found["items"] if item["guide"]["id"] is None]
    assert strangers
    assert {item["count"] for item in strangers} == {None}


def test_at_most_ten_are_named_and_there_is_no_next_page(client: Client, guides: list[Staff]) -> None:
    signed_in = client.sign_in(guides[0])
    assert len(board(signed_in, limit=200)["items"]) == 10
    within = board(client.sign_in(guides[0]), scope="store", limit=1)["next_cursor"]
    query = {**MARCH, "metric": "net_sales", "scope": "company", "cursor": within}
    assert signed_in.get("/v1/leaderboards", query_string=query).json["code"] == "bad_cursor"


@pytest.mark.parametrize(
    ("role", "whole"), [("guide", "store"), ("store_manager", "store"), ("regional_manager", "store region")]
)
def test_boards_within_sight_are_whole(
    client: Client, guides: list[Staff], stores: list[Store], role: str, whole: str
) -> None:
    place = {"region_id": stores[0].region_id} if role == "regional_manager" else {"store_id": stores[0].id}
    signed_in = client.sign_in(make.staff(roles=[role], **place))
    for scope, count in (("store", 4), ("region", 8), ("company", 12)):
        found = board(signed_in, scope=scope, store_id=str(stores[0].id))
        assert found["whole"] == (scope in whole.split()), scope
        named = [item for item in found["items"] if item["guide"]["staff_no"] and item["amount"]]
        assert len(named) == (count if found["whole"] else len(named))
    company = board(signed_in)
    in_sight = {0, 3, 6, 9} | ({1, 4, 7} if role == "regional_manager" else set())
    assert {item["guide"]["staff_no"] for item in company["items"]} - {None} == {f"N{n:02}" for n in in_sight}


def test_head_office_sees_the_whole_company(client: Client, guides: list[Staff]) -> None:
    found = board(client.sign_in(make.staff(roles=["auditor"])))
    assert (found["whole"], len(found["items"])) == (True, 12)
    assert all(item["guide"]["staff_no"] for item in found["items"])


def test_who_is_not_on_the_board_has_no_neighbours(client: Client, guides: list[Staff], stores: list[Store]) -> None:
    found = board(client.sign_in(make.guide(store_id=stores[0].id)))
    assert (found["around_me"], found["me"]) == ([], None)


def test_the_chain_may_name_nobody(client: Client, guides: list[Staff], app: GuideApp) -> None:
    app.config["BOARD_NAMES"] = 0
    try:
        found = board(client.sign_in(guides[4]))
    finally:
        app.config["BOARD_NAMES"] = 10
    assert found["items"] == []
    assert len(found["around_me"]) == 7


def test_pay_of_neighbours_is_not_shown(client: Client, guides: list[Staff], stores: list[Store]) -> None:
    for n in (4, 5):
        order = make.order(store=stores[n % 3], served_by=guides[n], ordered_at=noon(2))
        make.posting(order, guide=guides[n], amount_fen=100 + n)
    rebuild()
    found = board(client.sign_in(guides[4]), metric="commission")
    assert {item["amount"] and item["amount"]["amount"] for item in found["around_me"]} <= {None, 104}
