"""What becomes of a content; its versions have their own times beside it (docs/content.md)."""

from kit.moves import Moves

CONTENT_MOVES: Moves = {
    ("draft", "submit"): "in_review",
    # Of a new version, beside the one in review or the one that is shown.
    ("in_review", "submit"): "in_review",
    ("published", "submit"): "published",
    ("in_review", "return"): "draft",
    ("published", "return"): "published",
    # The first version is taken back before its time came.
    ("published", "unschedule"): "draft",
    ("draft", "publish"): "published",
    ("in_review", "publish"): "published",
    ("published", "publish"): "published",
    ("published", "withdraw"): "withdrawn",
    ("withdrawn", "hide"): "withdrawn",
}
