"""What attendance systems send: the shape of one person's day in a batch."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from kit.versions import MAX_SOURCE_VERSION
from kit.web.batch import Item

Text64 = Annotated[str, Meta(min_length=1, max_length=64)]


class RosterItem(Item, frozen=True):
    """What somebody does in a store on a day."""

    name_field: ClassVar[str] = "staff_no"

    store_code: Text64
    staff_no: Text64
    day: date
    kind: Annotated[
        Literal["work", "leave", "off", "training"],
        Meta(description="Leave is the person's, in whatever store they would have been."),
    ]
    minutes: Annotated[int, Meta(ge=0, le=1_440, description="To be worked or trained; of who is away none.")] = 0
    version: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=MAX_SOURCE_VERSION,
                description="Grows with every change; none: said by hand, until a newer version.",
            ),
        ]
        | None
    ) = None
