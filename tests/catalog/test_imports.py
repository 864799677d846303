"""Files: what goes in, what is held, and what is refused."""

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from catalog.service import judging
from guideapi.config import Config
from kit.db import db
from models import Source
from tests import make
from tests.catalog.read import catalog, rows_as_stored
from tests.catalog.sending import counts, lines, work
from tests.client import Client

FILES = Path(__file__).parent / "files"
CSV = "货号,名称,品牌,分类,状态,售价,条码\n"
MAPPING = {
    "columns": {
        "external_id": "货号",
        "title": "名称",
        "brand": "品牌",
        "category": "分类",
        "shelf_status": "状态",
        "price": "售价",
        "barcode": "条码",
    }
}


@pytest.fixture
def send(as_catalog: Client, source: Source) -> Callable[..., dict[str, Any]]:
    """Send a file and have it worked on; answers the run."""

    def send_file(content: bytes, **query: Any) -> dict[str, Any]:
        answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=content, query_string=query)
        assert (answer.status_code, answer.json["state"]) == (202, "queued"), answer.text
        work()
        return as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json

    return send_file


Send = Callable[..., dict[str, Any]]


def statuses() -> dict[str, str]:
    return {product["external_id"]: product["shelf_status"] for product in catalog()}


def test_a_file_goes_in_and_again_writes_nothing(send: Send) -> None:
    first = send(lines(30))
    assert (first["state"], counts(first), first["items"], first["applied"]) == ("done", {"created": 30}, 30, 30)
    before = {table: rows_as_stored(table) for table in ("product", "sku", "shelf_event")}
    assert counts(send(lines(30))) == {"unchanged": 30}
    assert {table: rows_as_stored(table) for table in before} == before
    assert counts(send(lines(31, title="改名"))) == {"created": 1, "updated": 30}


def test_blocks_follow_each_other(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "BLOCK_ITEMS", 7)
    assert counts(send(lines(30))) == {"created": 30}
    assert len(catalog()) == 30


def test_a_dry_run_tells_and_changes_nothing(send: Send, as_catalog: Client, source: Source) -> None:
    send(lines(30))
    before = catalog()
    run = send(lines(10) + lines(1, start=40) + lines(1, start=11, title="改名"), mode="snapshot", dry_run=True)
    assert run["state"] == "done"
    assert counts(run) == {"created": 1, "updated": 1, "unchanged": 10, "off_shelved": 19}
    assert catalog() == before
    drift = as_catalog.get(f"/v1/sources/{source.code}/reconciliation").json["drift"]
    assert {"external_id": "P40", "kind": "created"} in drift
    assert {"external_id": "P11", "kind": "updated"} in drift
    assert len(drift) == 21


def test_what_a_snapshot_does_not_name_goes_off_the_shelf_and_comes_back(send: Send) -> None:
    send(lines(30), mode="snapshot")
    run = send(lines(25), mode="snapshot")
    assert (run["state"], counts(run)) == ("done", {"unchanged": 25, "off_shelved": 5})
    assert [name for name, status in statuses().items() if status == "off_shelf"] == [f"P{n}" for n in range(25, 30)]
    assert {product["shelf_reason"] for product in catalog()} == {None, "missing_from_snapshot"}
    assert counts(send(lines(30), mode="snapshot")) == {"unchanged": 25, "updated": 5}
    assert set(statuses().values()) == {"on_shelf"}


def test_upserts_never_take_anything_down(send: Send) -> None:
    send(lines(30))
    send(lines(1))
    assert set(statuses().values()) == {"on_shelf"}


def test_a_snapshot_that_takes_down_too_much_is_held(send: Send, as_catalog: Client) -> None:
    send(lines(100))
    before = catalog()
    run = send(lines(79), mode="snapshot")
    assert (run["state"], run["problem_code"]) == ("held", "would_take_down")
    assert "21" in run["problem"]
    assert catalog() == before
    confirmed = as_catalog.post(f"/v1/sync-runs/{run['id']}/confirm")
    assert confirmed.status_code == 200
    work()
    run = as_catalog.get(f"/v1/sync-runs/{run['id']}").json
    assert (run["state"], counts(run)) == ("done", {"unchanged": 79, "off_shelved": 21})
    assert as_catalog.post(f"/v1/sync-runs/{run['id']}/confirm").json["code"] == "import_not_held"
    assert as_catalog.post(f"/v1/sync-runs/{run['id']}/cancel").json["code"] == "import_under_way"


def test_marking_products_off_in_a_snapshot_counts_for_the_guard_too(send: Send, as_catalog: Client) -> None:
    send(lines(100))
    run = send(lines(79) + lines(21, start=79, shelf_status="off_shelf"), mode="snapshot")
    assert run["state"] == "held"
    assert as_catalog.post(f"/v1/sync-runs/{run['id']}/cancel").json["state"] == "cancelled"
    assert set(statuses().values()) == {"on_shelf"}
    assert db.session.scalar(text("SELECT count(*) FROM sync_item")) == 0


def test_twenty_may_always_go(send: Send) -> None:
    send(lines(100))
    assert counts(send(lines(80), mode="snapshot")) == {"unchanged": 80, "off_shelved": 20}


def test_an_older_push_after_a_snapshot_is_stale(send: Send, source: Source) -> None:
    send(lines(3), mode="snapshot")
    assert make.sync(source, make.product_item(external_id="new", version=5)) == ["stale"]
    assert make.sync(source, make.product_item(external_id="P0", version=2**60)) == ["updated"]


def test_a_snapshot_with_versions_takes_down_and_revives_under_the_same_version(send: Send, source: Source) -> None:
    send(lines(3, version=7), mode="snapshot")
    send(lines(2, version=7), mode="snapshot")
    assert statuses() == {"P0": "on_shelf", "P1": "on_shelf", "P2": "off_shelf"}
    item = make.product_item(external_id="P2", version=7, sku_codes=["K2"])
    assert make.sync(source, item) == ["stale"]
    send(lines(3, version=7), mode="snapshot")
    assert statuses()["P2"] == "on_shelf"


def test_a_product_pushed_after_the_file_came_in_is_not_missing(as_catalog: Client, source: Source) -> None:
    answer = as_catalog.post(f"/v1/sources/{source.code}/imports", data=lines(1), query_string={"mode": "snapshot"})
    make.sync(source, make.product_item(external_id="late", version=2**60))
    work()
    assert as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json["state"] == "done"
    assert statuses() == {"P0": "on_shelf", "late": "on_shelf"}


def test_bad_rows_are_kept_with_line_and_reason_and_are_not_missing(send: Send, as_catalog: Client) -> None:
    send(lines(5))
    bad = b'{"external_id": "P3", "title": "=1+1", "nonsense": 1}\n'
    run = send(lines(3) + bad + lines(1, start=4), mode="snapshot")
    assert (run["state"], counts(run)) == ("done", {"unchanged": 4, "rejected": 1})
    assert statuses()["P3"] == "on_shelf"
    [reject] = as_catalog.get(f"/v1/sync-runs/{run['id']}/rejects").json["items"]
    assert (reject["line_no"], reject["external_id"], reject["code"]) == (4, "P3", "invalid_item")
    answer = as_catalog.get(f"/v1/sync-runs/{run['id']}/rejects", query_string={"format": "csv"})
    assert answer.mimetype == "text/csv"
    assert answer.data.decode("utf-8-sig").splitlines()[0] == "line_no,external_id,field,code,detail,raw"
    assert "4,P3,,invalid_item" in answer.text


def test_a_reject_shows_the_line_of_the_file_in_the_readers_language(as_catalog: Client) -> None:
    table = '货号,商品名称,售价,上下架\nA,"面霜, 50 ml",?1,上架\nB,精华,12.345,上架\nC,面膜,5,上架\nD,眼霜,6,在哪\n'
    source = make.source(file_format="table")
    run = as_catalog.post(f"/v1/sources/{source.code}/imports", data=table.encode()).json
    work()
    assert counts(as_catalog.get(f"/v1/sync-runs/{run['id']}").json) == {"created": 1, "rejected": 3}
    path = f"/v1/sync-runs/{run['id']}/rejects"
    told = {
        language: [
            (row["line_no"], row["field"], row["code"], row["detail"], row["raw"])
            for row in as_catalog.get(path, headers={"Accept-Language": language}).json["items"]
        ]
        for language in ("zh", "en")
    }
    assert told["zh"] == [
        (2, "price", "price_unreadable", "“?1”不是金额。", 'A,"面霜, 50 ml",?1,上架'),
        (3, "price", "price_unreadable", "“12.345”的小数位数多于 CNY。", "B,精华,12.345,上架"),
        (5, "shelf_status", "status_unknown", "“在哪”不是映射认识的上下架状态。", "D,眼霜,6,在哪"),
    ]
    assert [row[3] for row in told["en"]] == [
        "“?1” is not an amount.",
        "“12.345” has more digits than CNY has.",
        "“在哪” is no shelf status that the mapping knows.",
    ]
    as_csv = as_catalog.get(path, query_string={"format": "csv"}, headers={"Accept-Language": "zh"})
    assert "“?1”不是金额。" in as_csv.text


def test_a_snapshot_whose_bad_rows_name_no_product_is_held(send: Send) -> None:
    send(lines(5))
    run = send(lines(4) + b'{"broken": true}\n', mode="snapshot")
    assert (run["state"], run["problem_code"]) == ("held", "rows_nameless")


def test_one_product_twice_in_a_file(send: Send) -> None:
    run = send(lines(1, version=1) + lines(1, version=3, title="三") + lines(1, version=2))
    assert [product["title"] for product in catalog()] == ["三"]
    assert counts(run) == {"created": 1, "stale": 2}


BROKEN = [
    (b"", "empty_upload"),
    (b" \n", "file_empty"),
    (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "html_page"),
    (lines(3)[:-20], "file_cut"),
    (b'{"items": [' + lines(1).strip() + b", " + lines(1).strip()[:40], "file_cut"),
    (b"[1, 2] 3", "not_json"),
    (b"not json at all\n", "nothing_usable"),
    (b'{"items": []}', "nothing_usable"),
]


@pytest.mark.parametrize(("content", "code"), BROKEN)
def test_a_broken_file_changes_nothing(
    send: Send, as_catalog: Client, source: Source, content: bytes, code: str
) -> None:
    send(lines(30))
    before = catalog()
    if code == "empty_upload":
        assert as_catalog.post(f"/v1/sources/{source.code}/imports", data=content).json["code"] == code
    else:
        run = send(content, mode="snapshot")
        assert (run["state"], run["problem_code"]) == ("failed", code)
        assert run["problem"]
    assert catalog() == before
    assert db.session.scalar(text("SELECT count(*) FROM sync_item")) == 0


def test_a_file_larger_than_any_other_body_is_taken(send: Send) -> None:
    padded = b"".join(line + b" " * 1_000_000 + b"\n" for line in lines(10).splitlines())
    assert counts(send(padded)) == {"created": 10}


def test_who_may_import(as_guide: Client, integrator: Client, source: Source) -> None:
    assert as_guide.post(f"/v1/sources/{source.code}/imports", data=b"x").status_code == 403
    answer = integrator.post(f"/v1/sources/{source.code}/imports", data=lines(1))
    assert answer.status_code == 202
    assert integrator.post(f"/v1/sync-runs/{answer.json['id']}/confirm").status_code == 403
    assert integrator.get(f"/v1/sources/{source.code}/imports").json["items"][0]["state"] == "queued"


def test_checksums_agree_when_catalogs_do(send: Send, as_catalog: Client, source: Source) -> None:
    path = f"/v1/sources/{source.code}/reconciliation"
    assert as_catalog.get(path).json["checksum"] == "0" * 16
    send(lines(5))
    first = as_catalog.get(path).json
    assert (first["products"], first["on_shelf"], first["skus"]) == (5, 5, 5)
    send(lines(1, title="改名"))
    assert as_catalog.get(path).json["checksum"] != first["checksum"]
    send(lines(1))
    again = as_catalog.get(path).json
    assert again["checksum"] == first["checksum"]
    listed = [
        item
        for bucket in again["buckets"]
        for item in as_catalog.get(path + "/products", query_string={"bucket": bucket["bucket"]}).json["items"]
    ]
    total = 0
    for item in listed:
        total ^= int(item["digest"], 16)
    assert (len(listed), f"{total:016x}") == (5, first["checksum"])


@pytest.mark.parametrize(
    ("name", "file_format", "products"),
    [("shopify.csv", "shopify", 3), ("woocommerce.csv", "woocommerce", 4), ("google.xml", "google", 3)],
)
def test_platform_exports_go_in_as_they_are(as_catalog: Client, name: str, file_format: str, products: int) -> None:
    as_catalog.post("/v1/sources", json={"code": "shop", "name": "商城", "format": file_format})
    content = (FILES / name).read_bytes()
    for expected in ("created", "unchanged"):
        answer = as_catalog.post("/v1/sources/shop/imports", data=content, query_string={"mode": "snapshot"})
        work()
        run = as_catalog.get(f"/v1/sync-runs/{answer.json['id']}").json
        assert (run["state"], run[expected], run["items"]) == ("done", products, products), run
    codes = {code for product in catalog() for code in (sku.partition(" ")[0] for sku in product["skus"])}
    assert codes >= {"shopify": {"RC-30", "RC-50"}, "woocommerce": {"vneck-red"}, "google": {"D_S", "D_M"}}[file_format]


def test_a_mapped_workbook_goes_in_through_a_form(as_catalog: Client) -> None:
    as_catalog.post("/v1/sources", json={"code": "brand", "name": "品牌", "format": "table", "mapping": MAPPING})
    content = (CSV + "A1,面霜,花屿,护肤,在售,129.00,0069\nA1,面霜,花屿,护肤,在售,1,0069\n").encode("gb18030")
    form = {"file": (io.BytesIO(content), "商品.csv")}
    answer = as_catalog.post("/v1/sources/brand/imports", data=form, content_type="multipart/form-data")
    work()
    [reject] = as_catalog.get(f"/v1/sync-runs/{answer.json['id']}/rejects").json["items"]
    assert (reject["line_no"], reject["code"], reject["external_id"]) == (2, "sku_repeated", "A1")


def test_ten_thousand_fuzzed_rows_do_no_harm(send: Send, as_catalog: Client, source: Source) -> None:
    """Each line is a good one with something changed at random; what is rejected is told, and the rest goes in."""
    chance = random.Random(7)
    rows = [bytearray(line) for line in lines(10_000, version=1).splitlines()]
    for row in rows:
        for _ in range(chance.choice([0, 1, 3])):
            row[chance.randrange(len(row))] = chance.randrange(256)
    run = send(b"\n".join(bytes(row.replace(b"\n", b"?")) for row in rows) + b"\n")
    assert run["state"] == "done", run
    assert run["created"] == len(catalog()) >= 3_000
    assert run["rejected"] == sum(1 for _ in _all(as_catalog, f"/v1/sync-runs/{run['id']}/rejects")) >= 1_000
    assert run["created"] + run["updated"] + run["stale"] + run["unchanged"] + run["rejected"] == run["rows_read"]


def _all(client: Client, path: str) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        page = client.get(path, query_string={"limit": 200, **cursor}).json
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def test_one_list_has_the_imports_of_all_sources(as_catalog: Client, send: Send, source: Source) -> None:
    first = send(lines(3))
    other = make.source()
    tried = as_catalog.post(f"/v1/sources/{other.code}/imports?dry_run=true", data=lines(2)).json
    path = "/v1/sync-runs"
    listed = as_catalog.get(path).json["items"]
    assert [(run["id"], run["source"]) for run in listed] == [(tried["id"], other.code), (first["id"], source.code)]
    for query, found in (
        (f"source={source.code}", first),
        ("dry_run=true", tried),
        ("state=done", first),
        ("state=queued&mode=upsert", tried),
    ):
        assert [run["id"] for run in as_catalog.get(f"{path}?{query}").json["items"]] == [found["id"]], query
    assert as_catalog.get(f"{path}?source=none").json["code"] == "source_not_found"
    assert [run["id"] for run in _all(as_catalog, path)] == [tried["id"], first["id"]]
    beginning = as_catalog.get(f"{path}?limit=1").json
    rest = as_catalog.get(f"{path}?limit=1&cursor={beginning['next_cursor']}").json
    assert [run["id"] for run in rest["items"]] == [first["id"]]


def test_the_same_file_under_one_key_is_one_run_and_is_kept_once(
    as_catalog: Client, source: Source, config: Config
) -> None:
    path, headers = f"/v1/sources/{source.code}/imports", {"Idempotency-Key": "file-1"}
    kept = Path(urlsplit(config.storage_url).path) / "imports"
    first = as_catalog.post(path, data=lines(3), headers=headers)
    assert first.status_code == 202, first.text
    before = set(kept.iterdir())
    again = as_catalog.post(path, data=lines(3), headers=headers)
    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    other = as_catalog.post(path, data=lines(4), headers=headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert set(kept.iterdir()) == before
    assert db.session.scalar(text("SELECT count(*) FROM sync_run")) == 1


def test_a_refused_import_leaves_no_file(as_catalog: Client, source: Source, config: Config) -> None:
    kept = Path(urlsplit(config.storage_url).path) / "imports"
    before = set(kept.iterdir()) if kept.exists() else set()
    path = f"/v1/sources/{source.code}/imports"
    assert as_catalog.post(path, data=lines(3), query_string={"mode": "nonsense"}).status_code == 422
    assert as_catalog.post("/v1/sources/nowhere/imports", data=lines(3)).json["code"] == "source_not_found"
    assert (set(kept.iterdir()) if kept.exists() else set()) == before
