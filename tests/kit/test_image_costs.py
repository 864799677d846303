"""What decoding a picture may cost: how often it is gone over, and how much memory all of a process hold."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from kit import images, memory
from kit.images import ImageTooManyScans, decode_image
from kit.jpeg_scans import count_scans
from tests.malicious_files import png_of, scans_repeated


def decoded(data: bytes) -> Image.Image:
    return decode_image(data, max_pixels=20_000_000, max_bytes=10_000_000)


@pytest.mark.parametrize("times", [32, 300])
def test_a_jpeg_that_repeats_its_scans_is_refused(times: int) -> None:
    with pytest.raises(ImageTooManyScans):
        decoded(scans_repeated(times))


def test_a_jpeg_of_many_pixels_may_have_fewer_scans() -> None:
    assert count_scans(scans_repeated(1), most=1000) == 10
    assert decoded(scans_repeated(8)).size == (256, 256)
    assert count_scans(b"\xff\xd8" + b"\xff\xda\x00\x02\x00" * 50, most=20) == 21


def test_marks_within_metadata_are_no_scans() -> None:
    inside = b"\xff\xe1\x00\x0e" + b"\xff\xda\x00\x02" * 3
    content = scans_repeated(1)
    assert count_scans(content[:2] + inside + content[2:], most=1000) == 10


def test_large_pictures_of_any_kind_come_smaller_where_that_is_enough() -> None:
    picture = decode_image(png_of(1000, 800), max_pixels=10**6, max_bytes=10**6, at_least=(200, 200))
    assert picture.size == (250, 200)


def test_large_pictures_are_decoded_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads and memory for one: both get their picture, and never hold more than there is."""
    budget = memory.Budget(9_000_000, patience_seconds=30)
    monkeypatch.setattr(images, "DECODING", budget)
    content, held = png_of(1000, 1000), []
    load = PngImagePlugin.PngImageFile.load

    def watched(picture: Image.Image) -> Any:
        held.append(budget._free)
        return load(picture)

    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", watched)
    with ThreadPoolExecutor(4) as threads:
        sizes = list(threads.map(lambda _: decoded(content).size, range(8)))
    assert sizes == [(1000, 1000)] * 8
    assert min(held) == 1_000_000
    assert budget._free == 9_000_000


def test_who_waits_too_long_for_memory_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = memory.Budget(1_000, patience_seconds=0)
    monkeypatch.setattr(images, "DECODING", budget)
    with budget.taking(10**9), pytest.raises(memory.MemoryBusy):
        decoded(png_of(10, 10))
    assert decoded(png_of(10, 10)).size == (10, 10)
