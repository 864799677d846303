"""Lines of descent, against a slow way to find them."""

from hypothesis import given
from hypothesis import strategies as st

from staff.rules.tree import in_cycle, lines_of_descent

CODES = st.sampled_from("abcdefgh")


def climb(code: str, parents: dict[str, str | None]) -> list[str] | None:
    line = [code]
    while (parent := parents.get(line[0], "nothing")) is not None:
        if parent not in parents or len(line) > len(parents):
            return None
        line.insert(0, parent)
    return line


@given(st.dictionaries(CODES, st.one_of(st.none(), CODES)))
def test_every_region_knows_its_line_or_has_none(parents: dict[str, str | None]) -> None:
    lines = lines_of_descent(parents)
    assert lines == {code: line for code in parents if (line := climb(code, parents)) is not None}
    for code in lines:
        assert not in_cycle(code, parents)
