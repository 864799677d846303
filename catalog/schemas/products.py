"""What the routes of products and of stores' own words take and give."""

from marshmallow import ValidationError, fields

from catalog.queries import SORTINGS
from catalog.rules import BLOCKERS, MAX_SEARCH_WORDS, search_words
from catalog.service.stores import PriceNeedsConfirmation
from kit.web import validate
from kit.web.io import In, MoneyOut, Out, QueryIn, paged, text_field, thumbnail_field
from kit.web.paging import PageIn
from kit.web.problems import carries
from kit.words import say
from models.catalog import SHELF_STATUSES

MAX_FEN = 10**12
MAX_SEARCH_LENGTH = 100


class StoreIn(QueryIn):
    store_id = fields.UUID(
        load_default=None,
        metadata={"description": "The store whose price and availability are meant; your own by default."},
    )


def _validate_search(typed: str) -> None:
    words = search_words(typed)
    if len(typed) > MAX_SEARCH_LENGTH or len(words) > MAX_SEARCH_WORDS:
        raise ValidationError([say("too_long.search", words=MAX_SEARCH_WORDS, characters=MAX_SEARCH_LENGTH)])
    if not words:
        raise ValidationError([say("nothing_to_find")])


class ProductsIn(PageIn, StoreIn):
    shelf_status = fields.String(load_default=None, validate=validate.OneOf(SHELF_STATUSES))
    brand = text_field(200, load_default=None, metadata={"description": "The brand's whole name."})
    category = text_field(
        500,
        load_default=None,
        metadata={"description": "With all below it: `护肤 > 精华`, `护肤>精华` and `护肤/精华` are one."},
    )
    tag = text_field(255, load_default=None, metadata={"description": "One of its tags, whole."})
    doubtful = fields.Boolean(load_default=None, metadata={"description": "Its source said two things at once."})
    sellable = fields.Boolean(load_default=None, metadata={"description": "On the shelf, and available in the store."})
    q = fields.String(
        load_default=None,
        validate=_validate_search,
        metadata={
            "description": "Words of the title in any order, in Chinese or English, pinyin or its initials, a SKU code "
            "or its beginning, a barcode, a platform's variant id. At most 8 words and 100 characters."
        },
    )
    sort = fields.String(
        load_default="title",
        validate=validate.OneOf(tuple(SORTINGS)),
        metadata={"description": "`price` and `price_desc` go by the lowest price at the product's source."},
    )


class BrandsIn(PageIn):
    begins = text_field(200, load_default=None, metadata={"description": "How the name begins, in either case."})


class BrandOut(Out):
    name = fields.String(required=True)
    products = fields.Integer(required=True, metadata={"description": "Of any shelf status, up to 1,000."})
    more = fields.Boolean(required=True, metadata={"description": "There are more than 1,000."})


class ProductTagsIn(PageIn):
    begins = text_field(200, load_default=None, metadata={"description": "How the tag begins, in either case."})


class ProductTagOut(BrandOut):
    """A tag that sources give products."""


class CategoriesIn(PageIn):
    below = text_field(
        500, load_default=None, metadata={"description": "This category and all below it, as in `category`."}
    )


class CategoryOut(Out):
    path = fields.String(required=True, metadata={"example": "护肤 > 精华"})
    name = fields.String(required=True, metadata={"example": "精华"})
    products = fields.Integer(
        required=True, metadata={"description": "With all categories below it, of any shelf status, up to 1,000."}
    )
    more = fields.Boolean(required=True, metadata={"description": "There are more than 1,000."})


class CardOut(Out):
    id = fields.UUID(required=True)
    title = fields.String(required=True)
    brand = fields.String(required=True)
    category = fields.String(required=True)
    shelf_status = fields.String(required=True, validate=validate.OneOf(SHELF_STATUSES))
    shelf_reason = fields.String(required=True, allow_none=True)
    doubtful = fields.Boolean(
        required=True,
        metadata={"description": "Its source said two things under one version; the more careful one holds for now."},
    )
    sellable = fields.Boolean(required=True, metadata={"description": "On the shelf, and available in the store."})
    blocked_by = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(BLOCKERS),
        metadata={
            "description": "Whose word keeps it from being sold; null when it is sellable. `other_source`: its SKUs "
            "are another source's to say, see `decided_by`."
        },
    )
    price = fields.Nested(MoneyOut, required=True, allow_none=True)
    list_price = fields.Nested(MoneyOut, required=True, allow_none=True)
    image_key = fields.String(required=True, allow_none=True)
    thumbnail_url = thumbnail_field(allow_none=True)


class ProductRowOut(CardOut):
    """A card with what a list shows of its SKU."""

    code = fields.String(required=True, allow_none=True, metadata={"description": "Of the SKU that is shown."})
    barcode = fields.String(required=True, allow_none=True)
    stock = fields.String(
        required=True,
        validate=validate.OneOf(["in_stock", "out_of_stock", "unknown"]),
        metadata={"description": "`unknown`: the store has not said how many it has."},
    )


class SkuOut(Out):
    code = fields.String(required=True)
    barcode = fields.String(required=True, allow_none=True)
    variant_id = fields.String(
        required=True, allow_none=True, metadata={"description": "What its platform knows it by."}
    )
    price = fields.Nested(MoneyOut, required=True)
    list_price = fields.Nested(MoneyOut, required=True, allow_none=True)
    available = fields.Boolean(required=True, metadata={"description": "The store's word, or else the source's."})
    stock = fields.Integer(required=True, allow_none=True)


class ListingWarningOut(Out):
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    shelf_status = fields.String(required=True, validate=validate.OneOf(SHELF_STATUSES))


class DecidingListingOut(ListingWarningOut):
    product_id = fields.UUID(required=True, metadata={"description": "What is sold instead of this product."})


class ListingOut(ListingWarningOut):
    product_id = fields.UUID(required=True)
    rank = fields.Integer(required=True)
    retired = fields.Boolean(required=True)
    unlinked = fields.Boolean(required=True)
    decides = fields.Boolean(required=True, metadata={"description": "Its word counts for some of the SKUs."})
    listed = fields.Boolean(required=True, metadata={"description": "It names any of the SKUs now."})
    title = fields.String(required=True)
    source_version = fields.Integer(required=True)
    shelf_reason = fields.String(required=True, allow_none=True)
    skus = fields.List(fields.String(), required=True)


class ListingsOut(Out):
    items = fields.List(fields.Nested(ListingOut), required=True)


class ProductOut(CardOut):
    tags = fields.List(fields.String(), required=True)
    warnings = fields.List(
        fields.Nested(ListingWarningOut),
        required=True,
        metadata={"description": "Sources of a lower rank that have it off the shelf."},
    )
    decided_by = fields.List(
        fields.Nested(DecidingListingOut),
        required=True,
        metadata={"description": "Sources of a higher rank that say what SKUs of it are, as products of theirs."},
    )
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    source_version = fields.Integer(
        required=True, metadata={"description": "The highest one accepted; -1 after it was reset."}
    )
    shelf_changed_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    skus = fields.List(fields.Nested(SkuOut), required=True)
    image_keys = fields.List(fields.String(), required=True)


class MoneyIn(In):
    amount = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, MAX_FEN), metadata={"description": "Minor units."}
    )
    currency = fields.String(
        required=True, validate=validate.Regexp(r"^[A-Z]{3}\Z"), metadata={"description": "The SKU's."}
    )


class AvailabilityIn(In):
    sellable = fields.Boolean(required=True)
    price = fields.Nested(
        MoneyIn,
        load_default=None,
        allow_none=True,
        metadata={"description": "The store's own price; null for the SKU's."},
    )
    confirm_price = fields.Boolean(
        load_default=False, metadata={"description": "Take the price although it is far from the brand's."}
    )
    stock = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**31 - 1))


class AvailabilityOut(Out):
    store_code = fields.String(required=True)
    sku = fields.String(required=True)
    sellable = fields.Boolean(required=True)
    price = fields.Nested(MoneyOut, required=True, allow_none=True)
    brand_price = fields.Nested(MoneyOut, required=True)
    stock = fields.Integer(required=True, allow_none=True)


class StoreWordsIn(PageIn):
    sku = text_field(128, load_default=None, metadata={"description": "A SKU's whole code."})
    brand = text_field(200, load_default=None, metadata={"description": "The brand's whole name."})
    switched_off = fields.Boolean(load_default=None)
    repriced = fields.Boolean(load_default=None, metadata={"description": "Has a price of the store's own."})


class AllStoresWordsIn(StoreWordsIn):
    store_id = fields.UUID(load_default=None)


class StoreWordOut(AvailabilityOut):
    store_name = fields.String(required=True)
    product_id = fields.UUID(required=True)
    title = fields.String(required=True)
    brand = fields.String(required=True)
    updated_at = fields.DateTime(required=True)


StoreWordPageOut = paged(StoreWordOut)


class ShelfEventOut(Out):
    id = fields.Integer(required=True)
    product_id = fields.UUID(required=True)
    source = fields.String(required=True)
    external_id = fields.String(required=True)
    old_status = fields.String(required=True, allow_none=True, validate=validate.OneOf(SHELF_STATUSES))
    new_status = fields.String(required=True, validate=validate.OneOf(SHELF_STATUSES))
    reason = fields.String(required=True, allow_none=True)
    source_version = fields.Integer(required=True)
    at = fields.DateTime(required=True)


class ShelfEventsOut(Out):
    items = fields.List(fields.Nested(ShelfEventOut), required=True)
    next_after = fields.String(
        required=True, metadata={"description": "Where to go on, now or when asking again later."}
    )


class ProductPageOut(paged(ProductRowOut)):  # type: ignore[misc]
    """A page of a list of products."""

    cut = fields.Boolean(
        required=True,
        metadata={"description": "The search matched more than 1,000 products; not all were looked at. Add a word."},
    )


carries(
    PriceNeedsConfirmation,
    price=fields.Nested(MoneyOut, required=True),
    brand_price=fields.Nested(MoneyOut, required=True),
    factor=fields.Integer(required=True, metadata={"description": "Prices that differ by more are asked back."}),
)
BrandPageOut = paged(BrandOut)
CategoryPageOut = paged(CategoryOut)
ProductTagPageOut = paged(ProductTagOut)
