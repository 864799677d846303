"""Errors and addresses end in logs; what they quote of people, and the keys in them, does not.

`tests/test_personal_data.py` searches what ordinary work leaves; here the database is made to refuse writes of every
room, and every address that we call holds a key.
"""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from pathlib import Path

import pytest
from rq.job import Job
from sqlalchemy import text

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import clock, jobs, outbound
from kit.db import close_connections, db, fetch_all, unit_of_work
from kit.ids import new_id
from models import Staff, Store
from staff.senders import CodeNotSent, HttpSender
from staff.wecom import WeComProvider
from tests import make
from tests.client import Client
from tests.conftest import process_environment
from tests.simulators.receiver import receiver

ROOT = Path(__file__).parent.parent
NAME = "欧阳冰心"
KEY = "k3y-of-the-gateway"
FORMS = (NAME, NAME.encode("unicode_escape").decode(), "Failing row", "DETAIL")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that an application says that is made meanwhile, at every level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    with redirect_stderr(io.StringIO()) as told:
        yield told
    root.handlers, root.level = before, level


@pytest.fixture
def talkative(app: GuideApp, config: Config, log: io.StringIO) -> Iterator[GuideApp]:
    other = create_app(replace(config, log_level="DEBUG", outbound_networks=("127.0.0.0/8",)))
    with other.app_context():
        yield other
        db.session.remove()
        close_connections()


@contextmanager
def refusing(table: str) -> Iterator[None]:
    """A table that takes nothing; PostgreSQL quotes the whole row then."""
    with unit_of_work():
        db.session.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT poisoned CHECK (false) NOT VALID"))
    try:
        yield
    finally:
        db.session.rollback()
        with unit_of_work():
            db.session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT poisoned"))


def requests(guide: Staff) -> list[tuple[str, str, str, dict]]:
    """By room: the table that refuses, who writes, where, and what."""
    item = make.order_item(store=db.session.get_one(Store, guide.store_id), served_by=guide) | {"external_id": NAME}
    source = make.order_source().code
    skus = [{"code": "K", "price": 100}]
    known = {"external_id": "P", "version": 1, "brand": "B", "category": "C", "shelf_status": "on_shelf"}
    product = {**known, "title": NAME, "skus": skus}
    hook = {"name": NAME, "url": "https://example.com/", "kinds": ["task.changed"]}
    product_ids = [str(make.product().id)]
    texts = {"kind": "article", "category": "新品", "title": NAME, "body": NAME, "texts": {"default": NAME}}
    draft = {"id": str(new_id()), **texts, "product_ids": product_ids, "valid_from": "2026-01-01T00:00:00Z"}
    task = {"id": str(new_id()), "kind": "custom", "title": NAME, "instructions": NAME}
    return [
        ("region", "hq_admin", "/v1/regions", {"code": "R9", "name": NAME}),
        ("product", "hq_catalog", f"/v1/sources/{source}/products", {"items": [product]}),
        (
            "customer",
            "guide",
            "/v1/customers",
            {
                "id": str(new_id()),
                "name": NAME,
                "city": NAME,
                "identities": [{"kind": "phone", "value": "13900000199"}],
            },
        ),
        ("content", "hq_content", "/v1/content", draft),
        ("content_version", "hq_content", "/v1/content", draft),
        ("sales_order", "integrator", f"/v1/sources/{source}/orders", {"items": [item]}),
        ("segment", "guide", "/v1/segments", {"name": NAME, "filter": {}}),
        ("commission_plan", "hq_commission", "/v1/commission-plans", {"code": "x", "name": NAME}),
        ("task_plan", "store_manager", "/v1/task-plans", task),
        ("webhook_subscription", "hq_admin", "/v1/webhooks/subscriptions", hook),
    ]


def test_errors_of_the_database_on_write_paths_of_every_room_name_no_values(
    talkative: GuideApp, log: io.StringIO, guide: Staff
) -> None:
    people = {"guide": guide, "integrator": None}
    asked = requests(guide)
    for table, role, path, body in asked:
        client = Client(talkative)
        if role == "integrator":
            client = client.with_token(make.api_key(scopes=["orders:write"]))
        else:
            person = people.get(role) or make.staff(roles=[role], store_id=guide.store_id)
            client = client.sign_in(person)
        with refusing(table):
            answer = client.post(path, json=body, headers={"Idempotency-Key": str(new_id())})
        assert answer.status_code == 500, (table, answer.text)
        assert f'violates check constraint \\"poisoned\\" {table} poisoned' in log.getvalue(), table
    assert {form for form in FORMS if form in log.getvalue()} == set()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT CAST(:value AS integer)",
        "SELECT CAST(:value AS uuid)",
        "SELECT CAST(:value AS date)",
        "INSERT INTO brand (id, name) VALUES (gen_random_uuid(), :value), (gen_random_uuid(), :value) RETURNING id",
        "INSERT INTO region (id, code, name, ancestor_ids) VALUES (gen_random_uuid(), repeat(:value, 99), 'x', '{}')",
    ],
)
@pytest.mark.parametrize("by_text", [True, False], ids=["by text", "by SQLAlchemy"])
def test_no_kind_of_error_says_what_was_sent(app: GuideApp, statement: str, by_text: bool) -> None:
    ask = fetch_all if by_text else db.session.execute
    with pytest.raises(Exception, match=r"psycopg\.errors") as caught, unit_of_work():
        ask(text(statement), {"value": NAME})
    told = "".join(_told(caught.value))
    assert NAME not in told
    assert "DETAIL" not in told


def _told(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{error} {error!r}\n"
        error = error.__cause__ or error.__context__


def test_what_waited_for_a_lock_too_long_says_only_that(talkative: GuideApp, log: io.StringIO, guide: Staff) -> None:
    admin = Client(talkative).sign_in(make.staff(roles=["hq_admin"]))
    with db.engines[None].begin() as other:
        other.execute(text("LOCK TABLE region IN ACCESS EXCLUSIVE MODE"))
        answer = admin.post("/v1/regions", json={"code": "R9", "name": NAME})
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert "55P03" in log.getvalue()
    assert NAME not in log.getvalue()


def test_a_worker_says_no_values_and_leaves_none_in_redis(app: GuideApp, config: Config, guide: Staff) -> None:
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide)
    with unit_of_work():
        jobs.enqueue("performance.jobs:close_day", day=clock.now().date().isoformat())
    command = [sys.executable, "-m", "guideapi", "worker", "--burst"]
    environment = {**process_environment(config), "LOG_LEVEL": "DEBUG"}
    with refusing("closed_day"):
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120, capture_output=True)
    told = (done.stdout + done.stderr).decode()
    redis = jobs.connection()
    kept = [Job.fetch(key.decode().removeprefix("rq:job:"), connection=redis) for key in redis.keys("rq:job:*")]
    told += "".join(str(result.exc_string) for job in kept for result in job.results())
    assert "poisoned" in told
    assert {form for form in FORMS if form in told} == set()


# Addresses with keys in them


def test_no_address_with_a_key_reaches_a_log(talkative: GuideApp, log: io.StringIO) -> None:
    with receiver() as gateway:
        gateway.statuses, base = [500], gateway.url.removesuffix("/hooks")
        with pytest.raises(CodeNotSent) as refused:
            HttpSender(f"{base}/send?key={KEY}").send(staff_no="1", name=NAME, code="123456")
        logging.getLogger("kit.db").error("after-commit callback failed", exc_info=refused.value)
        gateway.statuses, gateway.headers = [302], {"Location": f"{base}/other?key={KEY}"}
        outbound.request("POST", f"{base}/hooks?key={KEY}", own_networks=True)
        talkative.extensions["oidc"] = WeComProvider(
            corp_id="ww1", agent_id="1", secret=KEY, redirect_uri="https://guide.example/x", api=base
        )
        client = Client(talkative)
        started = client.get("/v1/auth/oidc/start")
        cookie = started.headers["Set-Cookie"].split(";")[0]
        state = started.headers["Location"].rpartition("state=")[2]
        path = "/v1/auth/oidc/callback"
        answer = client.get(path, query_string={"code": KEY, "state": state}, headers={"Cookie": cookie})
    assert answer.json["code"] == "oidc_unavailable"
    assert any(KEY in path for path in gateway.asked), "nothing was called"
    assert "after-commit callback failed" in log.getvalue(), "the log was not captured"
    assert KEY not in log.getvalue()
