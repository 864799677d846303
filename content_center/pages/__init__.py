"""What strangers open: the shared page, its pictures, and the traces they leave."""

from content_center.pages import files, shared
from content_center.pages.blueprint import bp

__all__ = ["bp", "files", "shared"]
