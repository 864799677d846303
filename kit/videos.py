"""Films from outside, passed through as they are: walked box by box, with nothing kept but picture and sound.

The format is MP4, ISO/IEC 14496-12 and -14: boxes of a size and a kind, some of them with boxes inside.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from kit.errors import Invalid
from kit.words import say

MEDIA_TYPE = "video/mp4"
BRANDS = frozenset((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"))
QUICKTIME = b"qt  "
# Still pictures have the same outside.
PICTURE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif")
# H.264, HEVC, AV1: what phones record and browsers play.
CODECS = frozenset((b"avc1", b"avc3", b"hvc1", b"hev1", b"av01"))
# What may stand in what. Anything else is blanked: places, devices, titles, thumbnails, whatever hides in free space.
KEPT = {
    b"": frozenset((b"ftyp", b"moov", b"mdat")),
    b"moov": frozenset((b"mvhd", b"iods", b"trak")),
    b"trak": frozenset((b"tkhd", b"edts", b"tref", b"mdia")),
    b"mdia": frozenset((b"mdhd", b"hdlr", b"elng", b"minf")),
    b"minf": frozenset((b"vmhd", b"smhd", b"dinf", b"stbl")),
}
MAX_BOXES = 64  # in one place
MAX_TABLE_BYTES = 4 * 1024 * 1024  # a million pictures
MAX_MS = 24 * 3600 * 1000
BLANK = bytes(64 * 1024)


class VideoRefused(Invalid):
    """The file is not a film that may come in."""

    code = "video_refused"


class VideoUnknownFormat(VideoRefused):
    """The content is not MP4, whatever its name says."""

    code = "video_unknown_format"


class VideoDisguised(VideoRefused):
    """The content is a film, but declared as something else."""

    code = "video_disguised"


class VideoTruncated(VideoRefused):
    """The film ends too early or is damaged."""

    code = "video_truncated"


class VideoUnsupported(VideoRefused):
    """It is MP4, but of a kind that phones do not play, or with more in it than picture and sound."""

    code = "video_unsupported"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A part of the file: `body` is where its content begins, counted from the file's beginning."""

    kind: bytes
    start: int
    body: int
    end: int


def looks_like_video(head: bytes) -> bool:
    """Whether a file that begins with these 12 bytes or more is a film in MP4's manner, not a still picture."""
    return head[4:8] == b"ftyp" and head[8:12] not in PICTURE_BRANDS


def clean_mp4(file: BinaryIO, *, media_type: str | None = None) -> int:
    """The film's length in ms, once everything in the file but picture and sound is blanked, in place.

    Its size and what is seen and heard stay as they were. Raises VideoRefused: not MP4, not of `media_type` where one
    is given, cut short, or nothing that browsers play.
    """
    size = file.seek(0, 2)
    if not looks_like_video(_read(file, 0, min(size, 12))):
        raise VideoUnknownFormat
    if media_type is not None and media_type != MEDIA_TYPE:
        raise VideoDisguised(declared=media_type, found=MEDIA_TYPE)
    whole = Box(kind=b"", start=0, body=0, end=size)
    strangers = list(_strangers(file, whole))
    top = _inside(file, whole)
    _check_brand(file, top[0])
    movie = _only(top, b"moov")
    _check_tracks(file, _inside(file, movie), data=[box for box in top if box.kind == b"mdat"])
    for box in strangers:
        _blank(file, box)
    return _length_ms(file, _only(_inside(file, movie), b"mvhd"))


def _read(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    found = file.read(length)
    if len(found) < length:
        raise VideoTruncated
    return found


def _inside(file: BinaryIO, parent: Box) -> list[Box]:
    """The boxes that `parent` consists of, to its very end."""
    boxes: list[Box] = []
    at = parent.body
    while at < parent.end:
        if len(boxes) == MAX_BOXES:
            raise VideoUnsupported(say("video_unsupported.too_many_parts"))
        boxes.append(_box(file, at, parent))
        at = boxes[-1].end
    return boxes


def _box(file: BinaryIO, at: int, parent: Box) -> Box:
    size, kind = struct.unpack(">I4s", _read(file, at, 8))
    body = at + 8
    if size == 1:
        size, body = struct.unpack(">Q", _read(file, body, 8))[0], body + 8
    elif size == 0 and not parent.kind:
        size = parent.end - at  # the last box of a file may leave its size open
    if at + size < body or at + size > parent.end:
        raise VideoTruncated
    return Box(kind=kind, start=at, body=body, end=at + size)


def _only(boxes: Sequence[Box], kind: bytes) -> Box:
    found = [box for box in boxes if box.kind == kind]
    if len(found) != 1:
        raise VideoTruncated(say("video_truncated.boxes", number=len(found), kind=kind.decode()))
    return found[0]


def _strangers(file: BinaryIO, parent: Box) -> Iterator[Box]:
    for box in _inside(file, parent):
        if box.kind not in KEPT[parent.kind]:
            yield box
        elif box.kind in KEPT:
            yield from _strangers(file, box)


def _blank(file: BinaryIO, box: Box) -> None:
    file.seek(box.start + 4)
    file.write(b"free")
    file.seek(box.body)
    for at in range(box.body, box.end, len(BLANK)):
        file.write(BLANK[: box.end - at])


def _check_brand(file: BinaryIO, first: Box) -> None:
    brands = _table(file, first)
    named = {brands[at : at + 4] for at in (0, *range(8, len(brands), 4))}
    if brands[:4] == QUICKTIME or not named & BRANDS:
        raise VideoUnknownFormat(say("video_unknown_format.relative"))


def _check_tracks(file: BinaryIO, movie: Sequence[Box], *, data: Sequence[Box]) -> None:
    if any(box.kind == b"mvex" for box in movie):
        raise VideoUnsupported(say("video_unsupported.fragments"))
    media = [_inside(file, _only(_inside(file, box), b"mdia")) for box in movie if box.kind == b"trak"]
    handlers = [_table(file, _only(boxes, b"hdlr"))[8:12] for boxes in media]
    if b"vide" not in handlers or set(handlers) - {b"vide", b"soun"}:
        # A track of another kind may say where the phone was at every second.
        raise VideoUnsupported(say("video_unsupported.tracks"))
    samples = 0
    for handler, boxes in zip(handlers, media, strict=True):
        tables = _inside(file, _only(_inside(file, _only(boxes, b"minf")), b"stbl"))
        if handler == b"vide" and _table(file, _only(tables, b"stsd"))[12:16] not in CODECS:
            raise VideoUnsupported(say("video_unsupported.codec"))
        samples += _sample_bytes(file, _only(tables, b"stsz"))
        _check_chunks(file, tables, data)
    if samples > sum(box.end - box.body for box in data):
        raise VideoTruncated


def _table(file: BinaryIO, box: Box) -> bytes:
    if box.end - box.body > MAX_TABLE_BYTES:
        raise VideoUnsupported(say("video_unsupported.too_long"))
    return _read(file, box.body, box.end - box.body)


def _sample_bytes(file: BinaryIO, box: Box) -> int:
    """How many bytes of picture or sound a track says it has."""
    table = _table(file, box)
    same_size, count = _numbers(table[4:12], "I")
    total = same_size * count if same_size else sum(_numbers(table[12 : 12 + 4 * count], "I", count))
    if total == 0:
        raise VideoTruncated(say("video_truncated.empty_track"))
    return total


def _check_chunks(file: BinaryIO, tables: Sequence[Box], data: Sequence[Box]) -> None:
    """Every piece of the track begins inside the data."""
    wide = any(box.kind == b"co64" for box in tables)
    table = _table(file, _only(tables, b"co64" if wide else b"stco"))
    width = 8 if wide else 4
    (count,) = _numbers(table[4:8], "I")
    for at in _numbers(table[8 : 8 + width * count], "Q" if wide else "I", count):
        if not any(box.body <= at < box.end for box in data):
            raise VideoTruncated


def _numbers(table: bytes, width: str, count: int | None = None) -> list[int]:
    try:
        found = list(chain.from_iterable(struct.iter_unpack(f">{width}", table)))
    except struct.error as error:
        raise VideoTruncated from error
    if not found or count not in (None, len(found)):
        raise VideoTruncated
    return found


def _length_ms(file: BinaryIO, header: Box) -> int:
    table = _table(file, header)
    # Version 1 has its times in eight bytes each.
    at, end, width = (20, 32, "Q") if table[:1] == b"\1" else (12, 20, "I")
    (scale,), (length,) = _numbers(table[at : at + 4], "I"), _numbers(table[at + 4 : end], width)
    if scale == 0 or length * 1000 // scale > MAX_MS:
        raise VideoUnsupported(say("video_unsupported.length"))
    return length * 1000 // scale
