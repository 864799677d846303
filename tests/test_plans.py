"""Every list reads its page and little more, whoever asks, at first and with the plans that connections keep.

The lists are found by walking the routes: a new one is asked here without anybody adding it. The chain has 240 stores;
tables are looked up in as if they were large (`as_if_large`), so that a list without an index for it shows.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from benchmarks.customer_rows import sign_in
from benchmarks.size import chain as c
from benchmarks.size.chain import Chain, made_id
from benchmarks.size.fill import fill
from benchmarks.size.lines import people
from benchmarks.size.watched import Statement, Watched, watching
from customers.queries import lists
from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import clock
from kit.db import close_connections, db
from staff import scope
from tests.client import Client

# From then on a connection may keep a plan for any values.
TIMES = 12
PAGE = 20
# Of tables of that many rows; a page is found among as many, and what it shows is looked up for it.
LARGE_ROWS = 5_000
MOST_READ = 1_200
MOST_SORTED = 900  # a page of each of a region's 40 stores
# A region's page is looked for among so many first; in a large chain, staff.scope.LOOKED_THROUGH.
LOOKED_THROUGH = 400
# What stands in the paths of lists.
IDS = {
    "customer_id": made_id(c.CUSTOMER, 0),
    "content_id": made_id(c.CONTENT, 0),
    "forward_id": made_id(c.FORWARD, 0),
    "product_id": made_id(c.PRODUCT, 50),
    "segment_id": made_id(c.SEGMENT, 0),
    "store_id": made_id(c.STORE, 0),
    "store_code": "S0",
    "source": "brand",
    **dict.fromkeys(("run_id", "policy_id", "settlement_id", "statement_id", "plan_id"), made_id(c.SEGMENT, 9)),
}
# Lists that read more, and why that is so for now.
READ_MORE = {
    "/v1/binding-transfers": "a transfer has two guides, and there are few",
    "/v1/availability": "counts all of it, too",
    "/v1/brands": "counts the products of each",
    "/v1/categories": "counts the products of each",
    f"/v1/products/{IDS['product_id']}/forwarders": "sums up who lately shared a product",
}


@pytest.fixture
def chain(app: GuideApp, config: Config) -> Chain:
    """The filled chain."""
    made = Chain(zones=2, regions_per_zone=3, stores_per_region=40, today=clock.now().date())
    fill(config.database_url, made)
    return made


@pytest.fixture
def serving(config: Config) -> Iterator[GuideApp]:
    """The application as it serves requests: connections keep plans."""
    served = create_app(replace(config, statement_seconds=30, money_second_factor=False))
    yield served
    with served.app_context():
        close_connections()


def list_paths(app: GuideApp) -> Iterator[str]:
    """The path of every route that gives pages and is no report; raises KeyError for a parameter without an id here."""
    documented = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()["paths"]
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<uuid:{name}>", f"{{{name}}}").replace(f"<{name}>", f"{{{name}}}")
        asked = documented.get(path, {}).get("get", {})
        pages = {"cursor", "limit"} <= {parameter.get("name") for parameter in asked.get("parameters", ())}
        if pages and not getattr(app.view_functions[rule.endpoint], "report", False):
            yield path.format(**{name: IDS[name] for name in rule.arguments})


def test_every_list_reads_a_page_and_little_more(
    chain: Chain, serving: GuideApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (scope, lists):
        monkeypatch.setattr(module, "LOOKED_THROUGH", LOOKED_THROUGH)
    large = _large_tables()
    _sees_a_list_that_goes_through_a_table(large)
    tokens = {role: sign_in(UUID(person)) for role, person in people(chain).items() if role != "zone"}
    paths = sorted(set(list_paths(serving)))
    assert len(paths) > 25
    wrong = []
    with serving.app_context(), watching(list(db.engines.values()), as_if_large=True) as watched:
        for path in paths:
            for role, token in tokens.items():
                client = Client(serving).with_token(token)
                wrong += [f"{role} {path}: {what}" for what in _asked(client, path, watched, large)]
    assert wrong == [], "\n".join(wrong)


def _sees_a_list_that_goes_through_a_table(large: set[str]) -> None:
    """That the test can fail."""
    assert {"customer", "forward", "sales_order", "follow_up"} <= large
    with watching([db.engine], as_if_large=True) as watched:
        db.session.execute(text("SELECT id FROM customer ORDER BY updated_at DESC LIMIT 20"))
    [whole, many] = [found.split(":")[0] for found in _too_much(watched, "/v1/customers", large)]
    assert whole == "reads all of customer"
    assert many == "reads 24000 rows"


def _asked(client: Client, path: str, watched: Watched, large: set[str]) -> list[str]:
    asked: dict[str, Any] = {"limit": PAGE}
    watched.statements.clear()
    first = client.get(path, query_string=asked)
    if first.status_code in (403, 404):
        return []
    assert first.status_code == 200, (path, first.text)
    found = [f"first page, {what}" for what in _too_much(watched, path, large)]
    if first.json.get("next_cursor"):
        asked["cursor"] = first.json["next_cursor"]
    for turn in range(TIMES):
        watched.statements.clear()
        assert client.get(path, query_string=asked).status_code == 200
        if turn in (0, TIMES - 1):
            found += [f"next page, turn {turn}, {what}" for what in _too_much(watched, path, large)]
    return found


def _too_much(watched: Watched, path: str, large: set[str]) -> Iterator[str]:
    if path in READ_MORE:
        return
    for statement in watched.statements:
        read = {node.table or "" for node in statement.nodes if node.kind == "Seq Scan"} & large
        if read:
            yield f"reads all of {', '.join(sorted(read))}: {_words(statement)}"
        rows = _rows_of(statement, large)
        if rows > MOST_READ:
            yield f"reads {rows} rows: {statement.outline()}"
        most = max((node.returned for node in statement.nodes if "Sort" in node.kind), default=0)
        if most > MOST_SORTED:
            yield f"sorts {most} rows: {_words(statement)}"


def _rows_of(statement: Statement, large: set[str]) -> int:
    return sum(node.rows for node in statement.nodes if node.is_read and node.table in large)


def _words(statement: Statement) -> str:
    return " ".join(statement.text.split())[:120]


def _large_tables() -> set[str]:
    counted = text("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND reltuples > :rows")
    return set(db.session.scalars(counted, {"rows": LARGE_ROWS}))
