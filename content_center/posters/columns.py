"""Items one below another: measured first, so that what is empty takes no room and the rest closes up."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from PIL import ImageDraw

from content_center.posters.lettering import CJK_ASCENT, Lettering
from content_center.posters.prices import PriceParts, is_reduced, price_parts
from content_center.posters.shapes import rgba
from content_center.posters.spec import PosterSpec
from content_center.posters.templates import PLACEHOLDER, Column, Line, Price, Rule, Text, Words
from content_center.posters.typeset import wrap

SHRINK_STEP = 4
SYMBOL_SHARE = 0.56  # of the price's size
LABEL_GAP = 20
ORIGINAL_GAP = 20

Draw = Callable[[ImageDraw.ImageDraw, int, float], None]


@dataclass(frozen=True)
class Block:
    """A measured item: its height, its lines of text, and how to draw it from (x, top) on."""

    item: Text | Price | Rule
    height: float
    draw: Draw
    lines: int = 0

    @property
    def gap(self) -> int:
        """Pixels above it, unless it is the first."""
        return self.item.gap


def draw_column(pen: ImageDraw.ImageDraw, column: Column, spec: PosterSpec) -> None:
    """The column's items with this spec's words; where they are too tall, the longest text gives up lines."""
    x, y, _, height = column.box
    blocks = fitting_blocks(column, spec)
    free = max(0.0, height - _height(blocks))
    top = y + {"top": 0.0, "middle": free / 2, "bottom": free}[column.anchor]
    for at, block in enumerate(blocks):
        top += block.gap if at else 0
        block.draw(pen, x, top)
        top += block.height


def fitting_blocks(column: Column, spec: PosterSpec) -> list[Block]:
    """What of the column there is to draw, reduced until it is no taller than the box."""
    _, _, width, height = column.box
    blocks = [block for item in column.items if (block := _block(item, width, spec))]
    while _height(blocks) > height and (at := _most_patient(blocks)) is not None:
        blocks[at] = _text_block(_reduced(blocks[at]), width, spec) or blocks[at]
    return blocks


def _most_patient(blocks: list[Block]) -> int | None:
    """Which text gives way first: the one that can still be set smaller, else the longest, the lower of two."""
    texts = [(at, block, block.item) for at, block in enumerate(blocks) if isinstance(block.item, Text)]
    shrinkable = [at for at, _, item in texts if item.look.size - SHRINK_STEP >= (item.min_size or item.look.size)]
    if shrinkable:
        return shrinkable[0]
    longest = max(texts, key=lambda text: (text[1].lines, text[0]), default=None)
    return longest[0] if longest and longest[1].lines > 1 else None


def _reduced(block: Block) -> Text:
    item = block.item
    assert isinstance(item, Text)
    size = item.look.size - SHRINK_STEP
    if size >= (item.min_size or item.look.size):
        return msgspec.structs.replace(item, look=_resized(item.look, size))
    return msgspec.structs.replace(item, max_lines=block.lines - 1)


def _height(blocks: list[Block]) -> float:
    return sum(block.height + (block.gap if at else 0) for at, block in enumerate(blocks))


def filled_in(words: Words, spec: PosterSpec) -> str:
    """The words in the spec's language with its values; a separator next to an empty value goes with it."""
    text = words.en if spec.language == "en" else words.zh
    # One pass: braces inside a value are the writer's, not placeholders.
    return PLACEHOLDER.sub(lambda found: str(getattr(spec, found[1])), text).strip(" ·|")


def _block(item: Text | Price | Rule, width: int, spec: PosterSpec) -> Block | None:
    if isinstance(item, Text):
        return _text_block(item, width, spec)
    if isinstance(item, Price):
        return _price_block(item, width, spec)
    return _rule_block(item, width)


def _text_block(item: Text, width: int, spec: PosterSpec) -> Block | None:
    words = filled_in(item.words, spec)
    lettering, lines = _set(item, words, width, spec.language)
    if not any(lines):
        return None
    leading = lettering.look.size * item.line_height

    def draw(pen: ImageDraw.ImageDraw, x: int, top: float) -> None:
        for at, line in enumerate(lines):
            start = x + _indent(item.align, width, lettering.width(line))
            baseline = top + at * leading + lettering.look.size * CJK_ASCENT
            lettering.draw(pen, line, x=start, baseline=round(baseline))

    as_set = msgspec.structs.replace(item, look=lettering.look)
    return Block(as_set, lettering.look.size + leading * (len(lines) - 1), draw, len(lines))


def _set(item: Text, words: str, width: int, language: str) -> tuple[Lettering, list[str]]:
    """The lines at the largest size, from the look's down to `min_size`, that needs no ellipsis."""
    for size in range(item.look.size, (item.min_size or item.look.size) - 1, -SHRINK_STEP):
        lettering = Lettering(_resized(item.look, size), language)
        text = lettering.clean(words)
        lines = _wrapped(item, lettering, text, width, max_lines=item.max_lines + 1)
        if len(lines) <= item.max_lines:
            return lettering, lines
    return lettering, _wrapped(item, lettering, text, width, max_lines=item.max_lines)


def _wrapped(item: Text, lettering: Lettering, text: str, width: int, *, max_lines: int) -> list[str]:
    return wrap(text, width=width, max_lines=max_lines, measure=lettering.advance, balance=item.balance)


def _price_block(item: Price, width: int, spec: PosterSpec) -> Block | None:
    if spec.price_fen is None:
        return None
    runs, line_width = _fitting_runs(item, width, spec)

    def draw(pen: ImageDraw.ImageDraw, x: int, top: float) -> None:
        start = x + _indent(item.align, width, line_width)
        for run in runs:
            baseline = round(top + item.look.size * CJK_ASCENT)
            run.lettering.draw(pen, run.text, x=start + run.offset, baseline=baseline)
            if run.struck:
                _strike(pen, run, start + run.offset, baseline)

    return Block(item, item.look.size, draw)


@dataclass(frozen=True)
class Run:
    """A part of the price line: its text, look, and place from the line's start."""

    text: str
    lettering: Lettering
    offset: float
    struck: bool = False

    @property
    def end(self) -> float:
        """Where the part ends, from the line's start."""
        return self.offset + self.lettering.width(self.text)


def _fitting_runs(item: Price, width: int, spec: PosterSpec) -> tuple[list[Run], float]:
    """The price line, made smaller by steps until the longest amount fits the column."""
    for percent in range(100, 30, -8):
        runs = _runs(item, spec, percent)
        if runs[-1].end <= width:
            break
    return runs, runs[-1].end


def _runs(item: Price, spec: PosterSpec, percent: int) -> list[Run]:
    price, list_price = spec.price_fen or 0, spec.list_price_fen
    runs: list[Run] = []

    def add(text: str, look: Line, *, gap: float = 0, share: float = 1, struck: bool = False) -> None:
        start = runs[-1].end + gap if runs else 0.0
        lettering = Lettering(_resized(look, max(12, round(look.size * share * percent / 100))), spec.language)
        runs.append(Run(text, lettering, start, struck))

    if item.label and item.label_look:
        add(filled_in(item.label, spec), item.label_look)
    symbol, whole, fraction = price_parts(price, spec.currency)
    add(symbol, item.look, gap=LABEL_GAP, share=SYMBOL_SHARE)
    add(whole, item.look, gap=item.look.size * 0.04)
    if fraction:
        add(fraction, item.look, share=SYMBOL_SHARE)
    if list_price is not None and is_reduced(price, list_price):
        add(_joined(price_parts(list_price, spec.currency)), item.original, gap=ORIGINAL_GAP, struck=True)
    return runs


def _strike(pen: ImageDraw.ImageDraw, run: Run, x: float, baseline: int) -> None:
    look = run.lettering.look
    thick = max(2, round(look.size / 14))
    middle = round(baseline - look.size * 0.36)
    ends = (round(x) - 3, middle, round(x + run.lettering.width(run.text)) + 3, middle)
    pen.line(ends, fill=rgba(look.colour), width=thick)


def _rule_block(item: Rule, width: int) -> Block:
    def draw(pen: ImageDraw.ImageDraw, x: int, top: float) -> None:
        left = x + round(_indent(item.align, width, item.width))
        low = round(top) + item.height - 1
        pen.rectangle((left, round(top), left + item.width - 1, low), fill=rgba(item.colour))

    return Block(item, item.height, draw)


def _joined(parts: PriceParts) -> str:
    return "".join(parts)


def _indent(align: str, width: float, used: float) -> float:
    return {"left": 0.0, "center": (width - used) / 2, "right": width - used}[align]


def _resized(look: Line, size: int) -> Line:
    return msgspec.structs.replace(look, size=size)
