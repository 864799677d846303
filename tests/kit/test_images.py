"""Pictures from outside: what comes in upright, in sRGB and bare, and what is refused with which code."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat
from PIL.ExifTags import GPS, IFD, Base

from kit.images import (
    ImageDisguised,
    ImageRefused,
    ImageTooLarge,
    ImageTruncated,
    ImageUnknownFormat,
    contain,
    decode_image,
    encode_jpeg,
    fit,
)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
RED, GREEN, BLUE = (220, 30, 30), (30, 180, 60), (30, 60, 200)


def decode(data: bytes, **limits: object) -> Image.Image:
    return decode_image(data, **{"max_pixels": 20_000_000, "max_bytes": 10_000_000, **limits})


def quarters(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """Red at the top left, green at the top right, blue below."""
    width, height = size
    picture = Image.new("RGB", size, BLUE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    return picture


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def colour_at(picture: Image.Image, x: float, y: float) -> tuple[int, int, int]:
    found = picture.convert("RGB").getpixel((int(x * picture.width), int(y * picture.height)))
    assert isinstance(found, tuple)
    return found


def near(found: tuple[int, ...], wanted: tuple[int, ...], tolerance: int = 24) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_formats_come_in(kind: str) -> None:
    picture = decode(saved(quarters(), kind))
    assert (picture.size, picture.mode) == ((96, 64), "RGB")
    assert near(colour_at(picture, 0.2, 0.2), RED)
    assert near(colour_at(picture, 0.8, 0.2), GREEN)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb_or_rgba(mode: str) -> None:
    data = saved(Image.new(mode, (8, 8)), "JPEG" if mode == "CMYK" else "PNG")
    assert decode(data).mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")


def test_sixteen_bits_keep_their_brightness() -> None:
    assert near(colour_at(decode(saved(Image.new("I;16", (4, 4), 32_768), "PNG")), 0, 0), (128, 128, 128), 2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("at_least", [None, (24, 24)])
def test_turned_photos_come_in_upright(orientation: int, at_least: tuple[int, int] | None) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = quarters((960, 640))
    if orientation in undo:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    picture = decode(saved(stored, "JPEG", exif=exif), at_least=at_least)
    assert picture.width > picture.height
    assert near(colour_at(picture, 0.2, 0.2), RED)
    assert near(colour_at(picture, 0.8, 0.2), GREEN)
    assert near(colour_at(picture, 0.5, 0.9), BLUE)


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[Base.Make] = "SECRETPHONE"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (31.0, 13.0, 49.0)
    data = saved(quarters(), "JPEG", exif=exif, comment=b"SECRETNOTE")
    assert b"SECRETPHONE" in data
    assert b"SECRETNOTE" in data
    picture = decode(data)
    again = encode_jpeg(picture)
    assert picture.info == {}
    assert not picture.getexif()
    assert b"SECRET" not in again
    assert b"Exif" not in again
    assert not Image.open(BytesIO(again)).getexif()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data", "ignore:Possibly corrupt EXIF data")
def test_damaged_metadata_does_not_spoil_a_good_picture() -> None:
    data = saved(quarters(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode(data).size == (96, 64)


def test_other_colour_spaces_become_srgb() -> None:
    picture = decode(saved(Image.new("RGB", (8, 8), (255, 0, 0)), "PNG", icc_profile=red_is_green()))
    red, green, blue = colour_at(picture, 0, 0)
    assert green > 200 > red + blue
    assert "icc_profile" not in picture.info


def test_an_unreadable_profile_is_ignored() -> None:
    picture = decode(saved(Image.new("RGB", (8, 8), (255, 0, 0)), "PNG", icc_profile=b"no profile at all"))
    assert colour_at(picture, 0, 0) == (255, 0, 0)


def red_is_green() -> bytes:
    """sRGB's profile with the primaries of red and green exchanged, under another name."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")
    return swapped.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def test_large_jpegs_decode_small_but_never_too_small() -> None:
    data = saved(quarters((3000, 2000)), "JPEG")
    picture = decode(data, at_least=(400, 300))
    assert picture.width >= 400
    assert picture.height >= 300
    assert picture.width < 1000


def test_a_turned_jpeg_is_large_enough_the_way_it_is_seen() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    picture = decode(saved(Image.new("RGB", (4000, 1000)), "JPEG", exif=exif), at_least=(1000, 500))
    assert picture.size == (1000, 4000)


def test_too_many_bytes_are_refused() -> None:
    data = saved(quarters(), "PNG")
    with pytest.raises(ImageTooLarge) as refused:
        decode(data, max_bytes=len(data) - 1)
    assert refused.value.code == "image_too_large"


@pytest.mark.parametrize("size", [(6000, 4000), (12_000, 10_000), (50_000, 50_000), (2_000_000_000, 2_000_000_000)])
def test_bombs_are_refused_undecoded(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooLarge):
        decode(png_claiming(*size))


def test_a_gif_bomb_is_refused() -> None:
    with pytest.raises(ImageTooLarge):
        decode(b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;")


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(4096))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.12, 0.5, 0.8])
def test_truncated_pictures_are_refused(kind: str, share: float) -> None:
    noisy = Image.effect_noise((200, 160), 60).convert("RGB")
    data = saved(noisy, kind)
    with pytest.raises(ImageTruncated) as refused:
        decode(data[: int(len(data) * share)])
    assert refused.value.code == "image_truncated"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"PK\x03\x04 a zip",
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"\x7fELF\x02\x01\x01",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"RIFF\x24\0\0\0WAVEfmt ",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(ImageUnknownFormat) as refused:
        decode(data)
    assert refused.value.code == "image_unknown_format"


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM"])
def test_pictures_of_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(ImageUnknownFormat):
        decode(saved(quarters(), kind))


def test_a_picture_under_a_false_name_is_refused() -> None:
    with pytest.raises(ImageDisguised) as refused:
        decode(saved(quarters(), "PNG"), media_type="image/jpeg")
    assert refused.value.code == "image_disguised"
    assert refused.value.details == {"declared": "image/jpeg", "found": "image/png"}


@pytest.mark.parametrize(
    ("kind", "media_type"), [("HEIF", "image/heif"), ("HEIF", "image/heic"), ("JPEG", "image/jpg")]
)
def test_usual_names_of_a_type_pass(kind: str, media_type: str) -> None:
    assert decode(saved(quarters(), kind), media_type=media_type).size == (96, 64)


VALID = [saved(Image.effect_noise((40, 30), 50).convert("RGB"), kind) for kind in FORMATS]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.sampled_from(VALID),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=12),
    length=st.integers(0, 4000),
)
def test_fuzzed_pictures_decode_or_are_refused(data: bytes, changes: list[tuple[int, int]], length: int) -> None:
    broken = bytearray(data)
    for place, value in changes:
        broken[place % len(broken)] = value
    try:
        picture = decode(bytes(broken[: max(length, 1)] if length < 2000 else broken))
    except ImageRefused:
        return
    assert picture.mode in ("RGB", "RGBA")


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(ImageRefused):
        decode(data)


def test_transparency_becomes_white_in_a_jpeg() -> None:
    picture = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    assert near(colour_at(Image.open(BytesIO(encode_jpeg(picture))), 0.5, 0.5), (255, 255, 255), 2)


def test_full_colour_resolution_keeps_coloured_lines_sharp() -> None:
    lines = Image.new("RGB", (64, 64), (200, 0, 0))
    for x in range(0, 64, 2):
        lines.paste((0, 0, 200), (x, 0, x + 1, 64))
    sharp = Image.open(BytesIO(encode_jpeg(lines, quality=90, subsampling="4:4:4")))
    soft = Image.open(BytesIO(encode_jpeg(lines, quality=90)))
    assert error(lines, sharp) < error(lines, soft) / 3


def error(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other.convert("RGB"))).mean)


def test_fit_fills_and_keeps_the_focus() -> None:
    left = fit(quarters((400, 100)), (50, 50), focus=(0.0, 0.5))
    right = fit(quarters((400, 100)), (50, 50), focus=(1.0, 0.5))
    assert left.size == right.size == (50, 50)
    assert near(colour_at(left, 0.5, 0.1), RED)
    assert near(colour_at(right, 0.5, 0.1), GREEN)


def test_contain_keeps_everything() -> None:
    assert contain(quarters((400, 100)), (50, 50)).size in {(50, 12), (50, 13)}
