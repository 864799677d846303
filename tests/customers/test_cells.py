"""What cells of customer files hold beside what they show: nobody becomes two people, and no two become one."""

import io
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from kit.db import db
from models import Customer
from tests import make
from tests.client import Client
from tests.customers.test_spreadsheets import phones, profiles, send, told


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


@pytest.mark.parametrize(
    "written",
    ["'M1", '="M1"', '"=""M1"""', "\u00a0M1\u00a0", "M\u200b1", "\ufeffM1", "Ｍ１", "m1", "M1\u200d", "\u202dM1\u202c"],
)
@pytest.mark.parametrize("head", ["member_no,name", "sep=,\nmember_no,name", "\u200b会员号,姓名\u200b"])
def test_a_member_number_is_what_a_person_sees(as_admin: Client, head: str, written: str) -> None:
    send(as_admin, "member_no,name\nM1,李\n")
    report = send(as_admin, f"{head}\n{written},李\n")
    assert (report["unchanged"], report["rejected"], people()) == (1, 0, 1)


@pytest.mark.parametrize("nothing", ["无", "-", "N/A", "NULL", "none", "暂无", "0", "000", "/"])
@pytest.mark.parametrize("column", ["member_no", "wecom", "wechat_union", "mall"])
def test_people_without_a_number_are_not_one(as_admin: Client, column: str, nothing: str) -> None:
    report = send(as_admin, f"{column},name,phone\n{nothing},李,13800138000\n{nothing},王,13800138001\n{nothing},赵,\n")
    assert (report["created"], report["rejected"], people()) == (2, 1, 2)
    assert told(report["warnings"]) == [(2, column, "unreadable"), (3, column, "unreadable")]
    assert told(report["problems"]) == [(4, column, "unreadable")]


@pytest.mark.parametrize("column", ["name", "city", "address", "birthday", "gender", "email"])
@pytest.mark.parametrize("written", ["#N/A", "#REF!", "-", "无", "NULL"])
def test_what_says_nothing_is_told_and_left_out(as_admin: Client, column: str, written: str) -> None:
    report = send(as_admin, f"member_no,{column}\nM1,{written}\n")
    assert (report["created"], told(report["warnings"])) == (1, [(2, column, "unreadable")])
    assert profiles()["M1"].get(column) is None


@pytest.mark.parametrize(
    "written",
    ["+86 138-0013-8000", "0086 138 0013 8000", "008613800138000", "86-13800138000", "(+86)13800138000", "'13800138000",
     "＋８６１３８００１３８０００", "138 0013 8000", "tel:+8613800138000", "13800138000.00", '="13800138000"',
     "13800138000\u00a0", "0138 0013 8000", "\u202a+86 138 0013 8000\u202c"],
)  # fmt: skip
def test_one_telephone_however_it_is_written(as_admin: Client, written: str) -> None:
    report = send(as_admin, f"member_no,phone\nM1,{written}\n")
    assert (report["created"], report["warned"], phones(as_admin)) == (1, 0, {"M1": {"+8613800138000"}})


@pytest.mark.parametrize(
    "written",
    ["138 0013 8000 转 123", "010-12345678 ext 5", "010-12345678#5", "1380013800", "86 138001380001", "微信"],
)
def test_what_is_no_telephone_of_one_person_is_told(as_admin: Client, written: str) -> None:
    report = send(as_admin, f"member_no,phone\nM1,{written}\n")
    assert (report["created"], told(report["warnings"])) == (1, [(2, "phone", "unreadable")])


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2000-02-29", "2000-02-29"),
        ("1990\u00a0年5月17日", "1990-05-17"),
        ('="1990-05-17"', "1990-05-17"),
        *(
            (unknown, None)
            for unknown in (
                "2001-02-29",
                "1900-02-29",
                "60",
                "02-29",
                "2月29日",
                "农历1990年五月初三",
                "90-05-17",
                "5/17/1990",
            )
        ),
    ],
)
def test_days_that_are_none_or_may_be_two(as_admin: Client, written: str, day: str | None) -> None:
    report = send(as_admin, f"member_no,birthday\nM1,{written}\n")
    assert (report["created"], report["warned"]) == (1, 0 if day else 1)
    assert profiles()["M1"].get("birthday") == day


@pytest.mark.parametrize("from_1904", [False, True])
def test_a_workbooks_days_and_the_one_that_never_was(as_admin: Client, from_1904: bool) -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"date_1904": from_1904})
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy/m/d"})
    sheet.write_row(0, 0, ["会员号", "生日"])
    for line, (number, serial) in enumerate([("M1", 33010 - 1462 * from_1904), ("M2", 60), ("M3", 61)], 1):
        sheet.write_string(line, 0, number)
        sheet.write_number(line, 1, serial, day)
    book.close()
    report = send(as_admin, file.getvalue(), "application/octet-stream")
    known = profiles()
    birthdays: dict[str | None, Any] = {number: known[number].get("birthday") for number in known}
    if from_1904:
        assert birthdays == {"M1": "1990-05-17", "M2": "1904-03-01", "M3": "1904-03-02"}
    else:
        assert birthdays == {"M1": "1990-05-17", "M2": None, "M3": "1900-03-01"}
        assert told(report["warnings"]) == [(3, "birthday", "unreadable")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Ｆｅｍａｌｅ", "female"), ("女士", "female"), ("M", "male"), ("先生", "male"), ("其他", "other")],
)
def test_genders_as_people_write_them(as_admin: Client, written: str, meant: str) -> None:
    send(as_admin, f"member_no,gender\nM1,{written}\n")
    assert profiles()["M1"]["gender"] == meant
