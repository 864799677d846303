"""Customers come by the file: found, completed or made, and told line by line."""

import io
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from customers.service import imports
from kit.db import db
from models import Customer, CustomerIdentity, CustomerTag, Staff, Store
from tests import make
from tests.client import Client

HEAD = "会员号,姓名,手机号,生日,标签\n"


@pytest.fixture
def as_admin(client: Client) -> Client:
    return client.sign_in(make.staff(roles=["hq_admin"]))


def send(caller: Client, text: str | bytes, *, dry_run: bool = False) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    return caller.post(f"/v1/imports/customers?dry_run={str(dry_run).lower()}", data=content, content_type="text/csv")


def counted(answer: Any) -> tuple[int, ...]:
    assert answer.status_code == 200, answer.text
    return tuple(answer.json[name] for name in ("created", "updated", "unchanged", "rejected"))


def found(caller: Client, kind: str, value: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = caller.post("/v1/customers/lookups", json={"kind": kind, "value": value}).json[
        "items"
    ]
    return items


def test_made_then_completed_then_unchanged(as_admin: Client) -> None:
    first = HEAD + "M1,张小满,13800138000,1990/5/17,vip;香氛\nM2,李四,,,\n"
    assert counted(send(as_admin, first)) == (2, 0, 0, 0)
    assert counted(send(as_admin, first)) == (0, 0, 2, 0)
    assert counted(send(as_admin, HEAD + "M2,,13900139000,,\n")) == (0, 1, 0, 0)
    [li] = found(as_admin, "phone", "13900139000")
    assert (li["member_no"], li["name"]) == ("M2", "李*")
    [zhang] = found(as_admin, "member_no", "M1")
    assert (zhang["birthday"], zhang["tags"], zhang["origin"]) == ("****-05-17", ["vip", "香氛"], "import")
    assert db.session.scalars(select(CustomerTag.origin).distinct()).all() == ["import"]


def test_a_dry_run_tells_the_same_and_changes_nothing(as_admin: Client) -> None:
    assert counted(send(as_admin, HEAD + "M1,张,13800138000,,\n,,12,,\n", dry_run=True)) == (1, 0, 0, 1)
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0


def test_found_by_telephone_and_given_the_number(as_admin: Client, guide: Staff) -> None:
    known = make.customer(guide=guide, phones=["13800138000"])
    assert counted(send(as_admin, HEAD + "M1,,138 0013 8000,,\n")) == (0, 1, 0, 0)
    assert [one["id"] for one in found(as_admin, "member_no", "M1")] == [str(known)]


def test_a_familys_telephone_stays_shared(as_admin: Client) -> None:
    family = HEAD + "M1,张一,13800138000,,\nM2,张二,13800138000,,\n"
    assert counted(send(as_admin, family)) == (2, 0, 0, 0)
    assert counted(send(as_admin, family)) == (0, 0, 2, 0)
    assert len(found(as_admin, "phone", "13800138000")) == 2


def test_the_same_customer_twice_is_one(as_admin: Client) -> None:
    assert counted(send(as_admin, HEAD + "M1,张一,,,\nM1,,13800138000,,\n")) == (1, 1, 0, 0)
    assert db.session.scalar(select(func.count()).select_from(CustomerIdentity)) == 1


def test_bad_rows_are_told_and_good_ones_go_in(as_admin: Client, guide: Staff) -> None:
    for number in ("A", "B"):
        make.customer(member_no=number, identities=[("mall", f"mall-{number}"), ("phone", "+8613800138000")])
    rows = [
        "member_no,phone,mall,birthday,gender,store_code,staff_no",
        "M1,13900139000,,,,,",
        ",139,,,,,",
        "M3,13900139001,,17.5.1990,neither,,",
        "M5,,,,,NOWHERE,",
        "M6,,,,,,NOBODY",
        "A,,mall-B,,,,",
        ",13800138000,,,,,",
        "Z,,mall-A,,,,",
        ",,,1990-05-17,,,",
        f"M7,,,,女,,{guide.staff_no}",
    ]
    answer = send(as_admin, "\n".join(rows))
    assert counted(answer) == (3, 0, 0, 7)
    assert [(one["line"], one["field"], one["code"]) for one in answer.json["problems"]] == [
        (3, "phone", "unreadable"),
        (5, "store_code", "unknown_code"),
        (6, "staff_no", "unknown_code"),
        (7, "mall", "taken"),
        (8, "phone", "ambiguous"),
        (9, "member_no", "taken"),
        (10, "member_no", "required"),
    ]
    assert [(one["line"], one["field"], one["code"]) for one in answer.json["warnings"]] == [
        (4, "birthday", "unreadable"),
        (4, "gender", "unreadable"),
    ]
    [seventh] = found(as_admin, "member_no", "M7")
    assert (seventh["guide_staff_no"], seventh["gender"]) == (guide.staff_no, "female")


@pytest.mark.parametrize("head", ["姓名,城市", "member_no,星座", "phone,phone"])
def test_a_header_that_will_not_do_is_refused(as_admin: Client, head: str) -> None:
    answer = send(as_admin, head + "\na,b\n")
    assert (answer.status_code, answer.json["code"]) == (422, "sheet_header_wrong")


def test_workbooks_and_chinese_encodings_are_read(as_admin: Client) -> None:
    workbook, file = Workbook(), io.BytesIO()
    workbook.active.append(["会员号", "手机号"])
    workbook.active.append(["M1", 13800138000])
    workbook.save(file)
    assert counted(send(as_admin, file.getvalue())) == (1, 0, 0, 0)
    assert counted(send(as_admin, (HEAD + "M2,李四,,,\n").encode("gb18030"))) == (1, 0, 0, 0)
    assert [one["name"] for one in found(as_admin, "member_no", "M2")] == ["李*"]


def test_files_larger_than_a_chunk_go_in_whole(as_admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "ROWS_AT_ONCE", 7)
    rows = "".join(f"M{n},名{n},138{n:08},,\n" for n in range(40))
    assert counted(send(as_admin, HEAD + rows)) == (40, 0, 0, 0)
    assert counted(send(as_admin, HEAD + rows)) == (0, 0, 40, 0)


def test_only_the_headquarters_imports(as_guide: Client, as_manager: Client) -> None:
    assert {send(caller, HEAD).status_code for caller in (as_guide, as_manager)} == {403}


def test_a_number_finds_its_customer_however_it_is_written(as_admin: Client) -> None:
    known = make.customer(member_no="MRG-A", name="张小满")
    assert counted(send(as_admin, "会员号,城市\nｍｒｇ-a,上海\n")) == (0, 1, 0, 0)
    [one] = found(as_admin, "member_no", " mrg-A\u3000")
    assert (one["id"], one["member_no"], one["city"]) == (str(known), "MRG-A", "上海")


def test_numbers_that_fall_together_are_refused_never_merged(as_admin: Client) -> None:
    answer = send(as_admin, "会员号,姓名\nMRG-A,张\nmrg-a,李\nMRG-B,王\n")
    assert counted(answer) == (2, 0, 0, 1)
    [problem] = answer.json["problems"]
    assert (problem["line"], problem["field"], problem["code"]) == (3, "member_no", "falls_together")
    assert db.session.scalars(select(Customer.member_no).order_by(Customer.member_no)).all() == ["MRG-A", "MRG-B"]


def test_stores_and_guides_are_found_however_they_are_written(as_admin: Client, guide: Staff) -> None:
    store = db.session.get_one(Store, guide.store_id)
    row = f"M1,{store.code.lower()},{guide.staff_no.lower()}"
    assert counted(send(as_admin, f"会员号,门店编码,导购工号\n{row}\n")) == (1, 0, 0, 0)
    [one] = found(as_admin, "member_no", "M1")
    assert (one["store_code"], one["guide_staff_no"]) == (store.code, guide.staff_no)
