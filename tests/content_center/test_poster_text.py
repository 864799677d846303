"""Lines of Chinese, Latin and both: where they end, what is kept, what a face cannot draw."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content_center.posters.lettering import Lettering
from content_center.posters.linebreak import NO_LINE_END, NO_LINE_START, THIN_SPACE, is_wide, pieces, with_autospace
from content_center.posters.prices import is_reduced, price_parts
from content_center.posters.templates import Line
from content_center.posters.typeset import ELLIPSIS, clean, shorten, wrap
from kit.faces import has_glyph


def squares(text: str) -> float:
    """Widths as in a ruled exercise book: a full square for Chinese, half for Latin."""
    return sum(1.0 if is_wide(character) or character == ELLIPSIS else 0.5 for character in text)


def lines_of(text: str, width: float, max_lines: int = 9, *, balance: bool = False) -> list[str]:
    return wrap(text, width=width, max_lines=max_lines, measure=squares, balance=balance)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("清晨一滴焕亮", 3, ["清晨一", "滴焕亮"]),
        ("清晨一滴，焕亮", 4, ["清晨一", "滴，焕亮"]),  # the comma may not begin a line: its character comes along
        ("她说：“真好用”", 4, ["她说：", "“真好用”"]),  # an opening quote may not end one
        ("含《本草》精华", 3, ["含《本", "草》精", "华"]),
        ("真的好用！！推荐", 5, ["真的好", "用！！推荐"]),
        ("等等……再看看", 3, ["等", "等……", "再看看"]),
        ("SPF50+ 防晒乳", 4, ["SPF50+", "防晒乳"]),
        ("立省¥1,299.00到手", 5, ["立省", "¥1,299.00", "到手"]),
        ("容量30毫升装", 4, ["容量", "30毫升装"]),  # a number keeps its measure word
        ("含15%烟酰胺", 3, ["含15%", "烟酰胺"]),
        ("long-lasting care", 4, ["long-", "lasting", "care"]),
        ("第一行\n第二行", 9, ["第一行", "第二行"]),
    ],
)
def test_lines_end_where_a_compositor_would_end_them(text: str, width: float, lines: list[str]) -> None:
    assert lines_of(text, width) == lines


def test_a_word_longer_than_the_line_is_cut_as_a_last_resort() -> None:
    assert lines_of("Supercalifragilistic", 5) == ["Supercalif", "ragilistic"]


def test_no_single_character_stands_alone_on_the_last_line() -> None:
    assert lines_of("质地轻盈如水不黏腻", 8) == ["质地轻盈如水不", "黏腻"]
    assert lines_of("质地轻盈如水不黏。", 8) == ["质地轻盈如水", "不黏。"]


def test_headings_break_at_the_pause_and_evenly() -> None:
    assert lines_of("换季泛红，先把洁面换温和", 8, balance=True) == ["换季泛红，", "先把洁面换温和"]
    assert lines_of("一瓶焕亮熬夜脸也有光", 8, balance=True) == ["一瓶焕亮熬", "夜脸也有光"]


def test_too_much_text_ends_in_an_ellipsis_without_punctuation_before_it() -> None:
    assert lines_of("清晨一滴，焕亮一整天", 5, 1) == ["清晨一滴…"]
    assert lines_of("清晨一滴，焕亮一整天，夜里修护", 6, 2) == ["清晨一滴，焕", "亮一整天…"]


def test_latin_is_shortened_by_whole_words() -> None:
    assert shorten("radiant glowing skin", width=8, measure=squares) == "radiant…"
    assert shorten("radiantly", width=3, measure=squares) == "radi…"


def test_the_ellipsis_does_not_pull_up_the_next_paragraph() -> None:
    assert lines_of("短\n另一段很长的文字", 9, 1) == ["短…"]


def test_chinese_and_latin_stand_a_thin_space_apart() -> None:
    assert with_autospace("含15%VC精华") == f"含{THIN_SPACE}15%VC{THIN_SPACE}精华"
    assert with_autospace("含 VC，A醇") == f"含 VC，A{THIN_SPACE}醇"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("今日好物😀✨", "今日好物"),
        ("好物 😍 推荐", "好物 推荐"),
        ("爱❤️你", "爱♥你"),
        ("限时1️⃣天", f"限时{THIN_SPACE}1{THIN_SPACE}天"),
        ("👩‍👩‍👧一家", "一家"),
        ("零宽\u200b空\ufeff白", "零宽空白"),
        ("多  个\t空格 ，收拢", "多 个 空格，收拢"),
        ("第一段\r\n\r\n第二段", "第一段\n第二段"),
        ("\x00控制\x07字符", "控制字符"),
    ],
)
def test_what_has_no_glyph_leaves_no_trace(text: str, kept: str) -> None:
    assert clean(text, has_glyph=lambda character: has_glyph(character, "sans")) == kept


def test_faces_know_what_they_can_draw() -> None:
    assert all(has_glyph(character, family) for character in "肤囍A¥，…€ℓ℃" for family in ("sans", "serif"))
    assert not any(has_glyph(character, family) for character in "😀\U0010ffff" for family in ("sans", "serif"))


LETTERS = st.sampled_from("肌肤焕亮精华液晨夜修护水润光感紧致温和敏感一瓶两季")
WORDS = st.sampled_from(["VC", "SPF50+", "PA++++", "30ml", "¥1,299", "15%", "A", "glow", "e.l.f.", "7天", "B5"])
OPENING, CLOSING = "（《“【", "，。！？；：、）》”】…"
PHRASES = st.builds(
    lambda before, word, after, space: before + word + after + space,
    st.sampled_from(["", "", "", *OPENING]),
    st.one_of(LETTERS, LETTERS, WORDS),
    st.sampled_from(["", "", "", *CLOSING]),
    st.sampled_from(["", "", " "]),
)
TEXTS = st.lists(PHRASES, min_size=1, max_size=60).map(lambda parts: "".join(parts).strip())


def bare(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None, max_examples=300)
@given(text=TEXTS, width=st.integers(9, 30), max_lines=st.integers(1, 8), balance=st.booleans())
def test_lines_keep_the_rules(text: str, width: int, max_lines: int, balance: bool) -> None:
    text = clean(text, has_glyph=lambda _: True)
    lines = lines_of(text, width, max_lines, balance=balance)
    assert 1 <= len(lines) <= max_lines
    assert all(squares(line) <= width for line in lines)
    assert not any(line[0] in NO_LINE_START for line in lines)
    assert not any(line[-1] in NO_LINE_END for line in lines)
    joined = bare("".join(lines))
    if joined != bare(text):
        assert len(lines) == max_lines
        assert lines[-1].endswith(ELLIPSIS)
        assert bare(text).startswith(joined.removesuffix(ELLIPSIS))


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=120), width=st.integers(3, 20), balance=st.booleans())
def test_whatever_is_written_stays_inside_the_box(text: str, width: int, balance: bool) -> None:
    lines = lines_of(text, width, 3, balance=balance)
    assert len(lines) <= 3
    assert all(squares(line) <= width for line in lines)


@given(text=TEXTS)
def test_pieces_lose_nothing(text: str) -> None:
    assert "".join(pieces(text)) == text


@settings(deadline=None, max_examples=60)
@given(
    text=TEXTS,
    size=st.sampled_from([27, 31, 58, 88]),
    family=st.sampled_from(["sans", "serif"]),
    tracking=st.sampled_from([0, 3]),
)
def test_real_faces_draw_no_wider_than_the_box(text: str, size: int, family: str, tracking: int) -> None:
    look = Line(size=size, colour="#000000", family=family, tracking=tracking)  # type: ignore[arg-type]
    lettering = Lettering(look, "zh")
    lines = wrap(lettering.clean(text), width=900, max_lines=4, measure=lettering.advance)
    assert all(lettering.width(line) <= 901 for line in lines)


def test_marks_in_a_row_close_up_and_quotes_in_english_are_narrow() -> None:
    chinese = Lettering(Line(size=40, colour="#000000"), "zh")
    english = Lettering(Line(size=40, colour="#000000"), "en")
    assert chinese.width("好。”（新") < chinese.width("好。") + chinese.width("”") + chinese.width("字（新")
    assert english.width("“It’s”") < chinese.width("“It") + 40
    assert chinese.width("L’Or") < 120  # an apostrophe inside a Latin word is not a full square


@pytest.mark.parametrize(
    ("fen", "currency", "shown"),
    [
        (129_900, "CNY", ("¥", "1,299", "")),
        (129_950, "CNY", ("¥", "1,299", ".50")),
        (5, "CNY", ("¥", "0", ".05")),
        (0, "CNY", ("¥", "0", "")),
        (123_456_789, "USD", ("$", "1,234,567", ".89")),
        (129_900, "JPY", ("¥", "129,900", "")),
        (100, "CHF", ("CHF ", "1", "")),
    ],
)
def test_prices_read_as_people_write_them(fen: int, currency: str, shown: tuple[str, str, str]) -> None:
    assert price_parts(fen, currency) == shown


def test_a_negative_price_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="not negative"):
        price_parts(-1, "CNY")


@pytest.mark.parametrize(("list_price", "reduced"), [(None, False), (900, False), (899, False), (901, True)])
def test_only_a_higher_original_price_is_struck_through(list_price: int | None, reduced: bool) -> None:
    assert is_reduced(900, list_price) is reduced
