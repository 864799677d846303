"""The first row of a table: names in either language, in any order and case, each once."""

import pytest

from kit.headings import SheetHeaderWrong, read_headings

TITLES = {"code": "门店编码", "union": "UnionID", "tags": "标签"}


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["code", "tags"], ["code", "tags"]),
        (["标签", "门店编码"], ["tags", "code"]),
        (["Code", "unionid", "TAGS"], ["code", "union", "tags"]),
        (["code", "", ""], ["code"]),
        ([], []),
    ],
)
def test_names_in_either_language(cells: list[str], names: list[str]) -> None:
    assert read_headings(cells, TITLES) == names


@pytest.mark.parametrize(
    ("cells", "column", "word"),
    [
        (["code", "salary"], "salary", "unknown_column"),
        (["code", "", "tags"], "", "unknown_column"),
        (["code", "门店编码"], "code", "repeated_column"),
        (["x" * 100], "x" * 64, "unknown_column"),
    ],
)
def test_others_and_repeated_ones_are_named(cells: list[str], column: str, word: str) -> None:
    with pytest.raises(SheetHeaderWrong) as refused:
        read_headings(cells, TITLES)
    [(told, [said])] = refused.value.errors.items()
    assert (told, said.code) == (column, word)
