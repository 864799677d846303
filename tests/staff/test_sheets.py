"""Files of stores and people: encodings, spreadsheets, dry runs, and what is told of each bad line."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from kit.db import Base, db
from models import Region, Staff, Store
from staff.rules.roles import ROLE_TITLES, ROLES
from tests import make
from tests.client import Client

HEADER = "staff_no,name,roles,store_code,region_code,hired_on,left_on"
STORES = "code,name,region_code,time_zone,currency,country,city,tags,opened_on,closed_on"
CHINESE = "工号,姓名,角色,门店编码,区域编码,入职日期,离职日期"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


@pytest.fixture
def store(app: object) -> Store:
    return make.store(code="SH001")


def send(client: Client, content: str | bytes, *, kind: str = "staff", dry_run: bool = False) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post(f"/v1/imports/{kind}?dry_run={str(dry_run).lower()}", data=data, content_type="text/csv")


def count(table: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_good_lines_go_in_and_bad_ones_are_told(as_admin: Client, store: Store) -> None:
    content = f"""{HEADER}
G1,王芳,guide,SH001,,2024-05-01,
G2,,guide,SH001,,2024-05-01,
G3,李娜,guide;store_manager,SH001,,2024/5/1,
G4,赵敏,guide,NOPE,,2024-05-01,

G5,孙丽,guide,SH001,,yesterday,
G1,王芳,guide,SH001,,2024-05-01,
"""
    answer = send(as_admin, content)
    assert {k: v for k, v in answer.json.items() if k not in ("problems", "warnings")} == {
        "dry_run": False,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": 4,
        "warned": 0,
    }
    told = [(p["line"], p["key"], p["field"], p["code"]) for p in answer.json["problems"]]
    assert told == [
        (3, "G2", "name", "required"),
        (5, "G4", "store_code", "unknown_code"),
        (7, "G5", "hired_on", "unreadable"),
        (8, "G1", "staff_no", "duplicate"),
    ]
    assert db.session.scalar(select(Staff.roles).where(Staff.staff_no == "G3")) == ["guide", "store_manager"]
    assert send(as_admin, content).json["unchanged"] == 2


def test_a_dry_run_tells_the_same_and_changes_nothing(as_admin: Client, store: Store) -> None:
    before = count(Staff)
    content = f"{HEADER}\nG1,王芳,guide,SH001,,2024-05-01,\nG2,x,boss,SH001,,2024-05-01,\n"
    dry = send(as_admin, content, dry_run=True).json
    assert count(Staff) == before
    wet = send(as_admin, content).json
    assert {**dry, "dry_run": False} == wet
    assert count(Staff) == before + 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_files_as_spreadsheet_programs_write_them(as_admin: Client, store: Store, encoding: str) -> None:
    content = f"{CHINESE}\r\nG1,王芳,guide、store_manager,SH001,,2024年5月1日,\r\n".encode(encoding)
    assert send(as_admin, content).json["created"] == 1
    assert db.session.scalar(select(Staff.name).where(Staff.staff_no == "G1")) == "王芳"


def test_a_workbook_comes_in_as_a_form_field(as_admin: Client, store: Store) -> None:
    file = BytesIO()
    workbook = xlsxwriter.Workbook(file)
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, CHINESE.split(","))
    sheet.write_row(1, 0, [10023, "王芳", "guide", "SH001", ""])
    sheet.write_datetime(1, 5, date(2024, 5, 1), workbook.add_format({"num_format": "yyyy-mm-dd"}))
    workbook.close()
    file.seek(0)
    answer = as_admin.post("/v1/imports/staff", data={"file": (file, "员工.xlsx")})
    assert answer.json["created"] == 1, answer.json
    assert db.session.execute(select(Staff.staff_no, Staff.hired_on).where(Staff.staff_no == "10023")).one() == (
        "10023",
        date(2024, 5, 1),
    )


def test_regions_and_stores_come_in_too(as_admin: Client) -> None:
    assert send(as_admin, "code,name,parent_code\nSH,上海,EAST\nEAST,华东,\n", kind="regions").json["created"] == 2
    header = "code;name;region_code;time_zone;currency;country;city;tags;opened_on;closed_on"
    answer = send(as_admin, f"{header}\nS1;一店;SH;;;;;mall|new;2024-01-01;\n", kind="stores")
    assert answer.json["created"] == 1
    assert db.session.scalars(select(Store.tags)).one() == ["mall", "new"]
    assert count(Region) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet_header_wrong"),
        (b"staff_no,name\nG1,x\n", "sheet_header_wrong"),
        (f"{HEADER},salary\n".encode(), "sheet_header_wrong"),
        (f"{HEADER},name\n".encode(), "sheet_header_wrong"),
        (b"\xff\xff\xff", "sheet_unreadable"),
        (b"PK\x03\x04 not a workbook", "sheet_unreadable"),
        (f'{HEADER}\n"G1'.encode(), "sheet_unreadable"),
    ],
)
def test_a_file_that_will_not_do_is_refused_whole(as_admin: Client, store: Store, content: bytes, code: str) -> None:
    before = count(Staff)
    answer = send(as_admin, content)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert count(Staff) == before


def test_a_form_without_a_file_is_malformed(as_admin: Client) -> None:
    answer = as_admin.post("/v1/imports/staff", data={"other": "x"}, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (400, "malformed")


CELLS = st.one_of(
    st.sampled_from(["G1", "王芳", "guide", "SH001", "2024-05-01", "9999-99-99", "", "a;b", "hq_admin", "0001-01-01"]),
    st.text(max_size=20),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=5, max_size=8), max_size=20), tail=st.binary(max_size=20))
def test_whatever_comes_is_told_never_broken(as_admin: Client, rows: list[list[str]], tail: bytes) -> None:
    content = "\n".join([HEADER, *(",".join(row) for row in rows)]).encode(errors="surrogatepass") + tail
    assert send(as_admin, content, dry_run=True).status_code in (200, 422)


@pytest.mark.parametrize(
    ("kind", "head", "line", "column"),
    [
        ("staff", HEADER, "6.90123E+12,王芳,guide,SH001,,2024-05-01,", "staff_no"),
        ("staff", HEADER, "G1,王芳,guide,1E+05,,2024-05-01,", "store_code"),
        ("stores", STORES, "1E+05,一店,R,,,,,,2024-01-01,", "code"),
        ("stores", STORES, "S,一店,1E+05,,,,,,2024-01-01,", "region_code"),
        ("regions", "code,name,parent_code", "1.2E+05,华东,", "code"),
    ],
)  # fmt: skip
def test_no_code_is_taken_that_a_spreadsheet_broke(
    as_admin: Client, store: Store, kind: str, head: str, line: str, column: str
) -> None:
    answer = send(as_admin, f"{head}\n{line}\n", kind=kind).json
    assert [(one["field"], one["code"]) for one in answer["problems"]] == [(column, "broken_by_spreadsheet")]


@pytest.mark.parametrize("written", ["45413", "20240501", "2024-05-01 00:00:00", "2024年5月1日", "2024.5.1"])
def test_days_are_read_as_spreadsheets_write_them(as_admin: Client, store: Store, written: str) -> None:
    assert send(as_admin, f"{HEADER}\nG1,👩‍👧 王芳\u200b,guide,SH001,,{written},\n").json["created"] == 1
    found = db.session.execute(select(Staff.name, Staff.hired_on).where(Staff.staff_no == "G1")).one()
    assert found == ("👩‍👧 王芳", date(2024, 5, 1))


def test_the_api_takes_the_same_names_and_codes(as_admin: Client, store: Store) -> None:
    body = {
        "staff_no": "G1",
        "name": "👩‍👧\u202e王",
        "roles": ["guide"],
        "store_code": "SH001",
        "hired_on": "2024-05-01",
    }
    answer = as_admin.post("/v1/staff", json=body)
    assert (answer.status_code, answer.json["name"]) == (201, "👩‍👧王")
    assert as_admin.post("/v1/staff", json={**body, "staff_no": "6.9E+12"}).status_code == 422


def test_headings_and_roles_may_be_in_chinese_and_so_is_the_report(as_admin: Client, store: Store) -> None:
    lines = [
        "G1,王芳,导购、店长,SH001,,2024-05-01,",
        f"G2,李娜,督导;Guide,SH001,{make.region().code},2024/5/1,",
        "G3,x,老板,SH001,,2024-05-01,",
    ]
    content = "\n".join([CHINESE, *lines, ""])
    answer = as_admin.post("/v1/imports/staff", data=content.encode(), headers={"Accept-Language": "zh-CN"})
    assert (answer.json["created"], answer.json["rejected"]) == (2, 1)
    assert db.session.scalar(select(Staff.roles).where(Staff.staff_no == "G1")) == ["guide", "store_manager"]
    assert db.session.scalar(select(Staff.roles).where(Staff.staff_no == "G2")) == ["regional_manager", "guide"]
    [problem] = answer.json["problems"]
    assert (problem["line"], problem["code"]) == (4, "unknown_role")
    assert problem["message"].startswith("“老板”不是角色；角色有：导购、店长、督导")
    misnamed = as_admin.post("/v1/imports/staff", data="工号,姓氏\n".encode(), headers={"Accept-Language": "zh-CN"})
    assert (
        misnamed.json["detail"]
        == "未知的列。可用的列：工号、姓名、角色、门店编码、区域编码、入职日期、离职日期、到岗日期、手机、"
        "企业微信账号。"
    )


def test_every_role_has_a_name_in_chinese() -> None:
    assert ROLE_TITLES.keys() == ROLES


@pytest.mark.parametrize("written", ["'G1", '="G1"', "\u00a0G1\u00a0", "G\u200b1", "\ufeffG1", "Ｇ１", "g1"])
def test_one_person_however_the_number_is_written(as_admin: Client, store: Store, written: str) -> None:
    send(as_admin, f"{HEADER}\nG1,王芳,guide,SH001,,2024-05-01,\n")
    before = count(Staff)
    answer = send(as_admin, f"{HEADER}\n{written},王芳,guide,'sh001,,\u200b2024-05-01,\n")
    assert (answer.json["unchanged"], answer.json["problems"], count(Staff)) == (1, [], before)


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("staff_no", "#N/A", "broken_by_spreadsheet"),
        ("staff_no", "1.2E+5", "broken_by_spreadsheet"),
        ("staff_no", "无", "unreadable"),
        ("store_code", "-", "unreadable"),
        ("name", "#REF!", "unreadable"),
        ("hired_on", "#N/A", "unreadable"),
        ("hired_on", "90-05-17", "unreadable"),
        ("hired_on", "2023-02-29", "unreadable"),
    ],
)
def test_what_is_no_code_or_name_is_told(as_admin: Client, store: Store, column: str, written: str, code: str) -> None:
    cells = dict(zip(HEADER.split(","), ("G1", "王芳", "guide", "SH001", "", "2024-05-01", ""), strict=True))
    before = count(Staff)
    answer = send(as_admin, f"{HEADER}\n{','.join({**cells, column: written}.values())}\n")
    assert [(one["field"], one["code"]) for one in answer.json["problems"]] == [(column, code)]
    assert count(Staff) == before


def test_a_file_for_excel_of_stores(as_admin: Client, store: Store) -> None:
    region = db.session.get_one(Region, store.region_id).code
    cells = {"code": '="007"', "name": "门店", "region_code": f"'{region}", "opened_on": "45000"}
    line = ";".join(cells.get(name, "") for name in STORES.split(","))
    content = f"\ufeffsep=;\r\n{STORES.replace(',', ';')}\r\n{line}\r\n"
    answer = send(as_admin, content, kind="stores")
    assert (answer.json["created"], answer.json["problems"]) == (1, [])
    assert {one.code for one in db.session.scalars(select(Store))} == {"SH001", "007"}
