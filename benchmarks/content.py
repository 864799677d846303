"""The content center beside bare Flask routes that do the same reads and writes: requests a second, paired.

`python -m benchmarks.content [--json] [--rounds N]`. Both applications run in this process, over one PostgreSQL, and
take turns in short blocks, so that whatever else the machine does meets both alike. The ratio of a route is the
median of its rounds' ratios.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.bare_content import bare_app
from benchmarks.content_rows import Rows, write_rows
from guideapi import database
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from kit.ids import new_id

BLOCK = 25  # requests in a row before it is the other one's turn
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.54"
# What is asked of each route, as a share of its bare route's requests a second.
ASKED = {"forward": 0.6, "list": 0.6, "share page": 0.6}

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]
Figures = dict[str, float | int]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One kind of request, as either application takes it."""

    app: Application
    method: str
    path: str
    headers: dict[str, str]
    body: Callable[[], bytes] = lambda: b""

    def run(self) -> None:
        """Make the request and read its answer; anything but success is an error."""
        body = self.body()
        environ = {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            **self.headers,
        }
        statuses: list[str] = []
        answer = self.app(environ, lambda status, *_: statuses.append(status))
        b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if not statuses[0].startswith("2"):
            raise RuntimeError(f"{self.method} {self.path}: {statuses[0]}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    figures = measure(rounds=options.rounds)
    out = json.dumps(figures) if options.json else "\n".join(f"{name:>28} {value}" for name, value in figures.items())
    sys.stdout.write(out + "\n")


def measure(*, rounds: int) -> Figures:
    """Requests a second of each route and its bare twin, and the ratio, from `rounds` turns of each."""
    figures: Figures = {"rounds": rounds, "requests per turn": BLOCK}
    with applications() as (house, bare, rows):
        for name, (ours, theirs) in pairs(house.wsgi_app, bare, rows).items():
            speeds = [(_speed(ours), _speed(theirs)) for _ in range(rounds + 1)][1:]
            figures[f"{name} requests/s"] = round(median(speed for speed, _ in speeds), 1)
            figures[f"{name} bare requests/s"] = round(median(speed for _, speed in speeds), 1)
            figures[f"{name} of bare"] = round(median(speed / bare_speed for speed, bare_speed in speeds), 3)
            figures[f"{name} asked"] = ASKED[name]
    return figures


@contextmanager
def applications() -> Iterator[tuple[GuideApp, Application, Rows]]:
    """The house and the bare application over one database with the rows that they read."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "files")
        files.mkdir()
        with (
            EmbeddedPostgres.start(Path(folder, "postgres"), throwaway=True) as postgres,
            EmbeddedValkey.start(Path(folder)) as valkey,
        ):
            postgres.create_database("bench")
            url = postgres.url("bench")
            config = Config(
                database_url=url,
                redis_url=valkey.url,
                secret_key="b" * 40,
                storage_url=files.as_uri(),
                log_level="WARNING",
            )
            database.migrate(config)
            house = create_app(config)
            with house.app_context():
                rows = write_rows()
            yield house, bare_app(url, rows.guide_id).wsgi_app, rows


def pairs(house: Application, bare: Application, rows: Rows) -> dict[str, tuple[Call, Call]]:
    """Each route and its bare twin."""
    ours = {"HTTP_AUTHORIZATION": f"Bearer {rows.access_token}", "HTTP_USER_AGENT": PHONE}
    tap = f"content/{rows.content_id}/forwards"

    def call(app: Application, path: str, *, method: str = "GET", body: Callable[[], bytes] = bytes) -> Call:
        return Call(app=app, method=method, path=path, headers=ours, body=body)

    return {
        "forward": (
            call(house, f"/v1/{tap}", method="POST", body=_tap),
            call(bare, f"/{tap}", method="POST", body=_tap),
        ),
        "list": (call(house, "/v1/content"), call(bare, "/content")),
        "share page": (call(house, f"/s/{rows.token}"), call(bare, f"/s/{rows.token}")),
    }


def _tap() -> bytes:
    return json.dumps({"id": str(new_id()), "channel": "wechat", "target": {"kind": "none"}}).encode()


def _speed(call: Call) -> float:
    started = perf_counter()
    for _ in range(BLOCK):
        call.run()
    return BLOCK / (perf_counter() - started)


if __name__ == "__main__":
    main()
