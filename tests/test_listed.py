"""Lists that phones ask for again: 304 without reading the list, and never for a list that changed."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from guideapi.app import GuideApp
from guideapi.config import with_driver
from guideapi.embedded import EmbeddedPostgres
from kit import clock
from kit.db import Base, db
from kit.web.listed import CHANGES
from models import Order, Staff, Store
from tests import make
from tests.client import Client
from tests.races import started

PATHS = (
    "/v1/products",
    "/v1/content",
    "/v1/tasks",
    "/v1/customers",
    "/v1/follow-ups",
    "/v1/follow-ups?due=2026-01-01",
    "/v1/commissions/summary",
    "/v1/commissions/entries",
    "/v1/performance/me",
    "/v1/leaderboards?metric=net_sales&scope=company",
)
NAMED = re.compile(r"(?:FROM|JOIN|,)\s+(?:ONLY\s+)?(\w+)")
# Who asks is asked of every request; what only comes together with a row that is watched is not watched itself.
# Of customers, tasks ask only who became whom: `customer_merge` is watched for that. Credits come with an attribution.
# Who has tasks that bindings, follow-ups or sales complete gets the list anew each minute (tests/tasks/test_facts.py).
WATCHED_OTHERWISE = {
    *(("/v1/tasks", name) for name in ("binding", "follow_up", "sales_order", "order_line", "attribution")),
    ("/v1/tasks", "customer"),
    ("/v1/tasks", "task_plan"),
    ("/v1/tasks", "task_plan_version"),
    ("/v1/performance/me", "customer"),
    ("/v1/performance/me", "forward_key"),
    ("/v1/performance/me", "credit"),
    ("/v1/performance/me", "task_plan"),
    ("/v1/performance/me", "task_plan_version"),
}
# A credit or decision comes with the pointer of its line (`attribution`), which is watched.
NOT_OF_THE_LIST = {
    "credit",
    "attribution_decision",
    "device_session",
    "totp",
    "list_change",
    "ledger_transaction",
    "ledger_account",
}


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is asked of the database from here on."""
    asked: list[str] = []
    execute = psycopg.Cursor.execute

    def noted(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        asked.append(str(query))
        return execute(self, query, *args, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    return asked


@pytest.fixture
def chain(guide: Staff, as_manager: Client) -> dict[str, Any]:
    """Something to show in each list."""
    product = make.product()
    content = make.content(products=[product.id])
    plan = make.task_plan(by=guide, kind="forward", content_id=content.id)
    customer = make.customer(guide=guide)
    make.forward(guide=guide, of=content)
    make.posting(_order(guide), guide=guide, amount_fen=500)
    return {"product": product, "content": content, "plan": plan, "customer": customer}


@pytest.mark.parametrize("path", PATHS)
def test_a_list_asked_again_is_not_read(
    chain: dict[str, Any], as_guide: Client, path: str, statements: list[str]
) -> None:
    first = as_guide.get(path)
    assert first.status_code == 200
    assert re.fullmatch(r'W/"[0-9a-f]{24}"', first.headers["ETag"])
    assert first.headers["Cache-Control"] == "private, no-cache"
    statements.clear()
    again = as_guide.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    read = [statement for statement in statements if not _is_about_the_caller(statement)]
    assert 1 <= len(read) <= 3
    assert "list_change" in read[0]


@pytest.mark.parametrize("path", PATHS)
def test_every_table_that_a_list_reads_tells_of_its_changes(
    app: GuideApp, chain: dict[str, Any], as_guide: Client, as_manager: Client, path: str, statements: list[str]
) -> None:
    topics = app.view_functions[_endpoint(app, path)].topics  # type: ignore[attr-defined]
    for client in (as_guide, as_manager):
        statements.clear()
        assert client.get(path).status_code == 200
        named = {name for statement in statements for name in NAMED.findall(statement)}
        read = named & set(Base.metadata.tables) - NOT_OF_THE_LIST
        assert read
        otherwise = {table for listed, table in WATCHED_OTHERWISE if listed == path}
        assert read - otherwise - _watched(topics) == set()


def _order(guide: Staff) -> Order:
    store = db.session.get(Store, guide.store_id)
    assert store is not None
    return make.order(store=store)


def _endpoint(app: GuideApp, path: str) -> str:
    return app.url_map.bind("").match(path.partition("?")[0], method="GET")[0]


def _watched(topics: tuple[str, ...]) -> set[str]:
    """The tables on which an insert, a change and a deletion are noted under one of these topics."""
    found = db.session.execute(
        text("""
        SELECT t.tgrelid::regclass::text AS name, count(DISTINCT t.tgtype) AS events
        FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
        WHERE f.proname LIKE 'note_change%' AND split_part(encode(t.tgargs, 'escape'), '\\000', 1) = ANY(:topics)
        GROUP BY 1"""),
        {"topics": list(topics)},
    )
    return {row.name for row in found if row.events == 3}


def _is_about_the_caller(statement: str) -> bool:
    return "device_session" in statement or "default_transaction" in statement


def _changes(chain: dict[str, Any], guide: Staff) -> dict[str, list[Callable[[], object]]]:
    return {
        "/v1/products": [
            lambda: make.off_shelf(chain["product"]),
            lambda: make.not_sold_at(chain["product"], store_id=guide.store_id),
        ],
        "/v1/content": [
            lambda: make.not_sold_at(chain["product"], store_id=guide.store_id),
            lambda: make.off_shelf(chain["product"]),
            lambda: make.withdraw(chain["content"].id),
        ],
        "/v1/tasks": [
            lambda: make.forward(guide=guide, of=chain["content"]),
            lambda: make.task_plan(by=guide),
            lambda: make.ended_plan(chain["plan"], by=guide),
        ],
        "/v1/customers": [lambda: make.customer(guide=guide)],
        "/v1/follow-ups": [lambda: make.follow_up(guide=guide)],
        "/v1/commissions/entries": [lambda: make.posting(_order(guide), guide=guide, amount_fen=700)],
        "/v1/performance/me": [lambda: make.forward(guide=guide, of=chain["content"])],
    }


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/products", "/v1/content", "/v1/tasks", "/v1/customers", "/v1/follow-ups"),
        *("/v1/commissions/entries", "/v1/performance/me"),
    ],
)
def test_each_change_makes_another_tag(chain: dict[str, Any], guide: Staff, as_guide: Client, path: str) -> None:
    for change in _changes(chain, guide)[path]:
        first = as_guide.get(path)
        change()
        db.session.commit()
        again = as_guide.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 200
        assert again.headers["ETag"] != first.headers["ETag"]


def test_what_colleagues_do_leaves_a_guides_tasks_as_they_are(
    chain: dict[str, Any], guide: Staff, as_guide: Client
) -> None:
    first = as_guide.get("/v1/tasks")
    colleague = make.guide(store_id=guide.store_id)
    first = as_guide.get("/v1/tasks")
    while colleague.id.bytes[-1] == guide.id.bytes[-1]:
        colleague = make.guide(store_id=guide.store_id)
        first = as_guide.get("/v1/tasks")
    make.forward(guide=colleague, of=chain["content"])
    assert as_guide.get("/v1/tasks", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_what_changes_by_the_time_alone_is_noticed(
    chain: dict[str, Any], as_guide: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    db.session.execute(text("UPDATE content SET valid_until = :then"), {"then": now + timedelta(seconds=30)})
    db.session.commit()
    first = as_guide.get("/v1/content")
    assert len(first.json["items"]) == 1
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=31))
    again = as_guide.get("/v1/content", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.json["items"]) == (200, [])


def test_a_deadline_that_passes_is_noticed(guide: Staff, as_guide: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make.task_plan(by=guide)
    now = clock.now()
    db.session.execute(text("UPDATE assignment SET due_at = :then"), {"then": now + timedelta(seconds=30)})
    db.session.commit()
    first = as_guide.get("/v1/tasks")
    assert [task["overdue"] for task in first.json["items"]] == [False]
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=31))
    again = as_guide.get("/v1/tasks", headers={"If-None-Match": first.headers["ETag"]})
    assert [task["overdue"] for task in again.json["items"]] == [True]


def test_another_persons_tag_is_of_no_use(chain: dict[str, Any], as_guide: Client, as_manager: Client) -> None:
    theirs = as_manager.get("/v1/products").headers["ETag"]
    assert as_guide.get("/v1/products", headers={"If-None-Match": theirs}).status_code == 200
    other_page = as_guide.get("/v1/products?limit=7").headers["ETag"]
    assert as_guide.get("/v1/products", headers={"If-None-Match": other_page}).status_code == 200


def test_a_change_that_commits_after_a_later_one_is_noticed_too(app: GuideApp) -> None:
    product = make.product()
    begun, may_commit = Event(), Event()

    def slow() -> None:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("UPDATE product SET title = 'slow' WHERE id = :id"), {"id": product.id})
            begun.set()
            may_commit.wait(60)

    thread = started(slow)
    begun.wait(60)
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO brand (name) VALUES ('quick')"))
    between = _transactions()
    may_commit.set()
    thread.join()
    assert _transactions() != between
    # Whoever comes next clears both away.
    make.off_shelf(product)
    db.session.commit()
    assert len(_transactions().split()) == 1


def test_what_changes_no_row_or_is_rolled_back_is_no_change(app: GuideApp) -> None:
    product = make.product()
    before = _transactions()
    with db.engine.connect() as connection:
        connection.execute(text("UPDATE product SET title = 'x' WHERE id = uuid7()"))
        connection.commit()
        connection.execute(text("UPDATE product SET title = 'x' WHERE id = :id"), {"id": product.id})
        connection.rollback()
    assert _transactions() == before


def _transactions() -> str:
    with db.engine.connect() as connection:
        found = connection.execute(CHANGES, {"topics": ["catalog"], "buckets": None}).one().transactions
    return str(found)


def test_a_database_that_was_set_back_has_other_tags(tmp_path: Path) -> None:
    """Its transactions get numbers that they had before; whoever sets it back stops it, or makes another."""
    table = text("CREATE TABLE IF NOT EXISTS list_change (topic text, bucket int, transaction_id bigint)")
    found = []
    for name in ("one", "one", "other"):
        with EmbeddedPostgres.start(tmp_path / "postgres") as server:
            server.create_database(name)
            engine = create_engine(with_driver(server.url(name)))
            with engine.begin() as connection:
                connection.execute(table)
                found.append(connection.execute(CHANGES, {"topics": ["catalog"], "buckets": None}).one())
            engine.dispose()
    first, again, other = found
    assert first.database == again.database != other.database
    assert first.started < again.started < other.started
