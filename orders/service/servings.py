"""Who a receipt or a refund says served: known people, and shares that come to a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from kit.codes import fold_code
from kit.words import Said, say
from orders.incoming import Serving
from orders.queries import matching
from orders.rules.receipts import why_shares_are_crooked


class _Line(Protocol):
    @property
    def serving(self) -> list[Serving] | None:
        """Who served for this line; None: as for the whole."""


class Served(Protocol):
    """An order or a refund as its source sends it."""

    @property
    def serving(self) -> list[Serving]:
        """Who served."""

    @property
    def lines(self) -> Sequence[_Line]:
        """What was bought or given back."""


def find_named(items: Iterable[Served]) -> set[str]:
    """The staff numbers that these say."""
    return {serving.staff_no for item in items for group in _groups(item) for serving in group}


def why_servings_are_wrong(item: Served, people: Mapping[str, matching.PersonRef]) -> Said | None:
    """Why the shares are no shares, or who of those named is not known."""
    for group in _groups(item):
        if problem := why_shares_are_crooked([(serving.staff_no, serving.share_bp) for serving in group]):
            return problem
        for serving in group:
            if fold_code(serving.staff_no) not in people:
                return say("unknown_guide", staff_no=serving.staff_no)
    return None


def served_by(servings: Sequence[Serving], people: Mapping[str, matching.PersonRef]) -> tuple[list[UUID], list[int]]:
    """The ids and the shares of who served, as a line keeps them."""
    return [people[fold_code(one.staff_no)].id for one in servings], [one.share_bp for one in servings]


def _groups(item: Served) -> Iterator[list[Serving]]:
    yield item.serving
    yield from (line.serving for line in item.lines if line.serving is not None)
