"""What a phone's screens and lists cost: calls and bytes of each screen, and the CPU of gzip, of tags and of 304.

In this process, over the demo chain. CPU is this process's and all of PostgreSQL's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from flask.testing import FlaskClient

from benchmarks import spent
from benchmarks.lists import PATHS
from benchmarks.results import Result
from benchmarks.stage import Stage
from kit.db import close_connections
from kit.web import listed

PACKED = {"Accept-Encoding": "gzip"}
LIKE_A_PHONE = {"Accept": "image/webp"}
REQUESTS = 100
TURNS = 5
GZIP_AND_TAG_AT_MOST = 1.1
AGAIN_AT_MOST = 1 / 3


@dataclass(kw_only=True)
class Phone:
    """A phone that counts what it asks for and what it gets."""

    client: FlaskClient
    token: str
    headers: dict[str, str]
    calls: int = 0
    bytes_got: int = 0
    pictures: set[str] = field(default_factory=set)

    def get(self, path: str) -> Any:
        answer = self.client.get(path, headers={"Authorization": f"Bearer {self.token}"})
        packed = self.client.get(path, headers={"Authorization": f"Bearer {self.token}", **self.headers})
        self.calls += 1
        self.bytes_got += len(packed.data)
        return answer.json

    def show(self, url: str | None) -> None:
        """A picture, once: phones keep them."""
        if url and url not in self.pictures:
            self.pictures.add(url)
            self.bytes_got += len(self.client.get(url, headers=LIKE_A_PHONE).data)


def measure(stage: Stage) -> list[Result]:
    """Calls and bytes of the screens, one content or customer at a time and as they are; then the CPU of lists."""
    token, app = stage.token("guide"), stage.house.app()
    results = [_screen(name, ways, app.test_client(), token) for name, ways in SCREENS.items()]
    server = spent.server_of(stage.house.environment["DATABASE_URL"].replace("+psycopg", ""))

    def used() -> float:
        return spent.here() + spent.by_server(server)

    for path in PATHS:
        stage.say(f"phone: {path}")
        results += _lists(path, app.test_client(), token, used, turns=2 if stage.quick else TURNS)
    with app.app_context():
        close_connections()
    return results


def _tasks_apart(phone: Phone) -> None:
    for task in phone.get("/v1/tasks")["items"]:
        if task["content"]:
            _content_apart(phone, task["content"]["id"])


def _tasks(phone: Phone) -> None:
    for task in phone.get("/v1/tasks")["items"]:
        phone.show(task["content"] and task["content"]["thumbnail_url"])


def _contents_apart(phone: Phone) -> None:
    for row in phone.get("/v1/content")["items"]:
        _content_apart(phone, row["id"])


def _content_apart(phone: Phone, content_id: str) -> None:
    content = phone.get(f"/v1/content/{content_id}")
    pictures = [asset["url"] for asset in content["assets"]] + [card["image_url"] for card in content["products"]]
    phone.show(next(iter(filter(None, pictures)), None))


def _contents(phone: Phone) -> None:
    for row in phone.get("/v1/content")["items"]:
        phone.show(row["thumbnail_url"])


def _products_apart(phone: Phone) -> None:
    for row in phone.get("/v1/products")["items"]:
        phone.show(row["image_key"] and f"/files/{row['image_key']}")


def _products(phone: Phone) -> None:
    for row in phone.get("/v1/products")["items"]:
        phone.show(row["thumbnail_url"])


def _customer_apart(phone: Phone) -> None:
    path = f"/v1/customers/{_customer_id(phone)}"
    for part in ("", "/consents", "/quiet-hours", "/tags", "/bindings", "/timeline?limit=20"):
        phone.get(path + part)
    phone.get(f"/v1/follow-ups?customer_id={path.rpartition('/')[2]}")


def _customer(phone: Phone) -> None:
    phone.get(f"/v1/customers/{_customer_id(phone)}/overview")


def _customer_id(phone: Phone) -> str:
    answer = phone.client.get("/v1/customers?limit=1", headers={"Authorization": f"Bearer {phone.token}"})
    return str(answer.get_json()["items"][0]["id"])


Walk = Callable[[Phone], None]
SCREENS: dict[str, tuple[Walk, Walk]] = {
    "today's tasks": (_tasks_apart, _tasks),
    "contents with covers": (_contents_apart, _contents),
    "products with pictures": (_products_apart, _products),
    "one customer": (_customer_apart, _customer),
}


def _screen(name: str, ways: tuple[Walk, Walk], client: FlaskClient, token: str) -> Result:
    apart = Phone(client=client, token=token, headers={})
    now = Phone(client=client, token=token, headers=PACKED)
    for walk, phone in zip(ways, (apart, now), strict=True):
        walk(phone)
    return Result(
        name=f"screen: {name}",
        unit="bytes",
        value=now.bytes_got,
        peer="piece by piece, plain, whole pictures",
        peer_value=apart.bytes_got,
        ratio=now.bytes_got / apart.bytes_got,
        beside={"calls": now.calls, "calls before": apart.calls, "pictures": len(now.pictures)},
    )


def _lists(path: str, client: FlaskClient, token: str, used: Callable[[], float], *, turns: int) -> list[Result]:
    signed = {"Authorization": f"Bearer {token}"}
    tag = client.get(path, headers=signed).headers["ETag"]
    kinds = {"plain": signed, "packed": {**signed, **PACKED}, "again": {**signed, "If-None-Match": tag}}
    spent_ms: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(turns):
        for kind, headers in kinds.items():
            with _untagged() if kind == "plain" else _as_it_is():
                before = used()
                statuses = {client.get(path, headers=headers).status_code for _ in range(REQUESTS)}
            spent_ms[kind].append((used() - before) / REQUESTS * 1000)
            if statuses != {304 if kind == "again" else 200}:
                raise RuntimeError(f"{path}, {kind}: {statuses}")
    limits = {"packed": ("with gzip and tag", GZIP_AND_TAG_AT_MOST), "again": ("asked again", AGAIN_AT_MOST)}
    return [
        Result(
            name=f"{path}, {words}",
            unit="CPU ms",
            value=median(spent_ms[kind]),
            peer="plain, without a tag",
            peer_value=median(spent_ms["plain"]),
            ratio=median(ours / theirs for ours, theirs in zip(spent_ms[kind], spent_ms["plain"], strict=True)),
            at_most=at_most,
        )
        for kind, (words, at_most) in limits.items()
    ]


@contextmanager
def _untagged() -> Iterator[None]:
    """Lists whose tag costs nothing."""
    made, listed._tag = listed._tag, lambda *_: "0"
    try:
        yield
    finally:
        listed._tag = made


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
