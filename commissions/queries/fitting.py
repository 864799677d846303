"""Which rules fit nothing of the catalog as it is today."""

from sqlalchemy import ColumnElement, or_, select

from catalog.rules import CATEGORY_SEPARATOR
from commissions.rules.language.model import Match, Plan
from kit.db import db
from models import Brand, Category, Product, Sku


def list_idle_rules(plan: Plan) -> list[str]:
    """The names of rules that name brands, categories, SKUs or tags of which no SKU of the catalog has all."""
    return [rule.name for rule in plan.line_rules if (wanted := _wanted(rule.match)) and not _fits_any(wanted)]


def _fits_any(wanted: list[ColumnElement[bool]]) -> bool:
    statement = (
        select(Sku.id)
        .join(Product, Product.id == Sku.product_id)
        .join(Brand, Brand.id == Product.brand_id)
        .join(Category, Category.id == Product.category_id)
        .where(*wanted)
    )
    return db.session.scalars(statement.limit(1)).first() is not None


def _wanted(match: Match) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if match.brands:
        wanted.append(Brand.name.in_(match.brands))
    if match.categories:
        below = [Category.path.startswith(f"{path}{CATEGORY_SEPARATOR}", autoescape=True) for path in match.categories]
        wanted.append(or_(Category.path.in_(match.categories), *below))
    if match.skus:
        wanted.append(Sku.code.in_(match.skus))
    if match.tags:
        wanted.append(Product.tags.overlap(list(match.tags)))
    return wanted
