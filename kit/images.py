"""Pictures from outside, made safe: recognised by content, upright, in sRGB, with nothing but pixels kept."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import Literal, NamedTuple

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from kit.errors import Invalid
from kit.jpeg_scans import count_scans
from kit.memory import Budget

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

# Decoders of these hold the picture twice while they work.
KIND_PIXELS = {"HEIF": 50_000_000, "WEBP": 50_000_000, "GIF": 25_000_000}
# Programs write ten scans or so; each costs as much as the picture has pixels.
MAX_SCANS = 40
MAX_SCANNED_PIXELS = 800_000_000
# What all decoding of a process may hold at the same time, and how long one waits for another. A picture that takes
# more is decoded alone.
DECODING = Budget(512 * 1024 * 1024, patience_seconds=8)

pillow_heif.register_heif_opener()


class ImageRefused(Invalid):
    """The file is not a picture that may come in."""

    code = "image_refused"


class ImageUnknownFormat(ImageRefused):
    """The content is none of JPEG, PNG, WebP, GIF, HEIC, whatever its name says."""

    code = "image_unknown_format"


class ImageDisguised(ImageRefused):
    """The content is a picture, but of another type than the one declared."""

    code = "image_disguised"


class ImageTruncated(ImageRefused):
    """The picture ends too early or is damaged."""

    code = "image_truncated"


class ImageTooLarge(ImageRefused):
    """The picture has more bytes or more pixels than allowed; a decompression bomb is refused here, undecoded."""

    code = "image_too_large"


class ImageTooManyScans(ImageRefused):
    """A progressive JPEG that goes over the picture so often that decoding it takes many times as long."""

    code = "image_too_many_scans"


class Decoded(NamedTuple):
    """An upright picture, perhaps at a fraction of the size that it came with: `width` and `height`."""

    picture: Image.Image
    width: int
    height: int


def decode_image(
    data: bytes,
    *,
    max_pixels: int,
    max_bytes: int,
    media_type: str | None = None,
    at_least: tuple[int, int] | None = None,
) -> Image.Image:
    """The first frame as an upright sRGB picture, RGB or (where transparent) RGBA, without any metadata.

    `at_least` (width, height) lets a large picture come at a fraction of its size, never smaller than that.
    Raises ImageRefused: too large, truncated, of an unknown format, or not of `media_type` where one is given; and
    MemoryBusy while other large pictures are decoded.
    """
    limits = {"max_pixels": max_pixels, "max_bytes": max_bytes}
    return decode_with_size(data, **limits, media_type=media_type, at_least=at_least).picture


def decode_with_size(
    data: bytes,
    *,
    max_pixels: int,
    max_bytes: int,
    media_type: str | None = None,
    at_least: tuple[int, int] | None = None,
) -> Decoded:
    """Like `decode_image`, with the size that the whole picture has."""
    if len(data) > max_bytes:
        raise ImageTooLarge(bytes=len(data), max_bytes=max_bytes)
    with _refusing(data):
        picture = Image.open(BytesIO(data), formats=FORMATS)
    _check_header(picture, media_type=media_type, max_pixels=max_pixels)
    _check_scans(picture, data)
    width, height = picture.size
    if at_least and picture.format in ("JPEG", "MPO"):
        picture.draft(None, at_least[::-1] if _orientation(picture) in SIDEWAYS else at_least)
    with DECODING.taking(_needed_bytes(picture, width * height)), _refusing(data):
        # Of some kinds even the orientation is only known once all is decoded.
        orientation = _orientation(picture)
        picture.load()
        smaller = _reduced(picture, at_least, orientation) if at_least else picture
        upright = _turned(_in_srgb(smaller), orientation)
    upright.info.clear()
    return Decoded(upright, *((height, width) if orientation in SIDEWAYS else (width, height)))


def _reduced(picture: Image.Image, at_least: tuple[int, int], orientation: int) -> Image.Image:
    """What `draft` does for JPEG: while a picture is worked on further, it holds no more memory than needed."""
    width, height = at_least[::-1] if orientation in SIDEWAYS else at_least
    factor = min(picture.width // width, picture.height // height)
    if factor < 2 or picture.mode in ("P", "1", "PA"):
        return picture
    reduced = picture.reduce(factor)
    reduced.info = picture.info
    return reduced


def _needed_bytes(picture: Image.Image, whole_pixels: int) -> int:
    """What decoding holds at its worst: two copies of four bytes a pixel, and what the decoder itself keeps."""
    copies = 2 * 4 * picture.width * picture.height
    if picture.info.get("progressive"):
        return copies + 6 * whole_pixels  # all coefficients of all pixels, whatever comes out
    return copies + (4 * whole_pixels if picture.format in KIND_PIXELS else 0)


def encode_jpeg(image: Image.Image, *, quality: int = 85, subsampling: Literal["4:2:0", "4:4:4"] = "4:2:0") -> bytes:
    """A baseline JPEG without metadata; transparency becomes white. Use 4:4:4 where coloured text must stay sharp."""
    out = BytesIO()
    flat = flattened(image) if image.mode != "RGB" else image
    flat.save(out, "JPEG", quality=quality, subsampling=subsampling, exif=b"", comment=b"", icc_profile=None)
    return out.getvalue()


def encode_webp(image: Image.Image, *, quality: int = 75) -> bytes:
    """A lossy WebP without metadata, transparency kept: a third smaller than a JPEG that looks the same."""
    out = BytesIO()
    image.save(out, "WEBP", quality=quality, method=4, exif=b"", icc_profile=b"", xmp=b"")
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
    if picture.width * picture.height > KIND_PIXELS.get(str(picture.format), max_pixels):
        raise ImageTooLarge(width=picture.width, height=picture.height, max_pixels=KIND_PIXELS[str(picture.format)])
    if media_type and found != {"image/heif": "image/heic", "image/jpg": "image/jpeg"}.get(media_type, media_type):
        raise ImageDisguised(declared=media_type, found=found)


def _check_scans(picture: Image.Image, data: bytes) -> None:
    if picture.format not in ("JPEG", "MPO"):
        return
    most = min(MAX_SCANS, max(10, MAX_SCANNED_PIXELS // (picture.width * picture.height)))
    if count_scans(data, most=most) > most:
        raise ImageTooManyScans(max_scans=most)


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
    # What came from a file would keep its metadata; a copy has none.
    return picture if picture.mode == target and type(picture) is Image.Image else picture.convert(target)


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
