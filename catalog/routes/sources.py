"""Where products come from, and the batches that sources push."""

from typing import Any

from catalog import queries, service
from catalog.items import ProductItem
from catalog.queries.products import ProductNotFound
from catalog.queries.sources import SourceNotFound
from catalog.routes.blueprint import CATALOG, PUSH, bp
from catalog.routes.signatures import signature_holds
from catalog.schemas.sources import (
    SecretIn,
    SecretOut,
    SourceChangeIn,
    SourceIn,
    SourceOut,
    SourcePageOut,
    VersionResetIn,
    VersionResetOut,
)
from catalog.service.merge import SkuRace
from catalog.service.retiring import SourceRetired
from catalog.service.sources import BadSignature, MappingInvalid, SignatureRequired, SourceExists
from kit import clock
from kit.web.auth import auth
from kit.web.batch import Rejection, batch, outcomes
from kit.web.io import body, query, reply
from kit.web.paging import PageIn, page
from kit.web.refusals import refuses
from models import Source

MAX_RAW = 2000  # characters of an item that cannot be read


@bp.post("/sources")
@auth(roles=CATALOG)
@refuses(MappingInvalid, SourceExists, SourceNotFound)
@body(SourceIn)
@reply(SourceOut, 201)
def create_source(**settings: Any) -> dict[str, Any]:
    """A place that products come from, and how its files read; the same again returns the first."""
    secret = settings.pop("secret")
    source = service.create_source(file_format=settings.pop("format"), **settings)
    if secret and secret not in service.live_secrets(source):
        service.add_secret(source=source, secret=secret)
    return _shown(source)


@bp.patch("/sources/<source>")
@auth(roles=CATALOG)
@refuses(MappingInvalid, SourceNotFound)
@body(SourceChangeIn)
@reply(SourceOut)
def change_source(source: str, **changes: Any) -> dict[str, Any]:
    """Change how files of the source read, how much a snapshot may take down, its rank, or retire it."""
    file_format = changes.pop("format", None)
    found = queries.get_source(source)
    return _shown(service.change_source(source=found, file_format=file_format, now=clock.now(), **changes))


@bp.post("/sources/<source>/secrets")
@auth(roles=CATALOG)
@refuses(SourceNotFound)
@body(SecretIn)
@reply(SecretOut, 201)
def add_secret(source: str, secret: str | None) -> dict[str, Any]:
    """A new secret for signing pushes, seen only now; the one before stays live until the next is made."""
    return {"secret": service.add_secret(source=queries.get_source(source), secret=secret)}


@bp.post("/sources/<source>/version-resets")
@auth(roles=CATALOG)
@refuses(ProductNotFound, SourceNotFound)
@body(VersionResetIn, required=False)
@reply(VersionResetOut)
def reset_versions(source: str, external_id: str | None) -> dict[str, Any]:
    """Forget which version of a product, or of all of the source, was accepted: the next one is taken, even a lower."""
    found = queries.get_source(source)
    return {"products": service.reset_versions(source_id=found.id, external_id=external_id)}


@bp.get("/sources")
@auth(roles=CATALOG)
@query(PageIn)
@reply(SourcePageOut)
def list_sources(limit: int, cursor: str | None) -> dict[str, Any]:
    """The places that products come from, by code."""
    return page(queries.list_sources, name="sources", cursor=cursor, limit=limit, key=lambda row: [row["code"]])


@bp.post("/sources/<source>/products")
@auth(roles=CATALOG, scope=PUSH)
@refuses(BadSignature, SignatureRequired, SkuRace, SourceNotFound, SourceRetired)
@signature_holds
@batch(ProductItem, limit=1000)
def push_products(
    source: str, items: list[tuple[int, ProductItem]], rejections: list[Rejection]
) -> dict[str, list[dict[str, Any]]]:
    """Take whole products as they are at the source; the highest version wins, in any order of arrival."""
    found_source = queries.get_source(source)
    service.check_not_retired(found_source)
    found = service.sync_products(source=found_source, items=[item for _, item in items], now=clock.now())
    for (index, _), outcome in zip(items, found, strict=True):
        # Among the well-formed items so far, from now on among all.
        outcome["index"] = index
    service.keep_rejections(source=found_source, rejections=_rejected(rejections, found))
    return outcomes(found, rejections)


def _rejected(ill_formed: list[Rejection], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    unreadable = [{"code": r.code, "said": r.said, "raw": r.raw[:MAX_RAW].replace("\x00", "�")} for r in ill_formed]
    refused = [o for o in found if o["outcome"] == "rejected"]
    return [*unreadable, *({"external_id": o["external_id"], "code": o["code"], "said": o["detail"]} for o in refused)]


def _shown(source: Source) -> dict[str, Any]:
    shown = {name: getattr(source, name) for name in queries.SOURCE_FIELDS}
    return {**shown, "retired": source.retired_at is not None, "secrets": len(source.secrets)}
