"""The poster of a forward: drawn when someone first asks for it, kept under what went into it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from PIL import Image

from content_center import links, posters
from kit import storage

# A fitted photo is about 2 MB; every guide's poster of the same content uses the same one.
KEPT_PHOTOS = 16


def poster_of(shared: Mapping[str, Any]) -> bytes:
    """The JPEG of a forward's poster (`shared` from `queries.find_shared`); touches no database.

    Two callers at once may both draw it; they store the same bytes.
    """
    stored_at = poster_path(shared)
    if storage.has(stored_at):
        return storage.get(stored_at)
    jpeg = draw_poster(shared)
    storage.put(stored_at, jpeg)
    return jpeg


def draw_poster(shared: Mapping[str, Any], *, template: posters.Template | None = None) -> bytes:
    """The JPEG that `poster_of` keeps, drawn now; `template` stands in for the one that `shared` names."""
    spec, photo_key, portrait_key = _spec(shared), _photo_key(shared), shared["portrait_key"]
    portrait = storage.get(portrait_key) if portrait_key else None
    fitted = _fitted(photo_key, spec.template) if photo_key else None
    return posters.draw_poster(replace(spec, portrait=portrait), template=template, fitted_photo=fitted)


def poster_path(shared: Mapping[str, Any]) -> str:
    """Where the poster is kept once drawn: named by all that went into it."""
    key = posters.poster_key(
        _spec(shared),
        photo_sha256=_sha256(_photo_key(shared)),
        portrait_sha256=_sha256(shared["portrait_key"]),
    )
    return f"posters/{key[:2]}/{key}.jpg"


def _photo_key(shared: Mapping[str, Any]) -> str | None:
    products = shared["shown"]["products"]
    return products[0]["image_key"] if products else None


def _spec(shared: Mapping[str, Any]) -> posters.PosterSpec:
    shown = shared["shown"]
    product = shown["products"][0] if shown["products"] else None
    return posters.PosterSpec(
        template=shared["poster_template"],
        headline=shared["title"],
        body=shared["body"],
        product_name=product["title"] if product else "",
        brand_name=product["brand"] if product else "",
        price_fen=product["price_fen"] if product else None,
        list_price_fen=product["list_price_fen"] if product else None,
        currency=product["currency"] if product else "CNY",
        photo=None,
        guide_name=shown["guide_name"],
        store_name=shown["store_name"],
        portrait=None,
        link_url=links.share_url(shared["token"]),
        language=shown["language"],
    )


def _sha256(storage_key: str | None) -> str | None:
    """Stored pictures are named by their SHA-256."""
    return PurePath(storage_key).stem if storage_key else None


@lru_cache(maxsize=KEPT_PHOTOS)
def _fitted(photo_key: str, template: str) -> Image.Image | None:
    return posters.fit_photo(storage.get(photo_key), template=posters.get_template(template))
