"""Pictures from outside, made safe: recognised by content, upright, in sRGB, with nothing but pixels kept."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import Literal

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from kit.errors import Invalid

# Every other decoder that Pillow has (EPS, TIFF, PSD, …) stays out of reach of uploads.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # what several phones write: a JPEG with further pictures behind it
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "HEIF": "image/heic",
}
MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
ORIENTATION_TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)

pillow_heif.register_heif_opener()


class ImageRefused(Invalid):
    """The file is not a picture that may come in."""

    code = "image_refused"
    title = "This picture cannot be used"


class ImageUnknownFormat(ImageRefused):
    """The content is none of JPEG, PNG, WebP, GIF, HEIC, whatever its name says."""

    code = "image_unknown_format"
    title = "Not a JPEG, PNG, WebP, GIF or HEIC picture"


class ImageDisguised(ImageRefused):
    """The content is a picture, but of another type than the one declared."""

    code = "image_disguised"
    title = "The picture is not of the declared type"


class ImageTruncated(ImageRefused):
    """The picture ends too early or is damaged."""

    code = "image_truncated"
    title = "The picture is cut short or damaged"


class ImageTooLarge(ImageRefused):
    """The picture has more bytes or more pixels than allowed; a decompression bomb is refused here, undecoded."""

    code = "image_too_large"
    title = "The picture is too large"


def decode_image(
    data: bytes,
    *,
    max_pixels: int,
    max_bytes: int,
    media_type: str | None = None,
    at_least: tuple[int, int] | None = None,
) -> Image.Image:
    """The first frame as an upright sRGB picture, RGB or (where transparent) RGBA, without any metadata.

    `at_least` (width, height) lets a large JPEG be decoded at a fraction of its size, never smaller than that.
    Raises ImageRefused: too large, truncated, of an unknown format, or not of `media_type` where one is given.
    """
    if len(data) > max_bytes:
        raise ImageTooLarge(bytes=len(data), max_bytes=max_bytes)
    with _refusing(data):
        picture = Image.open(BytesIO(data), formats=FORMATS)
    _check_header(picture, media_type=media_type, max_pixels=max_pixels)
    orientation = _orientation(picture)
    if at_least:
        picture.draft(None, at_least[::-1] if orientation in SIDEWAYS else at_least)
    with _refusing(data):
        picture.load()
        upright = _turned(_in_srgb(picture), orientation)
    upright.info.clear()
    return upright


def encode_jpeg(image: Image.Image, *, quality: int = 85, subsampling: Literal["4:2:0", "4:4:4"] = "4:2:0") -> bytes:
    """A baseline JPEG without metadata; transparency becomes white. Use 4:4:4 where coloured text must stay sharp."""
    out = BytesIO()
    flat = flattened(image) if image.mode != "RGB" else image
    flat.save(out, "JPEG", quality=quality, subsampling=subsampling, exif=b"", comment=b"", icc_profile=None)
    return out.getvalue()


def fit(image: Image.Image, size: tuple[int, int], *, focus: tuple[float, float] = (0.5, 0.5)) -> Image.Image:
    """`image` scaled and cropped to fill `size`; `focus` (0…1 from the top left) is what cropping keeps."""
    if image.size == size:
        return image
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=focus)


def contain(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """`image` scaled to lie wholly inside `size`; one side may stay shorter."""
    if image.size == size:
        return image
    return ImageOps.contain(image, size, Image.Resampling.LANCZOS)


def flattened(image: Image.Image) -> Image.Image:
    """`image` as RGB; what was transparent shows white."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    return flat


@contextmanager
def _refusing(data: bytes) -> Iterator[None]:
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLarge from error
    except UnidentifiedImageError as error:
        raise (ImageTruncated if _begins_like_picture(data) else ImageUnknownFormat) from error
    except Exception as error:
        # Decoders meet damaged files with OSError, SyntaxError, EOFError, struct.error, zlib.error and more.
        raise ImageTruncated from error


def _begins_like_picture(data: bytes) -> bool:
    webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    heif = data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS
    return data.startswith(MAGIC) or webp or heif


def _check_header(picture: Image.Image, *, media_type: str | None, max_pixels: int) -> None:
    if picture.width * picture.height > max_pixels:
        raise ImageTooLarge(width=picture.width, height=picture.height, max_pixels=max_pixels)
    found = MEDIA_TYPES[str(picture.format)]
    if media_type and found != {"image/heif": "image/heic", "image/jpg": "image/jpeg"}.get(media_type, media_type):
        raise ImageDisguised(declared=media_type, found=found)


def _orientation(picture: Image.Image) -> int:
    try:
        value = picture.getexif().get(ORIENTATION_TAG, 1)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return 1  # damaged metadata is no reason to refuse a good picture: it is dropped anyway
    return value if isinstance(value, int) else 1


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    turn = TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    target = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode.startswith("I"):
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        picture = picture.convert(target)
    if profile and not _is_srgb(profile):
        picture = _converted(picture, profile, target)
    return picture.convert(target)


def _converted(picture: Image.Image, profile: bytes, target: str) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, _srgb(), outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # an unreadable profile: the numbers are most likely sRGB already
    return converted or picture


@lru_cache(maxsize=64)
def _is_srgb(profile: bytes) -> bool:
    try:
        return "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
