"""Lists of products on the real server, in turn with bare routes on a server alike: the same SQL, the same bytes."""

import json
import sys
from collections.abc import Sequence
from functools import partial
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlencode

from benchmarks import bare_lists
from benchmarks.house import PYTHON_M, Api, House, free_port, serve
from benchmarks.sitting import Sitting, sit
from guideapi import api_server
from guideapi.app import GuideApp
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Region, Staff, Store
from staff import passwords

ROUNDS = 5
CONNECTIONS = 8
PASSWORD = "correct horse battery staple"  # noqa: S105 - of a database that ends with this run
LISTS = {
    "all": {},
    "status": {"shelf_status": "presale"},
    "brand": {"brand": "品牌123"},
    "category": {"category": "美妆 > 面霜"},
    "chinese": {"q": "山茶花眼影"},
    "english": {"q": "retinol sham"},
    "rare": {"q": "0012345"},
    "character": {"q": "霜"},
    "letter": {"q": "m"},
    "letters": {"q": "an"},
    "pinyin": {"q": "shanchahua"},
    "initials": {"q": "mgms"},
    "words": {"q": "霜 玫瑰"},
    "code": {"q": "K00012345"},
    "scan": {"q": "6900000012345"},
    "sellable": {"sellable": "true"},
    "newest": {"sort": "newest"},
    "cheapest": {"sort": "price", "brand": "品牌123"},
    "everything": {"shelf_status": "on_shelf", "brand": "品牌123", "category": "美妆", "q": "盘"},
}
PATHS = {name: f"/v1/products?{urlencode({'limit': '20', **filters})}" for name, filters in LISTS.items()}


def measure(house: House, app: GuideApp) -> dict[str, float]:
    """Requests a second of each list and of its bare twin, which runs the request's SQL, that of its sign-in included.

    The last ratio of each is to a twin that runs only the list's own statement.
    """
    token = _guide_token(app)
    ours_port, bare_port = free_port(), free_port()
    commands = [
        (*PYTHON_M, *api_server.command(port=ours_port)),
        (*PYTHON_M, *api_server.command(port=bare_port, target="benchmarks.bare_products:app")),
    ]
    recorded = {bare_lists.PATHS: " ".join(PATHS.values()), bare_lists.TOKEN: token}
    figures: dict[str, float] = {}
    with (
        serve(house, name="api", command=commands[0], port=ours_port) as ours,
        serve(house, name="bare", command=commands[1], port=bare_port, **recorded) as bare,
    ):
        for number, (name, path) in enumerate(PATHS.items()):
            _refuse_difference(name, _items(ours, path, token), _items(bare, f"/{number}", None))
            ask = partial(_ask, seconds=1.0)
            turns = [
                (ask(ours, path, token), ask(bare, f"/{number}", None), ask(bare, f"/alone/{number}", None))
                for _ in range(ROUNDS + 1)
            ][1:]
            figures |= _of_list(name, turns)
            sys.stderr.write(f"list {name}: {figures[f'list {name} of bare']} of bare\n")
    return figures


def _of_list(name: str, turns: Sequence[tuple[Sitting, ...]]) -> dict[str, float]:
    rates = [[sitting.load.per_second for sitting in turn] for turn in turns]
    cpu = [[sitting.cpu_ms for sitting in turn] for turn in turns]
    return {
        f"list {name} requests/s": round(median(turn[0] for turn in rates)),
        f"list {name} bare requests/s": round(median(turn[1] for turn in rates)),
        f"list {name} of bare": round(median(turn[0] / turn[1] for turn in rates), 3),
        f"list {name} of bare without sign-in": round(median(turn[0] / turn[2] for turn in rates), 3),
        f"list {name} p50 ms": round(median(turn[0].load.p50_ms for turn in turns), 2),
        f"list {name} p99 ms": round(median(turn[0].load.p99_ms for turn in turns), 2),
        f"list {name} server's CPU ms": round(median(turn[0] for turn in cpu), 2),
        f"list {name} bare server's CPU ms": round(median(turn[1] for turn in cpu), 2),
    }


def _ask(api: Api, path: str, token: str | None, *, seconds: float) -> Sitting:
    sitting = sit(api, path=path, token=token, connections=CONNECTIONS, seconds=seconds)
    if sitting.load.failed or sitting.load.lost:
        raise RuntimeError(f"{path}: {sitting.load.failed} requests failed, {sitting.load.lost} got no answer")
    return sitting


def _items(api: Api, path: str, token: str | None) -> object:
    connection = HTTPConnection("127.0.0.1", api.port, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = json.load(connection.getresponse())
    connection.close()
    return answer["items"]


def _refuse_difference(name: str, ours: object, theirs: object) -> None:
    if ours != theirs:
        raise RuntimeError(f"the bare route answers {name} otherwise")


def _guide_token(app: GuideApp) -> str:
    with app.app_context(), unit_of_work():
        region = Region(id=new_id(), code="R", name="R")
        region.ancestor_ids = [region.id]
        opened = clock.now().date().replace(year=2020)
        store = Store(id=new_id(), code="S", name="S", region_id=region.id, opened_on=opened)
        guide = Staff(id=new_id(), staff_no="G", name="G", roles=["guide"], store_id=store.id, hired_on=opened)
        guide.password_hash = passwords.hash_password(PASSWORD)
        for row in (region, store, guide):
            db.session.add(row)
            db.session.flush()
    answer = app.test_client().post("/v1/auth/token", json={"staff_no": "G", "password": PASSWORD})
    return str(answer.get_json()["access_token"])
