"""What a poster says, and the key under which a drawn one may be kept."""

import json
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Literal

from content_center.posters.templates import Template

# Raise when the same spec and template are to come out differently: drawn posters are kept under their key.
DRAWING_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class PosterSpec:
    """Everything a poster shows. Empty texts and `None` leave their place out; amounts are minor units."""

    template: str
    headline: str
    body: str
    product_name: str
    brand_name: str
    price_fen: int | None
    list_price_fen: int | None
    currency: str
    photo: bytes | None
    guide_name: str
    store_name: str
    portrait: bytes | None
    link_url: str
    language: Literal["zh", "en"]


def key_of(
    spec: PosterSpec, *, template: Template, photo_sha256: str | None = None, portrait_sha256: str | None = None
) -> str:
    """SHA-256 (hex) of all that shapes the picture: spec, pictures, template content, drawing version.

    A caller that knows a picture's SHA-256 gives that instead of the bytes, and gets the same key.
    """
    words = asdict(replace(spec, photo=None, portrait=None))
    words["photo"] = photo_sha256 or _digest(spec.photo)
    words["portrait"] = portrait_sha256 or _digest(spec.portrait)
    parts = [DRAWING_VERSION, template.digest, words]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _digest(picture: bytes | None) -> str | None:
    return None if picture is None else sha256(picture).hexdigest()
