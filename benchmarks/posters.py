"""Posters: what the house's drawing costs beside the same steps written out by hand for one template.

`python -m benchmarks.posters [--json] [--pairs N]`. Every pair times, in turn and in one process:
- the bare steps: decode (at JPEG's own reduced scale), fit, draw, JPEG, with Pillow and segno and nothing else;
- a cold poster: the same from the photo's bytes;
- a warm one: the fitted photo is there already;
- a stored one: the fitted photo comes as the JPEG it was kept as.
The figures are medians, the ratios medians of the pairs' ratios.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from statistics import median
from time import perf_counter
from typing import TypeVar

from PIL import Image, ImageChops, ImageOps, ImageStat

from benchmarks.bare_poster import BarePoster
from content_center.posters import PosterSpec, draw_poster, fit_photo, get_template
from kit.images import decode_image, encode_jpeg
from samples.demo.pictures import draw_portrait, draw_product

TEMPLATE = "product_card"
PHOTO_SIZE = (3000, 4000)
PHOTO_BOX = (984, 652)
MAX_DIFFERENCE = 1.0  # mean of 0…255: the two ways must have drawn the same picture

Times = dict[str, float]
Figures = dict[str, float | int | str]
T = TypeVar("T")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pairs", type=int, default=15)
    options = parser.parse_args()
    figures = measure(pairs=options.pairs)
    out = json.dumps(figures) if options.json else "\n".join(f"{name:>28} {value}" for name, value in figures.items())
    sys.stdout.write(out + "\n")


def measure(*, pairs: int) -> Figures:
    """Milliseconds, ratios and posters a second, from `pairs` paired runs after one to warm up."""
    spec = sample_spec()
    bare = BarePoster(spec)
    _check_same_picture(spec, bare)
    runs = [_one_pair(spec, bare) for _ in range(pairs)]
    names = ("decode", "fit", "draw", "jpeg", "bare", "cold", "warm", "stored")
    figures: Figures = {"template": TEMPLATE, "pairs": pairs, "photo_bytes": len(spec.photo or b"")}
    figures |= {f"{name}_ms": round(median(run[name] for run in runs) * 1000, 2) for name in names}
    figures["cold_to_bare"] = round(median(run["cold"] / run["bare"] for run in runs), 3)
    figures["warm_to_cold"] = round(median(run["warm"] / run["cold"] for run in runs), 3)
    figures["stored_to_cold"] = round(median(run["stored"] / run["cold"] for run in runs), 3)
    figures["cold_posters_per_s"] = round(1 / median(run["cold"] for run in runs), 1)
    figures["warm_posters_per_s"] = round(1 / median(run["warm"] for run in runs), 1)
    return figures


def sample_spec() -> PosterSpec:
    """A full poster with a photo as a good phone takes it: 3000×4000, several megabytes."""
    return PosterSpec(
        template=TEMPLATE,
        headline="一瓶焕亮，熬夜脸也有光",
        body="15% 原型VC与烟酰胺协同，28天肉眼可见提亮；质地轻盈如水，敏感肌可用。",
        product_name="焕亮精华液 30ml",
        brand_name="LUMÉA",
        price_fen=89900,
        list_price_fen=129900,
        currency="CNY",
        photo=_large_photo(),
        guide_name="林晓彤",
        store_name="LUMÉA 上海静安大悦城店",
        portrait=draw_portrait(11),
        link_url="https://g.example.com/s/Ab3dE5gH7k",
        language="zh",
    )


def _large_photo() -> bytes:
    drawn = Image.open(BytesIO(draw_product("serum", "blush", "LUMÉA", 3)))
    large = ImageOps.fit(drawn, PHOTO_SIZE, Image.Resampling.BICUBIC)
    # A lens and a sensor leave grain; without it the JPEG would be unfairly easy to decode.
    grain = Image.effect_noise(PHOTO_SIZE, 14).convert("RGB")
    return encode_jpeg(ImageChops.add(large, grain, scale=1, offset=-128), quality=90)


def _one_pair(spec: PosterSpec, bare: BarePoster) -> Times:
    photo = spec.photo or b""
    template = get_template(TEMPLATE)
    times: Times = {}
    decoded = _timed(times, "decode", lambda: bare.decode(photo))
    fitted = _timed(times, "fit", lambda: ImageOps.fit(decoded, PHOTO_BOX, Image.Resampling.LANCZOS))
    sheet = _timed(times, "draw", lambda: bare.draw(fitted))
    _timed(times, "jpeg", lambda: sheet.save(BytesIO(), "JPEG", quality=85, subsampling="4:4:4"))
    times["bare"] = sum(times.values())
    _timed(times, "cold", lambda: draw_poster(spec))
    kept = fit_photo(photo, template=template)
    lean = replace(spec, photo=None)
    _timed(times, "warm", lambda: draw_poster(lean, fitted_photo=kept))
    stored = encode_jpeg(fitted, quality=92)
    _timed(times, "stored", lambda: draw_poster(lean, fitted_photo=_reopened(stored)))
    return times


def _reopened(stored: bytes) -> Image.Image:
    return decode_image(stored, max_pixels=PHOTO_BOX[0] * PHOTO_BOX[1], max_bytes=len(stored))


def _timed(times: Times, name: str, work: Callable[[], T]) -> T:
    start = perf_counter()
    result = work()
    times[name] = perf_counter() - start
    return result


def _check_same_picture(spec: PosterSpec, bare: BarePoster) -> None:
    by_hand = bare.draw(ImageOps.fit(bare.decode(spec.photo or b""), PHOTO_BOX, Image.Resampling.LANCZOS))
    encoded = Image.open(BytesIO(encode_jpeg(by_hand, subsampling="4:4:4")))
    ours = Image.open(BytesIO(draw_poster(spec)))
    difference = sum(ImageStat.Stat(ImageChops.difference(encoded, ours)).mean) / 3
    if difference > MAX_DIFFERENCE:
        raise SystemExit(f"the bare steps draw another picture: mean difference {difference:.2f}")


if __name__ == "__main__":
    main()
