"""Customers as spreadsheets really hold them: what can be read is, what is lost is told, and nobody becomes another."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from customers.sealed import unseal_profile
from kit.db import db
from kit.ids import new_id
from models import Customer, CustomerIdentity
from tests import make
from tests.client import Client
from tests.malicious_files import row, rows, workbook

FILES = Path(__file__).parent / "files"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def send(caller: Client, content: str | bytes, content_type: str = "text/csv") -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    answer = caller.post("/v1/imports/customers", data=data, content_type=content_type)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


def told(found: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [(one["line"], one["field"], one["code"]) for one in found]


def profiles() -> dict[str | None, dict[str, str]]:
    """What is known of each customer, by member number."""
    return {one.member_no: unseal_profile(one.id, one.sealed_profile) for one in db.session.scalars(select(Customer))}


def phones(caller: Client) -> dict[str, set[str]]:
    counted = select(Customer.member_no, Customer.id)
    found = {}
    for member_no, customer_id in db.session.execute(counted):
        shown = caller.post(f"/v1/customers/{customer_id}/reveals", json={"reason": "other"}).json
        found[member_no] = {one["value"] for one in shown["identities"]}
    return found


def test_birthdays_as_spreadsheets_write_them(as_admin: Client) -> None:
    report = send(as_admin, (FILES / "birthdays.csv").read_bytes())
    assert (report["created"], report["rejected"], report["warned"]) == (6, 0, 2)
    assert told(report["warnings"]) == [(5, "birthday", "unreadable"), (6, "birthday", "unreadable")]
    known = profiles()
    assert {number: known[number].get("birthday") for number in sorted(known, key=str)} == {
        "D1": "1990-05-17",
        "D2": "1990-05-16",
        "D3": "1990-05-17",
        "D4": None,
        "D5": None,
        "D6": "1990-05-17",
    }


@pytest.mark.parametrize("day", ["2990-01-01", "1899-12-31"])
def test_a_day_on_which_nobody_was_born_is_told_and_left_out(as_admin: Client, day: str) -> None:
    report = send(as_admin, f"会员号,生日\nD1,{day}\n")
    assert (report["created"], told(report["warnings"])) == (1, [(2, "birthday", "unreadable")])
    assert profiles()["D1"].get("birthday") is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1990年5月17日", "1990-05-17"),
        ("1990 年 5 月 17 日", "1990-05-17"),
        ("1990.05.17", "1990-05-17"),
        ("１９９０－０５－１７", "1990-05-17"),
        ("1990-05-17T00:00:00", "1990-05-17"),
        ("1990-05-17 00:00:00.000", "1990-05-17"),
        ("33010.0", "1990-05-17"),
        ("\u202d1990-05-17\u202c", "1990-05-17"),
        ("1990年5月17日 星期四", "1990-05-17"),
        ("1990", None),
        ("1990-02-30", None),
        ("19901332", None),
        ("0000-00-00", None),
    ],
)
def test_a_birthday_is_read_or_told(as_admin: Client, written: str, day: str | None) -> None:
    report = send(as_admin, f"member_no,birthday\nM1,{written}\n")
    assert (report["created"], report["warned"]) == (1, 0 if day else 1)
    assert profiles()["M1"].get("birthday") == day


def test_names_with_joiners_and_marks(as_admin: Client) -> None:
    report = send(as_admin, (FILES / "emoji-zwj.csv").read_bytes())
    assert (report["created"], report["rejected"], report["warned"]) == (5, 0, 0)
    known = profiles()
    assert [known[f"E{n}"]["name"] for n in range(1, 6)] == ["小鹿🦌", "👩‍👧妈妈", "❤️林", "abc", "𠮷野"]


@pytest.mark.parametrize("name", ["👩‍👧妈妈", "\u202eabc", "张\u3000三", "a\u200bb", "李\t四", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "  王  "])
def test_a_name_is_the_same_by_the_api_and_by_a_file(as_admin: Client, name: str) -> None:
    answer = as_admin.post("/v1/customers", json={"id": str(new_id()), "name": name, "member_no": "A"})
    assert answer.status_code == 201, answer.text
    send(as_admin, f'member_no,name\nB,"{name}"\n')
    known = profiles()
    assert known["A"]["name"] == known["B"]["name"]


def test_telephones_as_people_write_them(as_admin: Client) -> None:
    report = send(as_admin, (FILES / "phones.csv").read_bytes())
    assert (report["created"], report["rejected"]) == (12, 0)
    assert told(report["warnings"]) == [(8, "phone", "unreadable"), (10, "phone", "unreadable")]
    numbers = phones(as_admin)
    mobile = {f"P{n}": {f"+861380013{8000 + n}"} for n in range(1, 7)} | {"P11": {"+8613800138009"}}
    assert {name: numbers[name] for name in mobile} == mobile
    assert numbers["P10"] == {"+8613800138007", "+8613800138008"}
    assert (numbers["P7"], numbers["P8"], numbers["P9"]) == (set(), {"+85291234568"}, set())


def test_of_several_telephones_the_bad_one_is_told(as_admin: Client) -> None:
    report = send(as_admin, "member_no,phone\nM1,13800138000、12\nM2,13800138001 13800138002\n")
    assert told(report["warnings"]) == [(2, "phone", "unreadable")]
    assert phones(as_admin) == {"M1": {"+8613800138000"}, "M2": {"+8613800138001", "+8613800138002"}}


def test_numbers_that_a_spreadsheet_broke_make_nobody(as_admin: Client) -> None:
    report = send(as_admin, (FILES / "scientific.csv").read_bytes())
    assert (report["created"], report["updated"], report["rejected"]) == (0, 0, 4)
    assert set(told(report["problems"])) == {(n, "member_no", "broken_by_spreadsheet") for n in range(2, 6)}
    assert "spreadsheet" in report["problems"][0]["message"]
    assert db.session.scalar(select(func.count()).select_from(CustomerIdentity)) == 0


@pytest.mark.parametrize(
    "broken", ["8.8E+15", "8,8E+15", "8.8e15", "1E+12", "'8.8E+15", "８.８E+15", "10023.0", "#N/A", "####"]
)
@pytest.mark.parametrize("column", ["member_no", "wecom", "wechat_union", "mall", "store_code", "staff_no"])
def test_no_code_is_taken_that_a_spreadsheet_broke(as_admin: Client, column: str, broken: str) -> None:
    columns = "email" + f",{column}"
    report = send(as_admin, f'{columns}\na@b.test,"{broken}"\n')
    assert told(report["problems"]) == [(2, column, "broken_by_spreadsheet")]
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0


def test_a_broken_telephone_refuses_its_row(as_admin: Client) -> None:
    report = send(as_admin, "member_no,phone\nM1,1.38E+10\n")
    assert told(report["problems"]) == [(2, "phone", "broken_by_spreadsheet")]


def test_the_api_refuses_what_a_spreadsheet_broke(as_admin: Client) -> None:
    for body in ({"member_no": "8.8E+15"}, {"identities": [{"kind": "mall", "value": "8.8E+15"}]}):
        assert as_admin.post("/v1/customers", json=body).status_code == 422


def test_a_number_of_sixteen_digits_in_a_cell_is_refused(as_admin: Client) -> None:
    cells = '<row r="2"><c t="n"><v>{}</v></c><c t="inlineStr"><is><t>a</t></is></c></row>'
    for number in ("8801234567890123", "8.801234567890123E15", "1E20"):
        report = send(as_admin, workbook(rows("member_no,name", cells.format(number))))
        assert told(report["problems"]) == [(2, "member_no", "broken_by_spreadsheet")]
    report = send(as_admin, workbook(rows("member_no,name", cells.format("880123456789012"))))
    assert (report["created"], list(profiles())) == (1, ["880123456789012"])


def test_cells_are_read_as_they_show(as_admin: Client) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["会员号", "姓名", "手机号", "生日"])
    padded, spaced = book.add_format({"num_format": "000000"}), book.add_format({"num_format": "000 0000 0000"})
    day = book.add_format({"num_format": 'm"月"d"日"'})
    sheet.write_number(1, 0, 1234, padded)
    sheet.write(1, 1, "张三")
    sheet.write_number(1, 2, 13800138000, spaced)
    sheet.write_datetime(1, 3, date(1990, 5, 17), day)
    sheet.write_formula(2, 0, "=A2+1", padded, 1235)
    sheet.write_rich_string(2, 1, "李", book.add_format({"bold": True}), "四")
    sheet.merge_range(3, 1, 4, 1, "王五")
    sheet.write(3, 0, "M1")
    sheet.write(4, 0, "M2")
    book.close()
    report = send(as_admin, file.getvalue())
    assert (report["created"], report["rejected"], report["warned"]) == (4, 0, 0), report
    known = profiles()
    assert known["001234"] == {"name": "张三", "birthday": "1990-05-17"}
    assert (known["001235"]["name"], known["M1"]["name"], known["M2"]["name"]) == ("李四", "王五", "王五")
    assert phones(as_admin)["001234"] == {"+8613800138000"}


def test_a_code_that_became_a_date_is_refused(as_admin: Client) -> None:
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    cell = '<row r="2"><c s="1"><v>46143</v></c><c t="inlineStr"><is><t>a</t></is></c></row>'
    report = send(as_admin, workbook(rows("member_no,name", cell), styles=styles))
    assert told(report["problems"]) == [(2, "member_no", "broken_by_spreadsheet")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030", "gbk"])
def test_files_of_every_mark_are_read(as_admin: Client, encoding: str) -> None:
    report = send(as_admin, "会员号,姓名\nM1,李四\n".encode(encoding))
    assert report["created"] == 1
    assert profiles()["M1"]["name"] == "李四"


@pytest.mark.parametrize(
    ("encoding", "name"), [("big5", "陳小姐"), ("shift_jis", "山田さん"), ("iso-8859-1", "Müller")]
)
def test_other_encodings_are_named_or_refused(as_admin: Client, encoding: str, name: str) -> None:
    content = f"member_no,name\nM1,{name}\n".encode(encoding)
    answer = as_admin.post("/v1/imports/customers", data=content, content_type="text/csv")
    assert (answer.status_code, answer.json["code"]) == (422, "sheet_unreadable"), answer.text
    send(as_admin, content, f"text/csv; charset={encoding}")
    assert profiles()["M1"]["name"] == name


def test_an_encoding_that_is_none_is_refused(as_admin: Client) -> None:
    answer = as_admin.post("/v1/imports/customers", data=b"a\n", content_type="text/csv; charset=zip")
    assert answer.json["code"] == "sheet_unreadable"


def test_only_what_says_something_is_a_row(as_admin: Client) -> None:
    book = workbook(rows("member_no,name", row(3, "M1", "a"), row(500, "M2", "b"), "<row/>"))
    report = send(as_admin, book)
    assert report["created"] == 2
