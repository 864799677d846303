"""One item that cannot be worked on never stops its neighbours: a poisoned one of each kind, for each queue.

Each test puts a poisoned item and a healthy one into the same batch, lets the real job or request work on them, and
sees the healthy one through: once, and not again and again. docs/operations.md names this file as a command.
"""

import csv
import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from urllib.parse import quote

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select, text

from guideapi.app import GuideApp, create_app
from guideapi.config import Config
from kit import audit, clock, jobs, outbound
from kit.db import close_connections, db, unit_of_work
from models import Binding, LedgerEntry, OrderPosting, Staff, Store
from tests import make
from tests.client import Client
from tests.simulators.receiver import Receiver, receiver

KINDS = ["product.shelf_changed", "task.changed", "statement.approved"]
WORDS = "钩子 一/订单?店=上海"


@pytest.fixture
def inside(app: GuideApp, config: Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[GuideApp]:
    """The application in a network of its own: 127.0.0.0/8 may be reached, in this test also for pictures."""
    monkeypatch.setattr(outbound, "request", partial(outbound.request, own_networks=True))
    other = create_app(replace(config, outbound_networks=("127.0.0.0/8",)))
    with other.app_context():
        yield other
        db.session.remove()
        close_connections()


@pytest.fixture
def as_admin(inside: GuideApp) -> Client:
    return Client(inside).sign_in(make.staff(roles=["hq_admin"]))


@pytest.fixture
def healthy(inside: GuideApp) -> Iterator[Receiver]:
    with receiver() as told:
        yield told


@pytest.fixture
def other(inside: GuideApp) -> Iterator[Receiver]:
    with receiver() as told:
        yield told


def subscribe(as_admin: Client, url: str) -> dict:
    answer = as_admin.post("/v1/webhooks/subscriptions", json={"name": "x", "url": url, "kinds": KINDS})
    assert answer.status_code == 201, answer.text
    return answer.json


def approve_statement() -> None:
    with unit_of_work():
        audit.note(table_name="statement", row_id="s-1", action="changed", state="approved")


def tell() -> None:
    for _ in range(3):
        jobs.perform("integrations.jobs:derive_deliveries", {})
        jobs.perform("integrations.jobs:deliver_due", {})


def deliveries(subscription: dict) -> list[tuple[str, int, dict[str, str] | None]]:
    db.session.rollback()
    found = text("SELECT state, attempts, last_problem FROM webhook_delivery WHERE subscription_id = :id ORDER BY id")
    return [tuple(row) for row in db.session.execute(found, {"id": subscription["id"]})]


def change(statement: str, **values: object) -> None:
    with unit_of_work():
        db.session.execute(text(statement), values)


# Webhooks


def test_a_webhook_url_in_chinese_is_told_like_any_other(as_admin: Client, healthy: Receiver, other: Receiver) -> None:
    base = other.url.removesuffix("/hooks")
    subscribe(as_admin, f"{base}/{WORDS}&again=%E9%92%A9")
    subscribe(as_admin, healthy.url)
    approve_statement()
    tell()
    assert other.asked == [f"/{quote(WORDS, safe='/?=')}&again=%E9%92%A9"]
    assert [json.loads(body)["type"] for _, body in healthy.received] == ["statement.approved"]


@pytest.mark.parametrize("url", ["https://\N{PILE OF POO}.example/", "https://a b.example/"])
def test_what_cannot_be_made_a_url_is_refused_at_once(as_admin: Client, url: str) -> None:
    refused = as_admin.post("/v1/webhooks/subscriptions", json={"name": "x", "url": url, "kinds": KINDS})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["url"])


UNSEALABLE = {"word": "delivery.cannot_be_sent", "why": "Unsealable"}


@pytest.mark.parametrize(
    ("poison", "problem"),
    [
        (
            "UPDATE webhook_subscription SET url = 'https://\N{PILE OF POO}.example/' WHERE id = :id",
            {"word": "unreachable.url"},
        ),
        ("UPDATE webhook_subscription SET secrets = '\\x0000' WHERE id = :id", UNSEALABLE),
    ],
    ids=["url", "secrets"],
)
def test_a_receiver_that_cannot_be_sent_to_fails_by_itself(
    as_admin: Client, healthy: Receiver, other: Receiver, poison: str, problem: dict[str, str]
) -> None:
    poisoned, well = subscribe(as_admin, other.url), subscribe(as_admin, healthy.url)
    change(poison, id=poisoned["id"])
    approve_statement()
    tell()
    [(state, attempts, said)] = deliveries(poisoned)
    assert (state, attempts) == ("pending", 1)
    assert said == problem
    assert deliveries(well) == [("delivered", 1, None)]
    assert len(healthy.received) == 1
    for days in range(1, 12):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            tell()
    assert [state for state, *_ in deliveries(poisoned)] == ["dead"]
    assert len(healthy.received) == 1


def test_a_payload_that_no_json_library_writes_arrives_as_it_is(as_admin: Client, healthy: Receiver) -> None:
    subscribe(as_admin, healthy.url)
    with unit_of_work():
        audit.note(table_name="statement", row_id="s-1", action="changed", state="approved")
        db.session.execute(
            text("SELECT audit_note('statement', 's-2', 'changed', CAST(:after AS jsonb))"),
            {"after": '{"state": "approved", "number": 1' + "0" * 40 + "}"},
        )
    tell()
    told = sorted(json.loads(body)["data"]["changed"].get("number", 0) for _, body in healthy.received)
    assert told == [0, 10**40]


# Pictures


def png(width: int = 300, height: int = 200) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


def pictures() -> dict[int, dict[str, str] | None]:
    """Problems by position; None is a picture that is there."""
    db.session.rollback()
    found = """SELECT l.position, CASE WHEN i.storage_key IS NULL THEN l.problem END AS problem
    FROM image_link l LEFT JOIN product_image i USING (product_id, position)"""
    return {row.position: row.problem for row in db.session.execute(text(found))}


def fetch() -> None:
    jobs.perform("catalog.jobs:fetch_images", {})


def test_pictures_with_chinese_names_are_fetched(inside: GuideApp, healthy: Receiver) -> None:
    base = healthy.url.removesuffix("/hooks")
    healthy.pages = {f"/{quote('面霜 图.png')}": png(), "/a.png": png()}
    make.sync(make.source(), make.product_item(image_urls=[f"{base}/面霜 图.png", f"{base}/a.png"]))
    fetch()
    assert pictures() == {0: None, 1: None}


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("https://\N{PILE OF POO}.example/a.png", b""),
        ("https://[::1/a.png", b""),
        ("{base}/bad.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64),
        ("{base}/bad.png", png()[:100]),
        ("{base}/bad.png", png(30_000, 1)),
    ],
    ids=["no name", "no address", "no picture", "cut short", "a line"],
)
def test_a_picture_that_cannot_be_had_fails_by_itself(
    inside: GuideApp, healthy: Receiver, url: str, file: bytes
) -> None:
    base = healthy.url.removesuffix("/hooks")
    healthy.pages = {"/bad.png": file, "/a.png": png()}
    make.sync(make.source(), make.product_item(image_urls=[url.format(base=base), f"{base}/a.png"]))
    for _ in range(3):
        fetch()
    found = pictures()
    assert (found[0] is not None, found[1]) == (True, None), found
    assert healthy.asked.count("/a.png") == 1


def test_a_picture_that_ends_its_process_is_taken_alone_and_at_last_given_up(
    inside: GuideApp, healthy: Receiver
) -> None:
    base = healthy.url.removesuffix("/hooks")
    healthy.pages = {"/killer.png": png(), "/a.png": png()}
    make.sync(make.source(), make.product_item(image_urls=[f"{base}/killer.png", f"{base}/a.png"]))
    # What processes leave that die over a picture, as often as there are attempts: its claim, and no problem.
    change("UPDATE image_link SET attempts = 5 WHERE position = 0")
    fetch()
    assert pictures() == {0: {"word": "picture.process_ended"}, 1: None}
    assert healthy.asked == ["/a.png"]


def test_an_operator_sees_what_was_given_up_and_has_it_tried_again(
    inside: GuideApp, as_admin: Client, healthy: Receiver
) -> None:
    base, source = healthy.url.removesuffix("/hooks"), make.source()
    healthy.pages = {"/a.png": png()}
    make.sync(source, make.product_item(external_id="P", image_urls=[f"{base}/gone.png", f"{base}/a.png"]))
    at = clock.now()
    for days in range(6):
        with time_machine.travel(at + timedelta(days=2 * days)):
            fetch()
    path = f"/v1/sources/{source.code}/failed-pictures"
    [failed] = as_admin.get(path, query_string={"given_up": True}).json["items"]
    assert (failed["external_id"], failed["position"], failed["url"]) == ("P", 0, f"{base}/gone.png")
    assert (failed["attempts"], failed["problem"], failed["due_at"]) == (5, "It answered 404.", None)
    assert as_admin.get(path, query_string={"given_up": False}).json["items"] == []
    healthy.pages["/gone.png"] = png()
    assert as_admin.post(f"{path}/retries").json == {"retried": 1}
    fetch()
    assert pictures() == {0: None, 1: None}
    assert as_admin.get(path).json["items"] == []


# Money, customers, figures: the database itself refuses one row, as a guard or a constraint would.


def refuse(table: str, condition: str) -> None:
    """Have the database refuse to insert or change the rows of `table` for which `condition` holds."""
    function = f"""CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF {condition} THEN RAISE EXCEPTION 'poisoned' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"""
    trigger = f"CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION poison()"
    change(function)
    change(trigger)


@pytest.fixture
def cured(app: GuideApp) -> Iterator[None]:
    yield
    db.session.rollback()
    change("DROP FUNCTION poison CASCADE")


@pytest.mark.parametrize("job", ["post_changed_orders", "post_day"])
def test_an_order_that_cannot_be_posted_stays_owed_alone(guide: Staff, cured: None, job: str) -> None:
    make.plan_version()
    store = db.session.get_one(Store, guide.store_id)
    orders = [make.order(store=store, served_by=guide) for _ in range(7)]
    poisoned = orders[3]
    refuse("ledger_transaction", f"NEW.cause_id = '{poisoned.id}'")
    arguments = {"day": poisoned.business_day.isoformat()} if job == "post_day" else {}
    jobs.perform(f"commissions.jobs:{job}", arguments)
    db.session.rollback()
    posted = select(OrderPosting.order_id).where(OrderPosting.revision > 0)
    assert set(db.session.scalars(posted)) == {o.id for o in orders} - {poisoned.id}
    assert len(db.session.scalars(select(LedgerEntry.id)).all()) == 6


def test_a_transfer_that_cannot_be_done_waits_alone(guide: Staff, cured: None) -> None:
    colleague = make.guide(store_id=guide.store_id)
    customers = [make.bound_customer(guide) for _ in range(3)]
    for customer in customers:
        change(
            """INSERT INTO binding_transfer
            (id, customer_id, from_guide_id, to_guide_id, reason, requested_by, requested_at, effective_at)
            VALUES (gen_random_uuid(), :customer, :guide, :colleague, 'x', :guide, :at, :at)""",
            customer=customer.id, guide=guide.id, colleague=colleague.id, at=clock.now() - timedelta(hours=1),
        )  # fmt: skip
    refuse("binding", f"NEW.customer_id = '{customers[1].id}'")
    jobs.perform("customers.jobs:complete_transfers", {})
    db.session.rollback()
    live = select(Binding.customer_id).where(Binding.guide_id == colleague.id, Binding.ended_at.is_(None))
    assert set(db.session.scalars(live)) == {customers[0].id, customers[2].id}


def test_a_secret_whose_key_is_lost_does_not_keep_the_others_from_being_sealed_anew(
    app: GuideApp, config: Config
) -> None:
    lost, kept = make.customer(name="甲"), make.customer(name="乙")
    change("UPDATE customer SET sealed_profile = '\\x002a00' WHERE id = :id", id=lost)
    newer = create_app(replace(config, data_keys={1: b"k" * 32}))
    with newer.app_context():
        jobs.perform("customers.jobs:reseal", {"what": "profiles"})
        close_connections()
    db.session.rollback()
    keys = dict(db.session.execute(text("SELECT id, substring(sealed_profile, 1, 2) FROM customer")).all())
    assert (bytes(keys[lost]), bytes(keys[kept])) == (b"\x00\x2a", b"\x00\x01")


# Imports

CELLS = ("\x00", "\x07", "9" * 400, "-1e400", "0000-00-00", "=1+1", "\N{PILE OF POO}" * 300, "NaN", '"', "1" * 5000)


def poisoned_rows(row: dict[str, str], healthy: dict[str, str]) -> bytes:
    """A CSV file: every cell that may hurt in every column, the key apart in a row of its own, and a healthy row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    key = next(iter(row))
    places = itertools.product(row, CELLS)
    writer.writerows({**row, key: f"P{n}", column: cell} for n, (column, cell) in enumerate(places))
    writer.writerow(healthy)
    return out.getvalue().encode()


def test_rows_of_customers_that_cannot_be_taken_do_not_keep_the_others_out(as_admin: Client) -> None:
    row = dict.fromkeys(("member_no", "phone", "name", "birthday", "gender", "city", "store_code", "tags"), "")
    file = poisoned_rows(row, {**row, "member_no": "M2", "phone": "13900139000"})
    answer = as_admin.post("/v1/imports/customers", data=file)
    assert answer.status_code == 200, answer.text
    assert answer.json["rejected"] > 0
    found = as_admin.post("/v1/customers/lookups", json={"kind": "phone", "value": "13900139000"})
    assert len(found.json["items"]) == 1


def test_rows_of_staff_that_cannot_be_taken_do_not_keep_the_others_out(as_admin: Client) -> None:
    dates = {"hired_on": "2026-01-05", "left_on": ""}
    place = {"store_code": make.store().code, "region_code": ""}
    row = {"staff_no": "", "name": "甲", "roles": "guide", **place, **dates}
    answer = as_admin.post("/v1/imports/staff", data=poisoned_rows(row, {**row, "staff_no": "N2"}))
    assert answer.status_code == 200, answer.text
    assert answer.json["rejected"] > 0
    db.session.rollback()
    assert "N2" in db.session.scalars(select(Staff.staff_no)).all()


PRODUCTS = (
    {"version": 2**70},
    {"title": "\x00"},
    {"title": "x" * 10_000},
    {"skus": [{"code": "K", "price": 10**30}]},
    {"image_urls": ["https://\N{PILE OF POO}.example/"] * 3},
    {"category": ["\N{ZERO WIDTH SPACE}"]},
)


def product(external_id: str, **fields: object) -> dict:
    known = {"title": "霜", "brand": "B", "category": "C", "shelf_status": "on_shelf", "version": 1}
    skus = [{"code": f"{external_id}-1", "price": 100}]
    return {"external_id": external_id, "skus": skus, **known, **fields}


def test_products_that_cannot_be_taken_do_not_keep_a_batch_or_a_file_out(inside: GuideApp) -> None:
    catalog = Client(inside).sign_in(make.staff(roles=["hq_catalog"]))
    source = make.source(file_format="native")
    path = f"/v1/sources/{source.code}"
    pushed = [*(product(f"A{n}", **poison) for n, poison in enumerate(PRODUCTS)), product("B")]
    answer = catalog.post(f"{path}/products", data=json.dumps({"items": pushed}), content_type="application/json")
    assert answer.status_code == 200, answer.text
    assert answer.json["items"][-1]["outcome"] == "created"
    filed = [*(product(f"C{n}", **poison) for n, poison in enumerate(PRODUCTS)), product("D")]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in filed)
    run = catalog.post(f"{path}/imports", query_string={"mode": "upsert"}, data=lines.encode()).json
    jobs.perform("catalog.jobs:run_import", {"run_id": run["id"]})
    done = catalog.get(f"/v1/sync-runs/{run['id']}").json
    assert (done["state"], done["created"] + done["rejected"]) == ("done", len(filed)), done
    db.session.rollback()
    assert {"B", "D"} <= set(db.session.scalars(text("SELECT external_id FROM product")))
