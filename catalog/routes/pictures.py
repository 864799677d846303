"""Pictures that could not be had from where their sources name them."""

from typing import Any

from catalog import queries, service
from catalog.queries.sources import SourceNotFound
from catalog.routes.blueprint import CATALOG, PUSH, bp
from catalog.schemas.sources import FailedPicturePageOut, FailedPicturesIn, PictureRetriesOut
from kit import clock
from kit.web.auth import auth
from kit.web.io import query, reply
from kit.web.paging import page
from kit.web.refusals import refuses


@bp.get("/sources/<source>/failed-pictures")
@auth(roles=CATALOG, scope=PUSH)
@refuses(SourceNotFound)
@query(FailedPicturesIn)
@reply(FailedPicturePageOut)
def list_failed_pictures(source: str, given_up: bool | None, limit: int, cursor: str | None) -> dict[str, Any]:
    """Pictures of the source whose last attempt failed, and why; those that were given up, or are tried again."""
    found = queries.get_source(source)
    return page(
        lambda after, n: queries.list_failed_pictures(source_id=found.id, given_up=given_up, after=after, limit=n),
        name=f"failed pictures {source}",
        cursor=cursor,
        limit=limit,
        key=lambda row: [str(row["product_id"]), row["position"]],
    )


@bp.post("/sources/<source>/failed-pictures/retries")
@auth(roles=CATALOG)
@refuses(SourceNotFound)
@reply(PictureRetriesOut)
def retry_pictures(source: str) -> dict[str, Any]:
    """Try again, from the first attempt on, what was given up of the source's pictures."""
    return {"retried": service.retry_pictures(source_id=queries.get_source(source).id, now=clock.now())}
