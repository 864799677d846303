"""A chain that was imported signs in: by codes on paper, a sheet for each store, or by WeCom alone."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from guideapi.app import GuideApp
from kit.db import db
from models import AuditEntry, PasswordReset, Staff
from staff.wecom import WeComProvider
from tests import make
from tests.client import Client
from tests.simulators.wecom import AGENT_ID, CORP_ID, SECRET, WeCom, wecom
from tests.staff.test_oidc import REDIRECT_URI, Browser

HEADER = "staff_no,name,roles,store_code,region_code,hired_on,left_on"
NEW_PASSWORD = "correct horse battery staple 7"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def bring(client: Client, *rows: str, more: str = "") -> Any:
    content = "\n".join((HEADER + more, *rows)).encode()
    answer = client.post("/v1/imports/staff", data=content, content_type="text/csv")
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.fixture
def imported(as_admin: Client) -> list[str]:
    """Two stores with two guides each, as a file brought them."""
    stores = [make.store(code=code) for code in ("SH/1", "SH2")]
    rows = [f"G{n}{m},=王{n}{m},guide,{store.code},,2024-05-01," for n, store in enumerate(stores) for m in range(2)]
    assert bring(as_admin, *rows)["created"] == 4
    return [store.code for store in stores]


def test_a_workbook_has_a_sheet_for_each_store_and_its_codes_sign_in(
    as_admin: Client, client: Client, imported: list[str]
) -> None:
    answer = as_admin.post("/v1/staff/sign-in-codes", json={})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    assert book.sheetnames == ["1 SH_1", "2 SH2"]
    rows = [row for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("SH/1", "G00", "=王00"), ("SH/1", "G01", "=王01"), ("SH2", "G10", "=王10"), ("SH2", "G11", "=王11"),
    ]  # fmt: skip
    code = str(rows[-1][4])
    assert client.post("/v1/auth/password", json={"code": code, "new_password": NEW_PASSWORD}).status_code == 200
    signed_in = client.post("/v1/auth/token", json={"staff_no": "G11", "password": NEW_PASSWORD})
    assert signed_in.status_code == 200
    again = client.post("/v1/auth/password", json={"code": code, "new_password": NEW_PASSWORD})
    assert again.json["code"] == "bad_reset_code"


def listed(answer: Any) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))[1:]


def test_a_list_of_one_store_as_csv(as_admin: Client, imported: list[str]) -> None:
    store_id = db.session.scalar(select(Staff.store_id).where(Staff.staff_no == "G10"))
    asked = {"store_id": str(store_id), "format": "csv"}
    first = as_admin.post("/v1/staff/sign-in-codes", json=asked)
    assert first.mimetype == "text/csv"
    # What a spreadsheet would take for a formula is text.
    assert [(row[2], row[3]) for row in listed(first)] == [("G10", "'=王10"), ("G11", "'=王11")]
    second = listed(as_admin.post("/v1/staff/sign-in-codes", json=asked))
    assert {row[4] for row in listed(first)}.isdisjoint(row[4] for row in second)
    live = select(PasswordReset).where(PasswordReset.used_at.is_(None))
    assert len(db.session.scalars(live).all()) == 2
    stored = str([row.code_hash for row in db.session.scalars(select(PasswordReset))])
    assert all(row[4].replace("-", "") not in stored for row in second)


def test_who_has_a_password_gets_a_code_only_when_everybody_does(as_admin: Client, imported: list[str]) -> None:
    known = make.guide(staff_no="G99")
    assert known.password_hash
    make.staff(roles=["guide"], staff_no="GONE", store_id=known.store_id, left_on=make.yesterday())

    def invited(**asked: Any) -> set[str]:
        return {row[2] for row in listed(as_admin.post("/v1/staff/sign-in-codes", json={"format": "csv", **asked}))}

    assert invited() == {"G00", "G01", "G10", "G11"}
    everybody = invited(everybody=True)
    assert {"G00", "G99"} < everybody
    assert "GONE" not in everybody


def test_one_sheet_is_for_so_many(as_admin: Client, imported: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("staff.service.credentials.MOST_INVITED", 3)
    refused = as_admin.post("/v1/staff/sign-in-codes", json={})
    assert (refused.status_code, refused.json["code"]) == (422, "too_many_invited")
    assert db.session.scalars(select(PasswordReset)).all() == []
    nowhere = {"store_id": "00000000-0000-7000-8000-000000000000"}
    assert as_admin.post("/v1/staff/sign-in-codes", json=nowhere).json["code"] == "store_not_found"


def test_a_file_may_say_how_people_are_reached(as_admin: Client) -> None:
    store = make.store()
    row = f"G1,王芳,guide,{store.code},,2024-05-01,"
    more = ",phone,wecom_user_id"
    assert bring(as_admin, f"{row},138 0013 8000,WangFang", more=more)["created"] == 1
    person = db.session.scalars(select(Staff).where(Staff.staff_no == "G1")).one()
    assert (person.phone, person.wecom_user_id) == ("+8613800138000", "WangFang")
    assert bring(as_admin, f"{row},13800138000,WangFang", more=more)["unchanged"] == 1
    # A file without these columns leaves them as they are; an empty cell takes them away.
    assert bring(as_admin, row)["unchanged"] == 1
    assert bring(as_admin, f"{row},,", more=more)["updated"] == 1
    db.session.refresh(person)
    assert (person.phone, person.wecom_user_id) == (None, None)
    refused = bring(as_admin, f"{row},123,", more=more)
    assert [(one["field"], one["code"]) for one in refused["problems"]] == [("phone", "unreadable")]


def test_a_user_id_of_wecom_is_one_persons(as_admin: Client, guide: Staff) -> None:
    store = make.store()
    rows = [f"G{n},王芳,guide,{store.code},,2024-05-01,,,{name}" for n, name in enumerate(("wf", "WF", "other"))]
    told = bring(as_admin, *rows, more=",phone,wecom_user_id")
    assert (told["created"], [(one["key"], one["code"]) for one in told["problems"]]) == (2, [("G1", "duplicate")])
    path = f"/v1/staff/{guide.id}"
    tag = {"If-Match": as_admin.get(path).headers["ETag"]}
    refused = as_admin.patch(path, json={"wecom_user_id": "Wf"}, headers=tag)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["wecom_user_id"])


def test_others_see_a_telephone_masked_and_the_log_hides_it(as_admin: Client, as_guide: Client, guide: Staff) -> None:
    path = f"/v1/staff/{guide.id}"
    tag = {"If-Match": as_admin.get(path).headers["ETag"]}
    changed = as_admin.patch(path, json={"phone": "13800138000", "wecom_user_id": "wf"}, headers=tag)
    assert (changed.json["phone"], changed.json["wecom_user_id"]) == ("138****8000", "wf")
    assert as_guide.get("/v1/me").json["phone"] == "+8613800138000"
    tag = {"If-Match": changed.headers["ETag"]}
    assert as_admin.patch(path, json={"phone": "12"}, headers=tag).status_code == 422
    renamed = as_admin.patch(path, json={"name": "王小芳"}, headers=tag)
    assert renamed.json["phone"] == "138****8000"
    noted = str(db.session.scalars(select(AuditEntry.after).where(AuditEntry.table_name == "staff")).all())
    assert "13800138000" not in noted


@pytest.fixture
def platform(app: GuideApp) -> Iterator[WeCom]:
    with wecom() as running:
        app.extensions["oidc"] = WeComProvider(
            corp_id=CORP_ID,
            agent_id=AGENT_ID,
            secret=SECRET,
            redirect_uri=REDIRECT_URI,
            sign_in_page=f"{running.url}/wwlogin/sso/login",
            api=running.url,
        )
        yield running
        app.extensions["oidc"] = None


def test_who_was_imported_signs_in_by_wecom_alone(as_admin: Client, client: Client, platform: WeCom) -> None:
    store = make.store()
    rows = [f"G1,王芳,guide,{store.code},,2024-05-01,,,WangFang", f"G2,李红,guide,{store.code},,2024-05-01,,,"]
    bring(as_admin, *rows, more=",phone,wecom_user_id")
    for user_id, staff_no in (("wangfang", "G1"), ("g2", "G2"), ("G1", None)):
        platform.user_id = user_id
        browser = Browser(client)
        answer = browser.come_back(**browser.leave())
        if staff_no is None:  # whose number it is has another name in WeCom
            assert answer.json["code"] == "bad_credentials"
        else:
            assert client.with_token(answer.json["access_token"]).get("/v1/me").json["staff_no"] == staff_no
