"""What the catalog routes take and give."""

from marshmallow import fields, validate

from kit.web.io import In, MoneyOut, Out, QueryIn, paged, text_field
from kit.web.paging import PageIn
from models.catalog import SHELF_STATUSES

MAX_FEN = 10**12
POSITION = r"^[0-9]{1,18}-[0-9]{1,18}$"


class SourceIn(In):
    code = fields.String(
        required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9_-]{0,62}\Z"), metadata={"example": "brand-feed"}
    )
    name = text_field(200, required=True)
    currency = fields.String(load_default="CNY", validate=validate.Regexp(r"^[A-Z]{3}\Z"))


class SourceOut(Out):
    id = fields.UUID(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    currency = fields.String(required=True)


class StoreIn(QueryIn):
    store = text_field(
        64,
        load_default=None,
        metadata={"description": "Code of the store whose price and availability are meant; your own by default."},
    )


class ProductsIn(PageIn, StoreIn):
    shelf_status = fields.String(load_default=None, validate=validate.OneOf(SHELF_STATUSES))
    brand = text_field(200, load_default=None, metadata={"description": "The brand's whole name."})
    category = text_field(
        500, load_default=None, metadata={"description": "A path such as `护肤 > 精华`, with all below it."}
    )
    q = text_field(100, load_default=None, metadata={"description": "Part of the title, in Chinese or English."})


class CardOut(Out):
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    brand = fields.String(required=True)
    category = fields.String(required=True)
    shelf_status = fields.String(required=True, validate=validate.OneOf(SHELF_STATUSES))
    shelf_reason = fields.String(required=True, allow_none=True)
    sellable = fields.Boolean(required=True, metadata={"description": "On the shelf, and available in the store."})
    blocked_by = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["brand", "store"]),
        metadata={"description": "Whose word keeps it from being sold; null when it is sellable."},
    )
    price = fields.Nested(MoneyOut, required=True, allow_none=True)
    list_price = fields.Nested(MoneyOut, required=True, allow_none=True)
    image_key = fields.String(required=True, allow_none=True)


class SkuOut(Out):
    code = fields.String(required=True)
    barcode = fields.String(required=True, allow_none=True)
    price = fields.Nested(MoneyOut, required=True)
    list_price = fields.Nested(MoneyOut, required=True, allow_none=True)
    available = fields.Boolean(required=True, metadata={"description": "The store's word, or else the source's."})
    stock = fields.Integer(required=True, allow_none=True)


class ProductOut(CardOut):
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    source_version = fields.Integer(required=True)
    shelf_changed_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    skus = fields.List(fields.Nested(SkuOut), required=True)
    image_keys = fields.List(fields.String(), required=True)


class AvailabilityIn(In):
    sellable = fields.Boolean(required=True)
    price = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, MAX_FEN),
        metadata={"description": "The store's own price in minor units; null for the SKU's."},
    )
    stock = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**31 - 1))


class AvailabilityOut(Out):
    store = fields.String(required=True)
    sku = fields.String(required=True)
    sellable = fields.Boolean(required=True)
    price = fields.Integer(required=True, allow_none=True)
    stock = fields.Integer(required=True, allow_none=True)


class ShelfEventsIn(QueryIn):
    after = fields.String(
        load_default="0-0",
        validate=validate.Regexp(POSITION),
        metadata={"description": "`next_after` of the last answer; without it, from the beginning."},
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class ShelfEventOut(Out):
    id = fields.Integer(required=True)
    product_id = fields.UUID(required=True)
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    old_status = fields.String(required=True, allow_none=True)
    new_status = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    source_version = fields.Integer(required=True)
    at = fields.DateTime(required=True)


class ShelfEventsOut(Out):
    items = fields.List(fields.Nested(ShelfEventOut), required=True)
    next_after = fields.String(
        required=True, metadata={"description": "Where to go on, now or when asking again later."}
    )


ProductPageOut = paged(CardOut)
SourcePageOut = paged(SourceOut)
