"""The key that seals is changed while the house is open, and the old one can be thrown away."""

import os
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from rq import SimpleWorker
from sqlalchemy import select

from catalog.service import add_secret
from guideapi import keys
from guideapi.app import GuideApp
from guideapi.cli import main
from guideapi.config import Config
from kit import jobs
from kit.db import db, unit_of_work
from models import Consent, CustomerIdentity, Staff
from tests import make
from tests.client import Client, new


@pytest.fixture
def ring(app: GuideApp) -> Iterator[dict[int, bytes]]:
    """The keys; what a test adds is taken away again."""
    before = app.config["DATA_KEYS"]
    app.config["DATA_KEYS"] = {**before}
    yield app.config["DATA_KEYS"]
    app.config["DATA_KEYS"] = before


def sealed_by() -> dict[str, set[int]]:
    """The numbers of the keys that sealed what there is, by table."""
    found: dict[str, set[int]] = {}
    for table, key_no, _ in keys.count_sealed():
        found.setdefault(table, set()).add(key_no)
    return found


def known(as_guide: Client, guide: Staff) -> str:
    """A customer with something sealed in every table of theirs, among other sealed things."""
    customer = make.customer(guide=guide, phones=["13800138000"], identities=[("mall", "mall-7")])
    path = f"/v1/customers/{customer}"
    assert as_guide.post(f"{path}/identities", json={"kind": "phone", "value": "13900139000"}).status_code == 200
    consent = {"granted": {"sms": True}, "origin": "form", "evidence": "form 4711"}
    assert as_guide.post(f"{path}/consents", json=consent).status_code == 201
    source = make.source()
    with unit_of_work():
        add_secret(source=source, secret=None)
        db.session.add(source)
    return str(customer)


def look_up(caller: Client) -> list[str]:
    answer = caller.post("/v1/customers/lookups", json={"kind": "phone", "value": "13900139000"})
    return [one["id"] for one in answer.json["items"]]


def test_everything_is_sealed_anew_and_the_old_key_can_go(
    as_guide: Client, guide: Staff, ring: dict[int, bytes]
) -> None:
    customer = known(as_guide, guide)
    indexes = set(db.session.scalars(select(CustomerIdentity.blind_index)))
    ring[1] = os.urandom(32)
    assert look_up(as_guide) == [customer]
    keys.seal_anew()
    assert {table: found for table, found in sealed_by().items() if found != {1}} == {}
    assert {"customer", "customer_identity", "consent", "source"} <= sealed_by().keys()
    db.session.expire_all()
    assert indexes.isdisjoint(db.session.scalars(select(CustomerIdentity.blind_index)))
    evidence = db.session.scalars(select(Consent.evidence_index)).one()
    assert evidence is not None
    assert evidence.startswith(b"\x00\x01")
    db.session.commit()
    del ring[0]
    assert look_up(as_guide) == [customer]
    plain = as_guide.post(f"/v1/customers/{customer}/reveals", json={"reason": "call"}).json
    assert {one["value"] for one in plain["identities"]} == {"mall-7", "+8613900139000"}


def test_known_under_the_old_key_is_not_made_again(as_guide: Client, guide: Staff, ring: dict[int, bytes]) -> None:
    customer = known(as_guide, guide)
    ring[1] = os.urandom(32)
    again = {"identities": [{"kind": "mall", "value": "mall-7"}]}
    answer = as_guide.post("/v1/customers", json=new(again))
    assert (answer.json["code"], answer.json["customer_id"]) == ("customer_known", customer)


def test_a_job_seals_anew_page_by_page(
    app: GuideApp, guide: Staff, ring: dict[int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.resealing.PAGE", 2)
    for _ in range(5):
        make.customer(guide=guide)
    ring[1] = os.urandom(32)
    jobs.perform("customers.jobs:reseal_all", {})
    SimpleWorker(list(jobs.QUEUES), connection=jobs.connection()).work(burst=True, logging_level="ERROR")
    assert (sealed_by()["customer"], sealed_by()["customer_identity"]) == ({1}, {1})


def test_new_keys_are_numbered_after_those_there_are() -> None:
    first = CliRunner().invoke(main, ["new-data-key"], env={"DATA_KEYS": ""}).output.strip()
    second = CliRunner().invoke(main, ["new-data-key"], env={"DATA_KEYS": first}).output.strip()
    assert (first[:2], second[:2]) == ("1:", "2:")
    settings = {"DATABASE_URL": "postgresql:///x", "REDIS_URL": "redis:///", "SECRET_KEY": "s" * 32}
    ring = Config.from_env({**settings, "DATA_KEYS": f"{first} {second}"}).data_keys
    assert [len(key) for key in ring.values()] == [32] * 3
