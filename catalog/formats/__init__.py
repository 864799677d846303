"""What brands' files look like: pure readers that stream, one module per family of formats."""

from catalog.formats.reading import (
    FORMATS,
    FORMATS_IN_PIECES,
    FORMATS_WITH_NAMES,
    FORMATS_WITH_NUMBERED_PARENTS,
    FORMATS_WITH_SHARED_CODES,
    read_items,
)

__all__ = [
    "FORMATS",
    "FORMATS_IN_PIECES",
    "FORMATS_WITH_NAMES",
    "FORMATS_WITH_NUMBERED_PARENTS",
    "FORMATS_WITH_SHARED_CODES",
    "read_items",
]
