"""Colour worlds for the demo's product pictures: each names backdrop, product and ink colours that go together."""

from dataclasses import dataclass

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """Colours as RGB: backdrop from top to bottom, the shape behind, the plinth, the product's parts, its print."""

    top: Rgb
    bottom: Rgb
    shape: Rgb
    plinth: Rgb
    body: Rgb
    cap: Rgb
    metal: Rgb
    ink: Rgb


def _rgb(code: str) -> Rgb:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def _palette(codes: str) -> Palette:
    return Palette(*(_rgb(code) for code in codes.split()))


GOLD = "D9B98A"
SILVER = "CFD2D6"

# top, bottom, shape, plinth, body, cap, metal, ink
PALETTES: dict[str, Palette] = {
    "blush": _palette(f"F7E4DF EBC5BC F9EFEA F3D9D2 E9A9A0 FBF4F0 {GOLD} 7A3B36"),
    "sage": _palette(f"E9EEE3 C4D0B8 F4F6EF DCE4D2 8FA582 F7F5EC {GOLD} 3B4A33"),
    "sand": _palette(f"F5EBDD DFC7A6 FBF5EA EEDDC4 CFA878 FBF6EC {GOLD} 5F4526"),
    "mist": _palette(f"E8F0F5 BACFDD F5F9FB D8E5EE 8FB2C9 FAFCFD {SILVER} 2C4A5E"),
    "lilac": _palette(f"F0E9F5 CFBDDF F8F4FB E3D6ED B296CC FBF8FD {SILVER} 4B3564"),
    "amber": _palette(f"F3E2CC D2A873 FAF0E0 EACFA8 9A4F1C 2B211B {GOLD} FBEBD3"),
    "rouge": _palette(f"E9C9C4 B5585A F3DDD8 D9A09B A3182B 231416 {GOLD} F9E9E4"),
    "jade": _palette(f"DDEDE8 9CC5B8 EFF7F4 C6DFD7 2F7F6C F6FAF8 {GOLD} EFF8F4"),
    "pearl": _palette(f"F4F2EF D8D3CC FCFBF9 E8E4DE F4EFE8 D9CFC4 {GOLD} 6B5D4E"),
    "night": _palette(f"3C4560 161B2C 4B5675 2B3350 1C2440 0F1424 {GOLD} E9D9B8"),
}
