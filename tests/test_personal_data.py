"""Nothing plain of a person is in the database, in Redis or in a log, whatever was done with them.

The whole database is copied out, as text and as raw bytes, and searched for what the test's people are called, live
at and are reached by; so are the logs of an API and of a worker that tell everything they can.
"""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text, update

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import clock, jobs
from kit.db import close_connections, db, unit_of_work
from kit.ids import new_id
from models import Customer, Staff, Store
from tests import make
from tests.client import Client, new
from tests.conftest import process_environment

ROOT = Path(__file__).parent.parent
PERSON = {
    "name": "欧阳冰心",
    "birthday": "1987-03-21",
    "address": "梧桐路 99 弄 3 号",
    "identities": [
        {"kind": "phone", "value": "139-1234-5678"},
        {"kind": "email", "value": "BingXin.Ouyang@example.com"},
        {"kind": "wecom", "value": "wmQx7TbinGxin01"},
        {"kind": "wechat_union", "value": "oUn77bingxinAbc"},
        {"kind": "mall", "value": "MALL-bingxin-7"},
    ],
}
SECRETS = (
    *("欧阳冰心", "1987-03-21", "梧桐路", "13912345678", "139-1234-5678", "13877776666"),
    *("bingxin.ouyang@", "BingXin.Ouyang@", "wmQx7TbinGxin01", "oUn77bingxinAbc", "MALL-bingxin-7"),
    *("王静姝", "她女儿叫小团子"),
)
# What goes over everybody.
JOBS = ("clienteling.jobs:rebuild_figures", "clienteling.jobs:forget_notes", "customers.jobs:reseal_all")
HELLO = {"texts": {"default": "{customer_name}，{guide_name}为您推荐"}}


def forms(secret: str) -> Iterator[bytes]:
    """How a text may stand in a copy: plain, in hexadecimal, escaped as JSON or Python would."""
    plain = secret.encode()
    yield plain
    yield plain.hex().encode()
    yield secret.encode("unicode_escape")


def found_in(copy: bytes) -> set[str]:
    return {secret for secret in SECRETS if any(form in copy for form in forms(secret))}


def database_copy() -> bytes:
    """Every row of every table, as text (bytes in hexadecimal) and as raw bytes."""
    tables = db.session.scalars(text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")).all()
    db.session.commit()
    with db.engine.connect() as connection:
        cursor: Any = connection.connection.cursor()
        return b"".join(_copied(cursor, table, form) for table in tables for form in ("text", "binary"))


def _copied(cursor: Any, table: str, form: str) -> bytes:
    with cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT {form})") as copy:
        return b"".join(bytes(part) for part in copy)


def redis_copy() -> bytes:
    """What waits for workers, and every other value that Redis holds."""
    redis = jobs.connection()
    parts = []
    for key in redis.scan_iter():
        read = {b"string": redis.get, b"hash": redis.hgetall, b"set": redis.smembers}.get(redis.type(key))
        values = read(key) if read else [redis.lrange(key, 0, -1) if redis.type(key) == b"list" else b""]
        parts.append(repr((key, values)).encode())
    queued = [job for name in jobs.QUEUES for job in jobs.Queue(name, connection=redis).jobs]
    return b"".join([*parts, *(repr((job.args, job.kwargs, job.description)).encode() for job in queued)])


@dataclass
class Talkative:
    """The application, and all that it tells."""

    app: GuideApp
    log: io.StringIO

    def told(self) -> bytes:
        return self.log.getvalue().encode()


@pytest.fixture
def talkative(config: Config, app: GuideApp) -> Iterator[Talkative]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    with redirect_stderr(io.StringIO()) as log:
        app_that_tells = create_app(replace(config, log_level="DEBUG"))
    yield Talkative(app_that_tells, log)
    with app_that_tells.app_context():
        close_connections()
    root.handlers, root.level = before, level


def worker_log(config: Config) -> bytes:
    """What a worker says while it does all that is queued."""
    command = [sys.executable, "-m", "guideapi", "worker", "--burst"]
    environment = {**process_environment(config), "LOG_LEVEL": "DEBUG"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120, capture_output=True)
    return done.stdout + done.stderr


def test_nothing_plain_is_kept_or_logged(talkative: Talkative, config: Config, guide: Staff) -> None:
    client = Client(talkative.app)
    as_guide, as_admin = client.sign_in(guide), client.sign_in(make.staff(roles=["hq_admin"]))
    customer = everything_with_a_customer(as_guide, guide)
    everything_with_two(as_guide, as_admin, guide, customer)
    refused_requests(as_guide)
    with unit_of_work():
        for job in JOBS:
            jobs.enqueue(job)
    waiting = redis_copy()
    log = worker_log(config)
    assert b"/v1/customers/lookups" in talkative.told(), "the log was not captured"
    assert b"job " in log, "the worker did nothing"
    copy = database_copy()
    assert customer.encode() in copy, "the copy is not the database"
    searched = {"database": copy, "redis": waiting, "worker": log, "api": talkative.told()}
    assert {place: found for place, copied in searched.items() if (found := found_in(copied))} == {}


def test_the_search_would_find_it(talkative: Talkative) -> None:
    store = make.store()
    with unit_of_work():
        db.session.execute(update(Store).where(Store.id == store.id).values(name="王静姝的店", tags=["13912345678"]))
        db.session.add(Customer(sealed_profile=orjson.dumps({"address": "梧桐路"})))
    assert found_in(database_copy()) == {"王静姝", "13912345678", "梧桐路"}
    jobs.connection().hset("session", mapping={"phone": "13877776666"})
    assert found_in(redis_copy()) == {"13877776666"}
    logging.getLogger("guideapi").error("called %s", "MALL-bingxin-7")
    assert found_in(talkative.told()) == {"MALL-bingxin-7"}


def everything_with_a_customer(as_guide: Client, guide: Staff) -> str:
    make.no_quiet_hours()
    made = as_guide.post("/v1/customers", json=new(PERSON), headers={"Idempotency-Key": "one"})
    assert made.status_code == 201, made.text
    customer = str(made.json["id"])
    path = f"/v1/customers/{customer}"
    consent = {"granted": {"wecom": True}, "origin": "form", "evidence": "欧阳冰心 13912345678"}
    done_for = {"id": str(new_id()), "customer_id": customer, "at": clock.now().isoformat()}
    follow_up = {**done_for, "channel": "call", "outcome": "reached", "note": "她女儿叫小团子"}
    target = {"kind": "customers", "customer_ids": [customer]}
    done = [
        as_guide.post("/v1/customers/lookups", json={"kind": "phone", "value": "139 1234 5678"}),
        as_guide.post(f"{path}/reveals", json={"reason": "call"}),
        as_guide.post(f"{path}/identities", json={"kind": "phone", "value": "+86 13877776666"}),
        as_guide.post(f"{path}/consents", json=consent),
        as_guide.post("/v1/follow-ups", json=follow_up),
        as_guide.post(
            f"/v1/content/{make.content(saying=HELLO).id}/forwards",
            json={"id": str(new_id()), "channel": "wecom_chat", "target": target},
            headers={"Idempotency-Key": "two"},
        ),
        as_guide.get("/v1/customers"),
        as_guide.get("/v1/forwards"),
    ]
    assert [answer.status_code for answer in done] == [200, 200, 200, 201, 201, 201, 200, 200]
    return customer


def everything_with_two(as_guide: Client, as_admin: Client, guide: Staff, customer: str) -> None:
    other = make.customer(guide=guide, phones=["13912345678"], name="王静姝", member_no="M-1")
    make.order(store=db.session.get_one(Store, guide.store_id), served_by=guide, member_no="M-1")
    tag = as_guide.get(f"/v1/customers/{customer}").headers["ETag"]
    done = [
        as_guide.patch(f"/v1/customers/{customer}", json={"name": "王静姝"}, headers={"If-Match": tag}),
        as_admin.get("/v1/customers/duplicates"),
        as_admin.post(f"/v1/customers/{customer}/merges", json={"other_id": str(other), "reason": "same_person"}),
        as_admin.post(f"/v1/customers/{customer}/exports", json={"reason": "asked_by_customer"}),
        as_admin.post(f"/v1/customers/{make.customer(name='王静姝')}/erasures", json={"reason": "asked_by_customer"}),
    ]
    assert [answer.status_code for answer in done] == [200] * 5


def refused_requests(as_guide: Client) -> None:
    """Errors are where personal data leaks."""
    known = {"name": "欧阳冰心", "identities": PERSON["identities"]}
    done = [
        as_guide.post("/v1/customers", json=new(known)),
        as_guide.post("/v1/customers", json=new({"name": "欧阳冰心" * 50})),
        as_guide.post("/v1/customers", json=new({"name": "欧阳冰心", "phone": "13912345678"})),
        as_guide.post("/v1/customers/lookups", json={"kind": "phone", "value": "139-1234-5678 or so"}),
        as_guide.post("/v1/customers/lookups", data="13912345678", content_type="text/plain"),
    ]
    assert [answer.status_code for answer in done] == [409, 422, 422, 422, 415]
    assert not any(found_in(answer.data) for answer in done)
