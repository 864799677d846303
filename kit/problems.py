"""What is wrong with one field of a row, as a file or an editor gives it."""

from typing import Any, NamedTuple

from kit.words import Said


class Problem(NamedTuple):
    """Why a row is refused, or taken without a cell: the field, and words that repeat no personal data."""

    field: str
    said: Said

    @property
    def code(self) -> str:
        """The stable code of the reason."""
        return self.said.code

    def as_told(self) -> dict[str, Any]:
        """As reports of files tell it."""
        return {"field": self.field, "code": self.code, "message": self.said}
