"""Pictures that could not be had from where their sources name them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from kit.db import fetch_all
from models import ImageLink, Product


def list_failed_pictures(
    *, source_id: UUID, given_up: bool | None, after: list[Any] | None, limit: int
) -> list[dict[str, Any]]:
    """The source's pictures whose last attempt failed, given up or not, past (product, position) in `after`."""
    link = (ImageLink.position, ImageLink.url, ImageLink.attempts, ImageLink.problem, ImageLink.due_at)
    statement = (
        select(ImageLink.product_id, Product.external_id, *link)
        .join(Product, Product.id == ImageLink.product_id)
        .where(Product.source_id == source_id, ImageLink.problem.is_not(None))
        .order_by(ImageLink.product_id, ImageLink.position)
        .limit(limit)
    )
    if given_up is not None:
        statement = statement.where(ImageLink.due_at.is_(None) == given_up)
    if after:
        place = tuple_(ImageLink.product_id, ImageLink.position)
        statement = statement.where(place > (UUID(after[0]), after[1]))
    return list(fetch_all(statement))
