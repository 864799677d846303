"""A day of the chain over HTTP, with the processes that serve it in production, in a database of its own."""

import json
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import create_engine, text

from guideapi import api_server, database
from guideapi.app import create_app
from guideapi.children import Child
from guideapi.config import Config
from kit import clock
from kit.db import close_connections, db
from kit.ids import new_id
from models import Staff
from tests import make
from tests.conftest import ROOT, process_environment

BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
ENDS_WITHIN_SECONDS = 20
METRICS_TOKEN = "tests-tests-tests"
# A forward's first two seconds belong to the machines that preview links.
HUMAN_AFTER = timedelta(seconds=2)


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    headers: Any = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Caller:
    """Somebody with an HTTP client."""

    url: str
    token: str | None = None
    session_id: str = ""

    def get(self, path: str, *, agent: str = "tests") -> Answer:
        return self._send(urllib.request.Request(self._absolute(path), headers=self._headers(agent)))

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
        kept = {"Content-Type": "application/json", "Idempotency-Key": str(new_id())}
        headers = {**self._headers("tests"), **kept, **(headers or {})}
        content = json.dumps(body, default=str).encode()
        return self._send(urllib.request.Request(self._absolute(path), data=content, headers=headers))

    def created(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.post(path, body)
        assert answer.status in (200, 201), answer
        found: dict[str, Any] = answer.json
        return found

    def sign_in(self, person: Staff) -> "Caller":
        token = self.created("/v1/auth/token", {"staff_no": person.staff_no, "password": make.PASSWORD})
        make.verify(token["session_id"])
        return replace(self, token=token["access_token"], session_id=token["session_id"])

    def _absolute(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path

    def _headers(self, agent: str) -> dict[str, str]:
        return {"User-Agent": agent, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}

    def _send(self, request: urllib.request.Request) -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, response.read(), response.headers)
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read(), refusal.headers)


@dataclass(frozen=True)
class People:
    guide: Staff
    manager: Staff
    editor: Staff
    reviewer: Staff
    cataloguer: Staff
    payers: tuple[Staff, Staff]
    store_code: str
    machine_token: str


@pytest.fixture
def own_config(config: Config, tmp_path: Path) -> Iterator[Config]:
    """Settings for a migrated database, a queue and a port of its own."""
    server = create_engine(config.database_url, isolation_level="AUTOCOMMIT")
    name = f"{server.url.database}_whole"
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    own = replace(
        config,
        database_url=server.url.set(database=name).render_as_string(hide_password=False),
        redis_url=config.redis_url.removesuffix("/0") + "/1",
        public_url=f"http://127.0.0.1:{free_port()}",
        storage_url=(tmp_path / "files").as_uri(),
    )
    database.migrate(own)
    yield own
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def people(own_config: Config) -> Iterator[People]:
    """Who takes part; everything else comes through the API."""
    with create_app(own_config).app_context():
        store = make.store()
        guide = make.guide(store_id=store.id, name="李娜")
        yield People(
            guide=guide,
            manager=make.staff(roles=["store_manager"], store_id=store.id),
            editor=make.staff(roles=["hq_content"]),
            reviewer=make.staff(roles=["hq_content"]),
            cataloguer=make.staff(roles=["hq_catalog"]),
            payers=(make.staff(roles=["hq_commission"]), make.staff(roles=["hq_commission"])),
            store_code=store.code,
            machine_token=make.api_key(scopes=["products:write", "orders:write"]),
        )
        db.session.remove()
        close_connections()


Start = Callable[..., Child]


@pytest.fixture
def start(own_config: Config, tmp_path: Path) -> Iterator[Start]:
    """Start `python -m ...` as a process of the chain; afterwards Ctrl-C ends each of them in good order."""
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    own = {
        "PUBLIC_URL": own_config.public_url,
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "METRICS_TOKEN": METRICS_TOKEN,
    }
    children: dict[str, Child] = {}

    def run(name: str, *command: str) -> Child:
        with open(tmp_path / f"{name}.log", "wb") as log:
            children[name] = Child.start(
                [sys.executable, "-m", *command],
                folder=ROOT,
                stop_signal=signal.SIGINT,
                environment={**process_environment(own_config), **own},
                output=log,
            )
        return children[name]

    yield run
    for child in children.values():
        child.ask_to_stop()
    for child in children.values():
        child.stop(grace_seconds=ENDS_WITHIN_SECONDS)
    assert {name: child.process.returncode for name, child in children.items()} == dict.fromkeys(children, 0)


@pytest.fixture
def anyone(own_config: Config, people: People, start: Start) -> Caller:
    """The API, served as `make run` does, with a worker beside it."""
    caller = Caller(own_config.public_url)
    port = int(own_config.public_url.rpartition(":")[2])
    api = start("api", *api_server.command(port=port))
    start("worker", "guideapi", "worker")

    def answers() -> bool:
        assert not api.has_ended()
        try:
            return caller.get("/readyz").status == 200
        except urllib.error.URLError:
            return False

    make.wait_until(answers)
    return caller


def test_a_day_from_the_task_to_the_leaderboard(anyone: Caller, people: People, start: Start) -> None:
    guide, machine = anyone.sign_in(people.guide), replace(anyone, token=people.machine_token)
    approve_commission(anyone, people)
    product = offer_product(anyone, machine, people)
    content = publish_content(anyone, people, product)
    task = give_task(anyone, people, guide, content)
    forward = forward_and_look(anyone, guide, content)
    assert guide.get(f"/v1/tasks/{task['id']}").json["state"] == "done"
    sell(machine, people, forward)
    start("scheduler", "guideapi", "scheduler")
    figures_appear(guide, forward)
    take_off_shelf(machine, guide, content)
    describe_itself(anyone)


def approve_commission(anyone: Caller, people: People) -> None:
    maker, checker = (anyone.sign_in(payer) for payer in people.payers)
    plan = maker.created("/v1/commission-plans", {"code": "base", "name": "基础提成"})
    rules = {"plan": make.document({"rate_bp": 300}), "effective_from": "2020-01-01T00:00:00Z"}
    version = maker.created(f"/v1/commission-plans/{plan['id']}/versions", rules)
    fresh = make.grant(checker.session_id, act="plan_version_approval", subject_id=version["id"])
    assert checker.post(f"/v1/plan-versions/{version['id']}/approve", {}, fresh).status == 200


SERUM: dict[str, Any] = {
    "external_id": "P1",
    "version": 1,
    "title": "焕亮精华",
    "brand": "花屿",
    "category": ["护肤", "精华"],
    "shelf_status": "on_shelf",
    "skus": [{"code": "SKU-1", "price": 29_900}],
}


def offer_product(anyone: Caller, machine: Caller, people: People) -> dict[str, Any]:
    cataloguer = anyone.sign_in(people.cataloguer)
    for code in ("brand-feed", "till"):
        cataloguer.created("/v1/sources", {"code": code, "name": code})
    pushed = machine.created("/v1/sources/brand-feed/products", {"items": [SERUM]})
    assert [item["outcome"] for item in pushed["items"]] == ["created"]
    [product] = anyone.sign_in(people.guide).get("/v1/products").json["items"]
    assert product["shelf_status"] == "on_shelf"
    return dict(product)


def publish_content(anyone: Caller, people: People, product: dict[str, Any]) -> dict[str, Any]:
    content = {
        "id": new_id(),
        "kind": "poster",
        "category": "新品",
        "valid_from": "2020-01-01T00:00:00Z",
        "title": "秋日焕亮",
        "body": "换季的第一瓶精华。",
        "texts": {"default": "{guide_name}为您推荐，现在只要{product_price}"},
        "product_ids": [product["id"]],
    }
    made = anyone.sign_in(people.editor).created("/v1/content", content)
    return anyone.sign_in(people.reviewer).created(f"/v1/content/{made['id']}/publish", {})


def give_task(anyone: Caller, people: People, guide: Caller, content: dict[str, Any]) -> dict[str, Any]:
    plan = {"id": new_id(), "kind": "forward", "title": "转发新品海报", "content_id": content["id"]}
    anyone.sign_in(people.manager).created("/v1/task-plans", plan)
    [task] = guide.get("/v1/tasks").json["items"]
    assert (task["state"], task["progress"]) == ("open", {"done": 0, "target": 1})
    assert (task["content"]["id"], task["content"]["forwardable"]) == (content["id"], True)
    return dict(task)


def forward_and_look(anyone: Caller, guide: Caller, content: dict[str, Any]) -> dict[str, Any]:
    forward = guide.created(f"/v1/content/{content['id']}/forwards", {"id": new_id(), "channel": "poster"})
    assert "李娜为您推荐" in forward["text"]
    poster = anyone.get(forward["poster_url"])
    assert poster.headers["Content-Type"] == "image/jpeg"
    picture = Image.open(BytesIO(poster.content))
    assert picture.size == (1080, 1440)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [forward["share_url"]]
    human_at = datetime.fromisoformat(forward["created_at"]) + HUMAN_AFTER
    make.wait_until(lambda: clock.now() > human_at)
    page = anyone.get(forward["share_url"], agent=BROWSER)
    assert page.status == 200
    assert "焕亮精华" in page.content.decode()
    visit = page.content.decode().partition('data-visit="')[2].partition('"')[0]
    anyone.get(f"{forward['share_url']}/seen.gif?visit={visit}", agent=BROWSER)
    assert guide.get(f"/v1/forwards/{forward['id']}").json["opens"] == 1
    guide.created(f"/v1/forwards/{forward['id']}/confirmations", {"kind": "client"})
    return forward


def sell(machine: Caller, people: People, forward: dict[str, Any]) -> None:
    order = {
        "external_id": "E1",
        "version": 1,
        "store": people.store_code,
        "ordered_at": clock.now().isoformat(),
        "channel": "pos",
        "member_no": "M1",
        "share_token": forward["share_url"].rpartition("/")[2],
        "serving": [{"staff_no": people.guide.staff_no, "share_bp": 10_000}],
        "lines": [{"line_no": 1, "sku": "SKU-1", "quantity": 1, "paid": 29_900}],
    }
    for outcome in ("created", "unchanged"):
        taken = machine.created("/v1/sources/till/orders", {"items": [order]})
        assert [item["outcome"] for item in taken["items"]] == [outcome]


def figures_appear(guide: Caller, forward: dict[str, Any]) -> None:
    sold, earned = {"amount": 29_900, "currency": "CNY"}, {"amount": 897, "currency": "CNY"}

    def commission_is_posted() -> bool:
        totals = guide.get("/v1/commissions/summary").json["totals"]
        return [total["net"] for total in totals] == [earned]

    def board_shows(metric: str, amount: dict[str, Any]) -> bool:
        found = guide.get(f"/v1/leaderboards?metric={metric}&scope=company").json
        return [(item["rank"], item["is_me"], item["amount"]) for item in found["items"]] == [(1, True, amount)]

    make.wait_until(commission_is_posted)
    make.wait_until(lambda: board_shows("net_sales", sold))
    make.wait_until(lambda: board_shows("commission", earned), seconds=60)
    total = guide.get("/v1/performance/me").json["total"]
    counts = ("orders", "units", "daily_customers", "forwards", "opens", "tasks_due", "tasks_done")
    assert {name: total[name] for name in counts} == dict.fromkeys(counts, 1)
    assert (total["net_sales"], total["commission"]) == (sold, earned)


def take_off_shelf(machine: Caller, guide: Caller, content: dict[str, Any]) -> None:
    gone = {**SERUM, "version": 2, "shelf_status": "off_shelf"}
    machine.created("/v1/sources/brand-feed/products", {"items": [gone]})
    refused = guide.post(f"/v1/content/{content['id']}/forwards", {"id": new_id(), "channel": "poster"})
    assert (refused.status, refused.json["code"]) == (409, "content_not_forwardable")
    [task] = guide.get("/v1/tasks").json["items"]
    assert task["content"]["forwardable"] is False


def describe_itself(anyone: Caller) -> None:
    assert anyone.get("/readyz").json == {"status": "ok", "down": [], "degraded": []}
    assert anyone.get("/metrics").status == 401
    figures = replace(anyone, token=METRICS_TOKEN).get("/metrics").content.decode()
    assert 'route="/v1/leaderboards"' in figures
    assert anyone.get("/openapi.json").json["openapi"].startswith("3.1")
    assert anyone.get("/docs/").status == 200
    for path in ("/v1/tasks", "/v1/leaderboards?metric=orders"):
        assert anyone.get(path).json["code"] == "unauthenticated"
