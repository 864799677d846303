"""What the content center's routes take and give."""

from content_center.schemas.content import ProductCardOut, ReasonOut

__all__ = ["ProductCardOut", "ReasonOut"]
