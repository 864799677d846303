"""What is said of a figure, whoever counts it: its names, its unit, what it means, on which day and where it counts."""

from typing import Literal, NamedTuple

# Minor units of a currency; whole things; 10,000 of them; minutes; square metres.
Unit = Literal["money", "count", "basis_points", "minutes", "square_metres"]


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


class Figure(NamedTuple):
    """A figure that adds up over days, and the column of `guide_day` it is stored in.

    `is_kept` for what stays as it was when its day was over, but for corrections and late receipts.
    """

    name: str
    column: str
    unit: Unit
    label: Words
    means: Words
    day: Words
    store: Words
    is_kept: bool = False


class Reading(NamedTuple):
    """A figure of a whole period, counted when it is asked for: its days do not add up to it, or no job stores it."""

    name: str
    unit: Unit
    label: Words
    means: Words


class Ratio(NamedTuple):
    """Two figures, divided when answering: `scale` × numerator ÷ denominator, undefined at a denominator of 0."""

    name: str
    label: Words
    numerator: str
    denominator: str
    unit: Literal["money", "basis_points"]
    scale: int = 1


OF_THE_SALE = Words("销售日", "of the sale")
OF_THE_RETURN = Words("销售日；退货日", "of the sale; of the return")
THAT_SOLD = Words("销售门店", "that sold")
THAT_TOOK_BACK = Words("销售门店；退货门店", "that sold; that took it back")
