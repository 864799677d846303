"""What each kind of content cannot be without."""

from collections.abc import Sequence

from kit.words import Said, say

PICTURES = "image_set"
FILM = "video_link"


def find_missing(kind: str, *, products: int, pictures: int, films: int) -> dict[str, list[Said]]:
    """By field, what content of this kind still needs: an image set pictures, a video a film, a card a product.

    `products`, `pictures` and `films` are how many of each it has.
    """
    wanted = {
        PICTURES: ("asset_ids", pictures, say("content_incomplete.pictures")),
        FILM: ("asset_ids", films, say("content_incomplete.film")),
        "product_card": ("product_ids", products, say("content_incomplete.products")),
    }
    if kind not in wanted or wanted[kind][1]:
        return {}
    field, _, problem = wanted[kind]
    return {field: [problem]}


def shows_nothing(kind: str, *, pictures: int, films: int) -> bool:
    """Whether what the kind lives by was taken down since."""
    return (kind == PICTURES and not pictures) or (kind == FILM and not films)


def by_kind(video_keys: Sequence[str | None]) -> tuple[int, int]:
    """How many pictures and how many films assets are, by the film's key of each."""
    films = sum(key is not None for key in video_keys)
    return len(video_keys) - films, films
