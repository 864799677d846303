"""What the routes of receipts with an unknown seller take."""

from marshmallow import fields

from kit.web.io import In, text_field
from kit.web.paging import PageIn


class UnknownSellersIn(PageIn):
    store_id = fields.UUID(load_default=None)


class SellerIn(In):
    staff_no = text_field(
        64, required=True, metadata={"description": "Of who sold it: the part of everybody unknown is theirs."}
    )
