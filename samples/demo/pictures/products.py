"""What each kind of product is made of: parts from back to front, standing on y = 960 around x = 600."""

from collections.abc import Callable
from dataclasses import dataclass

from samples.demo.pictures.paint import Part, can, ellipse, mix, polygon, rounded
from samples.demo.pictures.palettes import Palette, Rgb

WHITE = (255, 255, 255)
BLACK = (20, 16, 16)
FLOOR = 960


@dataclass(frozen=True)
class Product:
    """The parts, and where its print stands: centre, height of the letters, colour."""

    parts: tuple[Part, ...]
    print_at: tuple[int, int]
    print_size: int
    print_colour: Rgb


def paper(p: Palette) -> Rgb:
    """The colour of a paper label."""
    return mix(p.top, WHITE, 70) if _is_light(p.top) else (244, 236, 222)


def ink(p: Palette) -> Rgb:
    """A dark print for paper labels and light glass."""
    return mix(p.body, BLACK, 62) if _is_light(p.ink) else p.ink


def ink_on(ground: Rgb, p: Palette) -> Rgb:
    """A print that reads on `ground`."""
    return ink(p) if _is_light(ground) else (250, 240, 224)


def _is_light(colour: Rgb) -> bool:
    red, green, blue = colour
    return red * 3 + green * 6 + blue > 1350


def serum(p: Palette) -> Product:
    """A glass dropper bottle."""
    glass = mix(p.body, WHITE, 18)
    return Product(
        (
            Part((548, 236, 652, 400), rounded(48, 48, 14, 14), p.cap, "matte"),
            Part((520, 384, 680, 486), rounded(10), p.metal, "metal"),
            Part((436, 470, 764, FLOOR), rounded(74, 74, 44, 44), glass, "glass"),
            Part((462, 590, 738, 938), rounded(20, 20, 30, 30), p.body, "glass", opacity=150),
            Part((592, 486, 608, 840), rounded(8), WHITE, "flat", opacity=46),
            Part((492, 640, 708, 860), rounded(6), paper(p), "flat", opacity=238),
        ),
        (600, 750),
        30,
        ink(p),
    )


def cream(p: Palette) -> Product:
    """A squat jar with a broad lid."""
    return Product(
        (
            Part((346, 664, 854, FLOOR), rounded(36, 36, 70, 70), mix(p.body, WHITE, 12), "gloss"),
            Part((330, 640, 870, 690), can(16), p.metal, "metal"),
            Part((322, 498, 878, 660), can(26), p.cap, "matte"),
            Part((322, 498, 878, 552), ellipse(), mix(p.cap, WHITE, 35), "flat"),
        ),
        (600, 818),
        44,
        ink_on(mix(p.body, WHITE, 12), p),
    )


def lipstick(p: Palette) -> Product:
    """An open lipstick beside its cap."""
    bullet = mix(p.ink, (196, 30, 58), 62)
    return Product(
        (
            Part((704, 520, 868, FLOOR), rounded(18), p.cap, "gloss"),
            Part((704, 760, 868, 778), rounded(0), p.metal, "metal"),
            Part(
                (446, 330, 590, 650),
                polygon((0, 100), (0, 34), (14, 20), (88, 0), (100, 6), (100, 100)),
                bullet,
                "gloss",
            ),
            Part((428, 610, 608, 740), rounded(8), p.metal, "metal"),
            Part((410, 720, 626, FLOOR), rounded(8, 8, 18, 18), p.cap, "gloss"),
            Part((410, 720, 626, 738), rounded(6), p.metal, "metal"),
        ),
        (518, 850),
        26,
        ink_on(p.cap, p),
    )


def mask_sachet(p: Palette) -> Product:
    """A sheet-mask sachet, standing, with a sealed edge."""
    return Product(
        (
            Part(
                (450, 300, 830, FLOOR - 20),
                polygon((8, 0), (100, 5), (92, 100), (0, 96)),
                mix(p.body, BLACK, 14),
                "flat",
            ),
            Part((370, 280, 790, FLOOR), rounded(10), mix(p.body, WHITE, 30), "matte"),
            Part((370, 280, 790, 326), rounded(10, 10, 0, 0), mix(p.body, WHITE, 55), "metal"),
            Part((460, 420, 700, 720), rounded(120, 120, 110, 110), mix(p.top, WHITE, 70), "flat", opacity=235),
            Part((508, 528, 562, 552), ellipse(), mix(p.body, WHITE, 30), "flat"),
            Part((598, 528, 652, 552), ellipse(), mix(p.body, WHITE, 30), "flat"),
            Part((548, 632, 612, 658), ellipse(), mix(p.body, WHITE, 30), "flat"),
        ),
        (580, 830),
        40,
        ink_on(mix(p.body, WHITE, 30), p),
    )


def shampoo(p: Palette) -> Product:
    """A tall bottle with a pump."""
    return Product(
        (
            Part((590, 232, 610, 330), rounded(4), p.metal, "metal"),
            Part((468, 206, 650, 250), rounded(22, 12, 12, 6), p.cap, "gloss"),
            Part((560, 322, 640, 380), rounded(10), p.cap, "gloss"),
            Part((536, 366, 664, 424), rounded(10), p.metal, "metal"),
            Part((420, 412, 780, FLOOR), rounded(92, 92, 40, 40), p.body, "gloss"),
            Part((470, 580, 730, 860), rounded(4), paper(p), "flat", opacity=235),
        ),
        (600, 720),
        34,
        ink(p),
    )


def perfume(p: Palette) -> Product:
    """A block of glass with a heavy cap."""
    return Product(
        (
            Part((528, 310, 672, 486), rounded(14), p.cap, "gloss"),
            Part((552, 478, 648, 534), rounded(4), p.metal, "metal"),
            Part((388, 524, 812, FLOOR), rounded(44, 44, 30, 30), mix(p.body, WHITE, 55), "glass"),
            Part((420, 600, 780, 924), rounded(26, 26, 18, 18), mix(p.body, WHITE, 8), "glass", opacity=190),
            Part((500, 690, 700, 830), rounded(4), paper(p), "flat", opacity=244),
        ),
        (600, 760),
        30,
        ink(p),
    )


def sunscreen(p: Palette) -> Product:
    """A tube standing on its cap."""
    return Product(
        (
            Part(
                (440, 236, 760, 830), polygon((0, 0), (100, 0), (84, 100), (16, 100)), mix(p.body, WHITE, 45), "gloss"
            ),
            Part((436, 228, 764, 284), rounded(6), mix(p.body, WHITE, 60), "metal"),
            Part((470, 600, 730, 690), polygon((2, 0), (98, 0), (93, 100), (7, 100)), p.body, "gloss"),
            Part((478, 818, 722, FLOOR), rounded(10, 10, 22, 22), p.cap, "matte"),
        ),
        (600, 470),
        38,
        ink_on(mix(p.body, WHITE, 45), p),
    )


def cleanser(p: Palette) -> Product:
    """A foam pump bottle."""
    return Product(
        (
            Part((500, 250, 700, 310), rounded(26, 26, 8, 8), p.cap, "gloss"),
            Part((470, 270, 540, 300), rounded(12), p.cap, "gloss"),
            Part((528, 300, 672, 372), rounded(8), p.cap, "matte"),
            Part((504, 362, 696, 440), rounded(10), p.cap, "gloss"),
            Part((440, 430, 760, FLOOR), rounded(56, 56, 48, 48), mix(p.body, WHITE, 46), "glass"),
            Part((462, 560, 738, 940), rounded(18, 18, 38, 38), mix(p.body, WHITE, 18), "glass", opacity=120),
        ),
        (600, 700),
        42,
        ink_on(mix(p.body, WHITE, 30), p),
    )


def foundation(p: Palette) -> Product:
    """A slim glass bottle of skin-coloured liquid with a square cap."""
    skin = mix((226, 184, 150), p.body, 18)
    return Product(
        (
            Part((502, 270, 698, 500), rounded(14), p.cap, "gloss"),
            Part((502, 482, 698, 508), rounded(2), p.metal, "metal"),
            Part((458, 504, 742, FLOOR), rounded(34, 34, 26, 26), mix(skin, WHITE, 55), "glass"),
            Part((484, 540, 716, 926), rounded(20), skin, "glass", opacity=225),
        ),
        (600, 740),
        34,
        mix(skin, BLACK, 66),
    )


def eyeshadow(p: Palette) -> Product:
    """An open palette: lid with a mirror behind, eight pans in front."""
    shades = [mix(p.body, WHITE, 70), mix(p.body, WHITE, 35), p.body, mix(p.body, BLACK, 40)]
    shades += [mix(p.metal, WHITE, 40), p.metal, mix(p.metal, p.ink, 45), mix(p.ink, BLACK, 20)]
    pans = tuple(
        Part(
            (346 + at % 4 * 130, 716 + at // 4 * 110, 464 + at % 4 * 130, 812 + at // 4 * 110),
            rounded(12),
            shade,
            "matte",
        )
        for at, shade in enumerate(shades)
    )
    lid = (
        Part((310, 300, 890, 690), rounded(26, 26, 6, 6), p.cap, "matte"),
        Part((338, 328, 862, 666), rounded(14), mix(p.top, WHITE, 40), "glass"),
        Part((310, 684, 890, FLOOR), rounded(6, 6, 26, 26), mix(p.cap, BLACK, 6), "flat"),
    )
    return Product((*lid, *pans), (600, 500), 40, (252, 248, 240))


def hand_cream(p: Palette) -> Product:
    """A soft aluminium tube with a crimped end and an octagonal cap."""
    return Product(
        (
            Part(
                (446, 250, 754, 820),
                polygon((0, 0), (100, 0), (90, 88), (68, 100), (32, 100), (10, 88)),
                p.body,
                "gloss",
            ),
            Part((440, 232, 760, 292), rounded(4), mix(p.body, WHITE, 30), "metal"),
            Part((472, 420, 728, 640), polygon((0, 0), (100, 0), (96, 100), (4, 100)), paper(p), "flat", opacity=240),
            Part((536, 812, 664, FLOOR), rounded(8, 8, 14, 14), p.metal, "metal"),
        ),
        (600, 530),
        36,
        ink(p),
    )


def gift_set(p: Palette) -> Product:
    """A box with a ribbon, a bottle and a jar before it."""
    return Product(
        (
            Part((300, 380, 760, FLOOR - 30), rounded(10), mix(p.body, BLACK, 10), "matte"),
            Part((282, 350, 778, 440), rounded(10), p.body, "matte"),
            Part((492, 350, 568, FLOOR - 30), rounded(0), p.metal, "metal"),
            Part((396, 268, 536, 362), rounded(60, 46, 8, 46), p.metal, "metal"),
            Part((526, 268, 666, 362), rounded(46, 60, 46, 8), p.metal, "metal"),
            Part((502, 318, 562, 372), rounded(16), mix(p.metal, WHITE, 24), "metal"),
            Part((812, 430, 872, 540), rounded(26, 26, 6, 6), p.cap, "matte"),
            Part((774, 530, 912, FLOOR), rounded(40, 40, 22, 22), mix(p.body, WHITE, 34), "glass"),
            Part((560, 800, 750, FLOOR), rounded(12, 12, 34, 34), mix(p.body, WHITE, 60), "gloss"),
            Part((550, 730, 760, 808), can(10), p.cap, "matte"),
        ),
        (394, 660),
        30,
        ink_on(p.body, p),
    )


def toner(p: Palette) -> Product:
    """A tall cylinder of clear liquid with a round cap."""
    return Product(
        (
            Part((520, 250, 680, 420), can(16), p.cap, "gloss"),
            Part((528, 404, 672, 436), rounded(4), p.metal, "metal"),
            Part((456, 424, 744, FLOOR), rounded(40, 40, 30, 30), mix(p.body, WHITE, 62), "glass"),
            Part((472, 520, 728, 944), rounded(8, 8, 22, 22), mix(p.body, WHITE, 34), "glass", opacity=140),
        ),
        (600, 700),
        38,
        ink_on(mix(p.body, WHITE, 45), p),
    )


def powder(p: Palette) -> Product:
    """A compact of pressed powder, open, its mirror tilted up."""
    return Product(
        (
            Part((372, 300, 828, 756), ellipse(), p.metal, "metal"),
            Part((392, 320, 808, 736), ellipse(), mix(p.top, WHITE, 45), "glass"),
            Part((352, 700, 848, FLOOR), can(96), p.metal, "metal"),
            Part((352, 700, 848, 892), ellipse(), mix(p.metal, WHITE, 30), "flat"),
            Part((392, 718, 808, 874), ellipse(), mix((238, 206, 184), p.body, 14), "matte"),
        ),
        (600, 796),
        34,
        mix((238, 206, 184), BLACK, 40),
    )


KINDS: dict[str, Callable[[Palette], Product]] = {
    "serum": serum,
    "cream": cream,
    "lipstick": lipstick,
    "mask": mask_sachet,
    "shampoo": shampoo,
    "perfume": perfume,
    "sunscreen": sunscreen,
    "cleanser": cleanser,
    "foundation": foundation,
    "eyeshadow": eyeshadow,
    "hand_cream": hand_cream,
    "gift_set": gift_set,
    "toner": toner,
    "powder": powder,
}
