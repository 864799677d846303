"""Thousands of rows at once: what comes in, what is told, and what is not written."""

from datetime import date

import pytest
from sqlalchemy import func, select, text

from guideapi.app import GuideApp
from kit.db import db, unit_of_work
from models import Region, Staff, Store
from staff import service
from staff.rules import RegionRow, StaffRow, StoreRow

DAY = date(2024, 5, 1)


def imported(rows: list[RegionRow] | list[StoreRow] | list[StaffRow]) -> list[tuple[str, str]]:
    """The outcome and problem code of each row."""
    kinds = {RegionRow: service.import_regions, StoreRow: service.import_stores, StaffRow: service.import_staff}
    with unit_of_work():
        outcomes = kinds[type(rows[0])](rows)  # type: ignore[operator]
    db.session.expire_all()
    return [(outcome.outcome, outcome.problem.code if outcome.problem else "") for outcome in outcomes]


def region(code: str, parent: str | None = None, name: str = "华东") -> RegionRow:
    return RegionRow(code=code, name=name, parent_code=parent)


def store(code: str, region_code: str = "R", **columns: object) -> StoreRow:
    return StoreRow(**{"code": code, "name": "门店", "region_code": region_code, "opened_on": DAY, **columns})  # type: ignore[arg-type]


def person(staff_no: str, **columns: object) -> StaffRow:
    defaults = {"name": "王芳", "roles": ("guide",), "store_code": "S", "hired_on": DAY}
    return StaffRow(**{"staff_no": staff_no, **defaults, **columns})  # type: ignore[arg-type]


def line(code: str) -> list[str]:
    """The codes from the root down to a region, as stored."""
    codes = dict(db.session.execute(select(Region.id, Region.code)).all())
    return [codes[i] for i in db.session.scalars(select(Region.ancestor_ids).where(Region.code == code)).one()]


@pytest.fixture
def chain(app: GuideApp) -> None:
    imported([region("R")])
    imported([store("S")])


def test_children_may_stand_before_their_parents(app: GuideApp) -> None:
    assert imported([region("C", "B"), region("B", "A"), region("A")]) == [("created", "")] * 3
    assert line("C") == ["A", "B", "C"]


def test_moving_a_region_takes_its_subtree_along(app: GuideApp) -> None:
    imported([region("A"), region("B"), region("A1", "A"), region("A11", "A1")])
    assert imported([region("A1", "B")]) == [("updated", "")]
    assert line("A11") == ["B", "A1", "A11"]


def test_regions_below_nothing_or_in_a_cycle_are_rejected_and_the_rest_goes_in(app: GuideApp) -> None:
    imported([region("A"), region("A1", "A")])
    outcomes = imported([region("A", "A1"), region("X", "none"), region("Y", "X"), region("B"), region("Z", "Z")])
    assert outcomes == [
        ("rejected", "cycle"),
        ("rejected", "unknown_code"),
        ("rejected", "unknown_code"),
        ("created", ""),
        ("rejected", "cycle"),
    ]
    assert line("A1") == ["A", "A1"]


def test_what_is_already_so_writes_nothing(chain: None) -> None:
    rows = [person("1"), person("2")]
    assert imported(rows) == [("created", "")] * 2
    before = db.session.execute(text("SELECT xmin, xmax, ctid FROM staff ORDER BY staff_no")).all()
    assert imported(rows) == [("unchanged", "")] * 2
    assert db.session.execute(text("SELECT xmin, xmax, ctid FROM staff ORDER BY staff_no")).all() == before
    assert imported([person("1"), person("2", name="李娜")]) == [("unchanged", ""), ("updated", "")]
    assert dict(db.session.execute(select(Staff.staff_no, Staff.version)).all()) == {"1": 1, "2": 2}


def test_an_import_never_replaces_a_password(chain: None) -> None:
    imported([person("1", password_hash="first")])
    assert imported([person("1", password_hash="second", name="新名")]) == [("updated", "")]
    assert db.session.scalars(select(Staff.password_hash)).one() == "first"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (store("S1", region_code="none"), "unknown_code"),
        (store("S1", region_code="a\x00b"), "unknown_code"),
        (store("S1", time_zone="Asia/Beijing"), "unknown_time_zone"),
        (store("S1", currency="XYZ1"), "unknown_currency"),
        (store("S1", closed_on=date(2020, 1, 1)), "dates_reversed"),
        (store("S1", tags=("a",) * 51), "too_many"),
        (store("S1", tags=("",)), "required"),
        (store("S1", name="a\x00b"), "bad_characters"),
        (store("S1", name=" "), "required"),
        (store("S" * 65), "too_long"),
        (person("1", roles=()), "required"),
        (person("1", roles=("boss",)), "unknown_role"),
        (person("1", store_code=None), "store_required"),
        (person("1", store_code="none"), "unknown_code"),
        (person("1", roles=("regional_manager",)), "region_required"),
        (person("1", region_code="none"), "unknown_code"),
        (person("1", left_on=date(2020, 1, 1)), "dates_reversed"),
    ],
)
def test_a_bad_row_is_told_and_not_written(chain: None, row: StoreRow | StaffRow, code: str) -> None:
    good = store("S2") if isinstance(row, StoreRow) else person("2")
    assert imported([row, good, good]) == [("rejected", code), ("created", ""), ("rejected", "duplicate")]  # type: ignore[list-item]
    assert db.session.scalar(select(func.count()).select_from(Store)) == (2 if isinstance(row, StoreRow) else 1)


def test_more_rows_than_one_statement_takes(chain: None) -> None:
    rows = [person(f"N{number}") for number in range(10_001)]
    assert imported(rows) == [("created", "")] * 10_001
    assert imported([*rows, person("new")])[-2:] == [("unchanged", ""), ("created", "")]


@pytest.mark.parametrize("name", ["ཚེ་རིང་", "محمد علي", "สมชาย", "王མ", "Łukasz"])
def test_a_name_that_posters_cannot_draw_is_told_when_it_is_given(chain: None, name: str) -> None:
    assert imported([person("A", name=name), person("B")]) == [("rejected", "name_not_drawable"), ("created", "")]
    imported([person("A")])
    assert imported([person("A", name=name)]) == [("rejected", "name_not_drawable")]


DRAWN = [
    "王芳",
    "龘靐齉",
    "𠮷野",
    "Nguyễn Thị Ánh",
    "Nguye\u0302\u0303n",
    "Zoë O'Brien",
    "古丽·艾合",
    "Иван",
    "김민지",
    "小芳🌸",
]


@pytest.mark.parametrize("name", DRAWN)
def test_names_that_posters_draw_are_taken(chain: None, name: str) -> None:
    assert imported([person("A", name=name)]) == [("created", "")]
