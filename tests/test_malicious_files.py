"""Tiny files that ask for endless work: each is refused at once, by every route and job that takes such a file."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from catalog.service import watching
from kit import jobs, sheets
from kit.memory import Budget
from kit.workbook_parts import IN_REQUEST
from models import Source
from tests import make
from tests.catalog.sending import lines, work
from tests.client import Client
from tests.malicious_files import DEEP_BATCHES, WORKBOOKS, row, rows, workbook

STAFF = "staff_no,name,roles,store_code,region_code,hired_on,left_on"
CUSTOMERS = "member_no,name"
PRODUCTS = "external_id,title,price"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


@pytest.fixture
def source(app: object) -> Source:
    return make.source()


def imported(client: Client, source: Source, content: bytes) -> dict[str, Any]:
    answer = client.post(f"/v1/sources/{source.code}/imports", data=content)
    assert answer.status_code == 202, answer.text
    work()
    run: dict[str, Any] = client.get(f"/v1/sync-runs/{answer.json['id']}").json
    return run


@pytest.mark.parametrize("wrong", WORKBOOKS)
def test_a_workbook_that_asks_for_endless_work_is_refused(as_admin: Client, wrong: str) -> None:
    source = make.source(file_format="table")
    answer = as_admin.post("/v1/imports/staff", data=WORKBOOKS[wrong](STAFF), content_type="text/csv")
    assert (answer.status_code, answer.json["code"]) in {(422, "sheet_unreadable"), (413, "sheet_too_large")}
    answer = as_admin.post("/v1/imports/customers", data=WORKBOOKS[wrong](CUSTOMERS), content_type="text/csv")
    assert answer.json["code"] in ("sheet_unreadable", "sheet_too_large")
    run = imported(as_admin, source, WORKBOOKS[wrong](PRODUCTS))
    # What a job may take its time with may be empty in the end.
    assert (run["state"], run["problem_code"] in ("not_xlsx", "file_too_large", "nothing_usable")) == ("failed", True)


def test_a_workbook_of_more_cells_than_a_request_waits_for_is_refused(
    as_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "IN_REQUEST", replace(IN_REQUEST, elements=20))
    content = workbook(rows(CUSTOMERS, row(2, "M1", "a"), row(3, "M2", "b")))
    answer = as_admin.post("/v1/imports/customers", data=content, content_type="text/csv")
    assert (answer.status_code, answer.json["code"]) == (413, "sheet_too_large")


def test_large_workbooks_are_read_in_turn(as_admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a process reads as much as it does at once, another is told to come again, and takes no thread."""
    busy = Budget(1_000, patience_seconds=0)
    monkeypatch.setattr(sheets, "IN_REQUEST", replace(IN_REQUEST, at_once=busy))
    content = workbook(rows(CUSTOMERS, row(2, "M1", "a")))
    with busy.taking(500):
        answer = as_admin.post("/v1/imports/customers", data=content, content_type="text/csv")
    assert (answer.status_code, answer.json["code"]) == (503, "files_busy")
    assert "Retry-After" in answer.headers
    assert as_admin.post("/v1/imports/customers", data=content, content_type="text/csv").json["created"] == 1


@pytest.mark.parametrize("where", DEEP_BATCHES)
def test_a_batch_nested_without_end_is_refused(integrator: Client, source: Source, where: str) -> None:
    for path in (f"/v1/sources/{source.code}/products", f"/v1/sources/{source.code}/orders"):
        answer = integrator.post(path, data=DEEP_BATCHES[where], content_type="application/json")
        assert 400 <= answer.status_code < 500 or answer.json["items"][0]["outcome"] == "rejected", answer.text[:300]


@pytest.mark.parametrize("where", DEEP_BATCHES)
def test_a_file_nested_without_end_ends_its_run(as_admin: Client, source: Source, where: str) -> None:
    run = imported(as_admin, source, DEEP_BATCHES[where])
    assert run["state"] == "failed"
    run = imported(as_admin, source, DEEP_BATCHES[where].replace(b"\n", b"") + b"\n" + lines(1))
    assert run["state"] in ("done", "failed")


FEED = b"<rss><channel>%s</channel></rss>"
FEEDS = {
    "an item without an end": FEED % (b"<item>" + b"<g>x</g>" * 400_000),
    "an item of one text": FEED % (b"<item><title>" + b"x" * 5_000_000 + b"</title></item>"),
    "a comment of 20 MB": FEED % (b"<!--" + b"x" * 20_000_000 + b"-->"),
    "500000 deep": FEED % (b"<a>" * 500_000),
    "100000 names": FEED % b"".join(b"<a%d/>" % n for n in range(100_000)),
    "entities": b'<!DOCTYPE r [<!ENTITY a "aaaa">]>' + FEED % b"&a;",
    "entities in UTF-16": '<!DOCTYPE r [<!ENTITY a "aaaa">]><rss>&a;</rss>'.encode("utf-16"),
    "entities after 2 MB": b"<!-- x -->" * 200_000 + b'<!DOCTYPE r [<!ENTITY a "aaaa">]>' + FEED % b"&a;",
}
LINES = {
    "a line of 40 MB": b'{"external_id":"' + b"x" * 40_000_000 + b'"}\n',
    "an element of 40 MB": b'[{"external_id":"' + b"x" * 40_000_000 + b'"}]',
}
TABLES = {
    "a line of 20 MB": PRODUCTS.encode() + b"\n" + b"a," * 10_000_000,
    "a cell without an end": PRODUCTS.encode() + b'\n"' + b"x\n" * 300_000,
    "a header of 20 MB": b"a," * 10_000_000,
}


@pytest.mark.parametrize(
    ("file_format", "content"),
    [
        *(pytest.param("google", content, id=name) for name, content in FEEDS.items()),
        *(pytest.param("native", content, id=name) for name, content in LINES.items()),
        *(pytest.param("table", content, id=name) for name, content in TABLES.items()),
    ],
)
def test_a_text_that_asks_for_endless_memory_ends_its_run(as_admin: Client, file_format: str, content: bytes) -> None:
    run = imported(as_admin, make.source(file_format=file_format), content)
    assert run["state"] == "failed", run
    assert run["problem_code"] in (
        *("file_cut", "not_a_feed", "item_too_large", "not_json", "file_too_large", "too_many_rejects"),
        *("nothing_usable", "columns_missing"),
    )


@pytest.mark.parametrize("content", [*TABLES.values()])
def test_a_table_that_asks_for_endless_memory_is_refused(as_admin: Client, content: bytes) -> None:
    answer = as_admin.post("/v1/imports/staff", data=content, content_type="text/csv")
    assert answer.status_code in (413, 422)


GREAT = {
    "native": lines(50_000),
    "table": PRODUCTS.encode() + b"\n" + b"".join(b"P%d,x,1\n" % n for n in range(100_000)),
    "google": FEED % (b"<item><id>a</id><title>t</title><price>1 CNY</price></item>" * 200_000),
    "workbook": workbook(rows(PRODUCTS) + "".join(f'<a n="{n * 7919 % 100_003}"/>' for n in range(200_000))),
    "shopify": b"Handle,Title,Variant Price\n" + b"".join(b"h%d,x,1\n" % n for n in range(100_000)),
}


@pytest.mark.parametrize("kind", GREAT)
def test_a_cancelled_import_stops_reading(as_admin: Client, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled at the first look that its runner takes, it ends at the second, long before the file does."""
    source = make.source(file_format="table" if kind == "workbook" else kind)
    answer = as_admin.post(f"/v1/sources/{source.code}/imports", data=GREAT[kind])
    path = f"/v1/sync-runs/{answer.json['id']}"
    looks = []

    class Clock:
        @staticmethod
        def monotonic() -> float:
            looks.append(1)
            if len(looks) == 20:
                cancelling = threading.Thread(target=lambda: cancelled.append(as_admin.post(f"{path}/cancel")))
                cancelling.start()
                cancelling.join()
            return float(2 * len(looks))

    cancelled: list[Any] = []
    monkeypatch.setattr(watching, "time", Clock)
    jobs.perform("catalog.jobs:run_import", {"run_id": answer.json["id"]})
    assert [one.status_code for one in cancelled] == [200]
    assert len(looks) < 30
    run = as_admin.get(path).json
    assert (run["state"], run["applied"]) == ("cancelled", 0)
