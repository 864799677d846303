"""Codes fall together however they are typed, and Python and the database agree on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from guideapi.app import GuideApp
from kit.codes import MAX_CODE, fold_code, is_code
from kit.db import db

# Every character that a column can hold.
EVERY = [chr(n) for n in range(1, 0x110000) if not 0xD800 <= n < 0xE000]
KNOWN = [one for one in EVERY if is_code(f"a{one}")]
IN_SQL = text("SELECT fold_code(code) FROM unnest(CAST(:codes AS text[])) WITH ORDINALITY AS t (code, n) ORDER BY n")


def folded_in_sql(codes: list[str]) -> list[str]:
    return list(db.session.scalars(IN_SQL, {"codes": codes}))


@pytest.mark.parametrize(
    "written",
    [
        *("SH01-03", "sh01-03", "Sh01-03", "SH01-03 ", " SH01-03", "ＳＨ01-03", "SH01－03"),
        *("ｓｈ０１－０３", "SH01-03\u3000", "SH01-03\t", "\u00a0SH01-03", "SH01-03\r\n", "SH 01-03", "SH\u200901-03"),
        *("SH\u200b01-03", "\ufeffSH01-03", "SH01-03\u200d", "SH\u00ad01-03", "\u202aSH01-03\u202c", "SH01-03\ufe0f"),
    ],
)
def test_blanks_width_and_case_make_no_other_code(written: str) -> None:
    assert fold_code(written) == "sh01-03"


@pytest.mark.parametrize(
    ("one", "other"),
    [("SH01-03", "SH0103"), ("0012", "12"), ("ß", "ss"), ("İ", "i"), ("ı", "I"), ("SH01–03", "SH01-03"), ("é", "e")],
)
def test_whatever_else_differs_makes_another_code(one: str, other: str) -> None:
    assert fold_code(one) != fold_code(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("É", "é"), ("É", "e\u0301"), ("Я", "я"), ("Ω", "Ω"), ("Σ", "ς"), ("ẞ", "ß"), ("Ⅳ", "iv"), ("ｶ", "カ")],
)
def test_letters_beyond_ascii_have_two_cases_and_two_widths_too(one: str, other: str) -> None:
    assert fold_code(one) == fold_code(other)


@pytest.mark.parametrize(
    "written", ["", " ", "\u3000", "\u200b\t", "a\x00", "\U0001cc00", "\ue000", "\ud800", "ﷺ" * 5, "a" * (MAX_CODE + 1)]
)
def test_what_cannot_be_a_code(written: str) -> None:
    assert not is_code(written)


@pytest.mark.parametrize("written", ["SH01", "南京东路-1", "a" * MAX_CODE, " a ", "𠀀", "ẞ"])
def test_what_can_be_a_code(written: str) -> None:
    assert is_code(written)


def test_python_and_database_fold_every_character_alike(app: GuideApp) -> None:
    """All that may stand in a code, and everything that ignores the rest."""
    assert len(KNOWN) > 80_000
    codes = [f"A{one}b" for one in KNOWN]
    assert folded_in_sql(codes) == [fold_code(code) for code in codes]


@given(
    codes=st.lists(
        st.text(st.sampled_from(KNOWN) | st.sampled_from("aAß \u3000\u200dＡ\u0301İ-0"), max_size=12), max_size=50
    )
)
def test_python_and_database_fold_every_text_alike(whole_app: GuideApp, codes: list[str]) -> None:
    with whole_app.app_context():
        folded = folded_in_sql(codes)
    assert folded == [fold_code(code) for code in codes]
    assert folded == [fold_code(code) for code in folded]  # there is nothing left to fold
