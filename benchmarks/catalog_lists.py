"""Lists of products in this process, in turn with bare routes that run the same SQL and write the same bytes."""

import json
import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

from benchmarks.bare_catalog import bare_app
from benchmarks.in_process import call
from benchmarks.recorded import recorded
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import clock
from kit.db import db, unit_of_work
from kit.ids import new_id
from models import Region, Staff, Store
from staff import passwords

ROUNDS = 10
TURN = 20
PASSWORD = "correct horse battery staple"  # noqa: S105 - of a database that ends with this run
LISTS = {
    "all": {},
    "status": {"shelf_status": "presale"},
    "brand": {"brand": "品牌123"},
    "category": {"category": "美妆 > 面霜"},
    "chinese": {"q": "山茶花眼影"},
    "english": {"q": "retinol sham"},
    "rare": {"q": "0012345"},
    "everything": {"shelf_status": "on_shelf", "brand": "品牌123", "category": "美妆", "q": "盘"},
}


def measure(app: GuideApp, config: Config) -> dict[str, float]:
    """Requests a second of each list and of its bare twin, which runs the request's SQL, that of its sign-in included.

    The last figure of each is the ratio to a twin that runs only the list's own statement.
    """
    token = _guide_token(app)
    figures: dict[str, float] = {}
    paths = {name: f"/v1/products?{urlencode({'limit': '20', **filters})}" for name, filters in LISTS.items()}
    statements = {name: recorded(create_app(config), path, token=token) for name, path in paths.items()}
    alone = {f"{name}-alone": sent[-1:] for name, sent in statements.items()}
    bare = bare_app(config.database_url.replace("+psycopg", ""), statements | alone)
    for name, path in paths.items():
        query = path.partition("?")[2]
        ours = partial(call, app, "GET", "/v1/products", query=query, headers={"HTTP_AUTHORIZATION": f"Bearer {token}"})
        twin, list_alone = (partial(call, bare, "GET", f"/{name}{which}") for which in ("", "-alone"))
        _refuse_difference(name, ours(), twin())
        turns = [(_speed(ours), _speed(twin), _speed(list_alone)) for _ in range(ROUNDS + 1)][1:]
        figures[f"list {name} requests/s"] = round(median(turn[0] for turn in turns))
        figures[f"list {name} bare requests/s"] = round(median(turn[1] for turn in turns))
        figures[f"list {name} of bare"] = round(median(turn[0] / turn[1] for turn in turns), 3)
        figures[f"list {name} of bare without sign-in"] = round(median(turn[0] / turn[2] for turn in turns), 3)
        sys.stderr.write(f"list {name}: {figures[f'list {name} of bare']} of bare\n")
    return figures


def _refuse_difference(name: str, ours: bytes, theirs: bytes) -> None:
    if json.loads(ours)["items"] != json.loads(theirs)["items"]:
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
    body = json.dumps({"staff_no": "G", "password": PASSWORD}).encode()
    token: str = json.loads(call(app, "POST", "/v1/auth/token", body=body))["access_token"]
    return token


def _speed(call: Callable[[], bytes]) -> float:
    started = perf_counter()
    for _ in range(TURN):
        call()
    return TURN / (perf_counter() - started)
