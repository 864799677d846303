"""What brands' files look like: pure readers that stream, one module per family of formats."""

from catalog.formats.reading import FORMATS, FORMATS_IN_PIECES, read_items

__all__ = ["FORMATS", "FORMATS_IN_PIECES", "read_items"]
