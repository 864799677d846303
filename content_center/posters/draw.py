"""From a spec and a template to a JPEG."""

from functools import lru_cache
from hashlib import sha256

from PIL import Image, ImageDraw

from content_center.posters.cards import draw_guide_card, draw_qr_code
from content_center.posters.columns import draw_column
from content_center.posters.shapes import draw_gradient, draw_rect, paste_rounded
from content_center.posters.spec import DRAWING_VERSION, PosterSpec, key_of
from content_center.posters.templates import (
    Column,
    Gradient,
    GuideCard,
    Layer,
    Photo,
    Rect,
    Template,
    get_template,
)
from kit.images import contain, decode_image, encode_jpeg, fit

MAX_PHOTO_PIXELS = 60_000_000
MAX_PHOTO_BYTES = 40_000_000
JPEG_QUALITY = 85


def draw_poster(
    spec: PosterSpec, *, template: Template | None = None, fitted_photo: Image.Image | None = None
) -> bytes:
    """The poster as a JPEG; `fitted_photo` (from `fit_photo`) spares the photo's decoding and fitting.

    `template` stands in for the house template of the spec's name, as in a preview of one being designed.
    Raises UnknownTemplate, ImageRefused (photo, portrait), LinkTooLong.
    """
    template = template or get_template(spec.template)
    if fitted_photo is None and spec.photo is not None:
        fitted_photo = fit_photo(spec.photo, template=template)
    lowest, upper = ground(template)
    sheet = lowest.copy()
    pen = ImageDraw.Draw(sheet, "RGBA")
    for layer in upper:
        _draw_layer(sheet, pen, layer, spec, fitted_photo)
    # Full colour resolution: at half, red lettering frays.
    return encode_jpeg(sheet, quality=JPEG_QUALITY, subsampling="4:4:4")


def fit_photo(photo: bytes, *, template: Template) -> Image.Image | None:
    """The photo as it goes into the template's box, or None where the template shows none; raises ImageRefused.

    Worth keeping under `fitted_key`: every guide's poster of the same content uses the same one.
    """
    layer = template.photo
    if layer is None:
        return None
    size = layer.box[2:]
    picture = decode_image(photo, max_pixels=MAX_PHOTO_PIXELS, max_bytes=MAX_PHOTO_BYTES, at_least=size)
    if layer.fit == "contain":
        return contain(picture, size)
    return fit(picture, size, focus=layer.focus)


def fitted_key(photo_sha256: str, *, template: Template) -> str:
    """SHA-256 (hex) of all that shapes the fitted photo: the photo, the box, the drawing version."""
    layer = template.photo
    place = (layer.box[2:], layer.fit, layer.focus) if layer else ()
    return sha256(repr((DRAWING_VERSION, photo_sha256, place)).encode()).hexdigest()


def poster_key(
    spec: PosterSpec,
    *,
    template: Template | None = None,
    photo_sha256: str | None = None,
    portrait_sha256: str | None = None,
) -> str:
    """SHA-256 (hex) under which the drawn poster may be kept: any change to what it shows changes the key.

    A caller that knows a picture's SHA-256 gives that and need not load the picture.
    """
    template = template or get_template(spec.template)
    return key_of(spec, template=template, photo_sha256=photo_sha256, portrait_sha256=portrait_sha256)


@lru_cache(maxsize=16)
def ground(template: Template) -> tuple[Image.Image, tuple[Layer, ...]]:
    """The lowest layers, which look the same on every poster, already drawn; and the layers above them."""
    canvas = template.canvas
    sheet = Image.new("RGB", (canvas.width, canvas.height), canvas.background)
    for at, layer in enumerate(template.layers):
        if not isinstance(layer, Rect | Gradient):
            return sheet, template.layers[at:]
        _draw_shape(sheet, layer)
    return sheet, ()


def _draw_layer(
    sheet: Image.Image, pen: ImageDraw.ImageDraw, layer: Layer, spec: PosterSpec, photo: Image.Image | None
) -> None:
    if isinstance(layer, Rect | Gradient):
        _draw_shape(sheet, layer)
    elif isinstance(layer, Photo):
        _draw_photo(sheet, layer, photo)
    elif isinstance(layer, Column):
        draw_column(pen, layer, spec)
    elif isinstance(layer, GuideCard):
        draw_guide_card(sheet, pen, layer, spec)
    else:
        draw_qr_code(sheet, layer, spec.link_url)


def _draw_shape(sheet: Image.Image, layer: Rect | Gradient) -> None:
    if isinstance(layer, Rect):
        draw_rect(sheet, layer)
    else:
        draw_gradient(sheet, layer)


def _draw_photo(sheet: Image.Image, layer: Photo, photo: Image.Image | None) -> None:
    x, y, width, height = layer.box
    if photo is None or photo.size != (width, height) or photo.mode != "RGB":
        backing = Gradient(box=layer.box, start=layer.backing, end=layer.backing_end, radii=layer.radii)
        draw_gradient(sheet, backing)
    if photo is None:
        return
    if photo.size == (width, height) and photo.mode == "RGB":
        paste_rounded(sheet, photo, (x, y), layer.radii)
        return
    tile = sheet.crop((x, y, x + width, y + height))
    tile.paste(photo, ((width - photo.width) // 2, (height - photo.height) // 2), _alpha(photo))
    paste_rounded(sheet, tile, (x, y), layer.radii)


def _alpha(photo: Image.Image) -> Image.Image | None:
    return photo.getchannel("A") if photo.mode == "RGBA" else None
