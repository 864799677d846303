"""One line of text on a sheet: measured and drawn with the same features, so that what fits is what is seen."""

from dataclasses import dataclass

from PIL import ImageDraw, ImageFont

from content_center.posters.shapes import rgba
from content_center.posters.templates import Line
from content_center.posters.typeset import clean
from kit.faces import advance, font, has_glyph

# Full-width marks that carry an empty half square; two in a row, or one at the edge, would leave a hole.
HOLLOW_RIGHT = frozenset("，。、；：！？）》〉」』】〕")
HOLLOW_LEFT = frozenset("（《〈「『【〔")
# Drawn full-width in a Chinese face, which is wrong inside English.
PROPORTIONAL = frozenset("“”‘’—…·")
DISPLAY_SIZE = 48  # from here on Chinese and Latin are set solid: a thin space would look like a gap
CJK_ASCENT = 0.88  # of the em square above the baseline


@dataclass(frozen=True)
class Lettering:
    """A look with a language: measures and draws lines."""

    look: Line
    language: str

    @property
    def face(self) -> ImageFont.FreeTypeFont:
        """The font, at the look's size and weight."""
        return font(family=self.look.family, size=self.look.size, weight=self.look.weight)

    def clean(self, text: str) -> str:
        """What of the text this face can set."""
        family = self.look.family
        body = self.look.size < DISPLAY_SIZE
        return clean(text, has_glyph=lambda character: has_glyph(character, family), autospace=body)

    def advance(self, text: str) -> float:
        """Width in pixels of a piece while a line is being filled; never less than when drawn."""
        look = self.look
        return advance(text, look.family, look.size, look.weight) + look.tracking * len(text)

    def width(self, line: str) -> float:
        """Width in pixels of a whole line as drawn."""
        if self.look.tracking:
            return sum(self._steps(line)) - self.look.tracking
        return self.face.getlength(line, features=self._features(line))

    def draw(self, pen: ImageDraw.ImageDraw, line: str, *, x: float, baseline: float) -> None:
        """The line from `x` on, standing on `baseline`."""
        fill = rgba(self.look.colour)
        if not self.look.tracking:
            pen.text((x, baseline), line, fill, self.face, anchor="ls", features=self._features(line))
            return
        for at, step in enumerate(self._steps(line)):
            features = self._single(line, at)
            pen.text((x, baseline), line[at], fill, self.face, anchor="ls", features=features)
            x += step

    def _steps(self, line: str) -> list[float]:
        return [self._length(line, at) + self.look.tracking for at in range(len(line))]

    def _length(self, line: str, at: int) -> float:
        features = self._single(line, at)
        if features:
            return self.face.getlength(line[at], features=features)
        return advance(line[at], self.look.family, self.look.size, self.look.weight)

    def _single(self, line: str, at: int) -> list[str] | None:
        feature = self._feature(line, at)
        return [feature] if feature else None

    def _features(self, line: str) -> list[str] | None:
        return [
            f"{feature}[{at}:{at + 1}]" for at, character in enumerate(line) if (feature := self._feature(line, at))
        ] or None

    def _feature(self, line: str, at: int) -> str | None:
        character = line[at]
        before, after = line[at - 1 : at], line[at + 1 : at + 2]
        if character in PROPORTIONAL and (self.language == "en" or _in_latin(character, before, after)):
            return "pwid"
        if character in HOLLOW_RIGHT and (after in HOLLOW_RIGHT or after in HOLLOW_LEFT) and after:
            return "halt"
        if character in HOLLOW_LEFT and (not before or before in HOLLOW_LEFT):
            return "halt"
        return None


def _in_latin(character: str, before: str, after: str) -> bool:
    if character == "·":
        return before.isspace() or after.isspace()
    return before.isascii() and before.isalpha() and after.isascii() and after.isalpha()
