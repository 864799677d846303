"""All writes of the catalog room."""

from catalog.service.applying import apply_block, finish_import
from catalog.service.images import add_product_image
from catalog.service.imports import (
    EmptyUpload,
    ImportNotHeld,
    ImportUnderWay,
    StoredFile,
    cancel_import,
    confirm_import,
    create_import,
    fail,
    forget_old,
    resume_stalled,
    settle,
    store_block,
    store_upload,
    take_names,
    take_on,
)
from catalog.service.listings import ListingNotFound, ListingUnrivalled, link, unlink
from catalog.service.pictures import fetch_due_pictures, retry_pictures
from catalog.service.resets import reset_versions
from catalog.service.retiring import SourceRetired, check_not_retired
from catalog.service.shopify import DELETION, check_signature, take_webhook
from catalog.service.sources import (
    BadSignature,
    MappingInvalid,
    SignatureRequired,
    SourceExists,
    add_secret,
    change_source,
    create_source,
    live_secrets,
    reseal_secrets,
)
from catalog.service.staging import staged
from catalog.service.stores import PriceNeedsConfirmation, set_availability
from catalog.service.sync import keep_rejections, sync_products
from catalog.service.watching import Superseded, watched

__all__ = [
    "DELETION",
    "BadSignature",
    "EmptyUpload",
    "ImportNotHeld",
    "ImportUnderWay",
    "ListingNotFound",
    "ListingUnrivalled",
    "MappingInvalid",
    "PriceNeedsConfirmation",
    "ProductUnusable",
    "SignatureRequired",
    "SourceExists",
    "SourceRetired",
    "StoredFile",
    "Superseded",
    "add_product_image",
    "add_secret",
    "apply_block",
    "cancel_import",
    "change_source",
    "check_not_retired",
    "check_signature",
    "confirm_import",
    "create_import",
    "create_source",
    "fail",
    "fetch_due_pictures",
    "finish_import",
    "forget_old",
    "keep_rejections",
    "link",
    "live_secrets",
    "reseal_secrets",
    "reset_versions",
    "resume_stalled",
    "retry_pictures",
    "set_availability",
    "settle",
    "staged",
    "store_block",
    "store_upload",
    "sync_products",
    "take_names",
    "take_on",
    "take_webhook",
    "unlink",
    "watched",
]
