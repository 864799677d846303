"""Where products come from."""

from sqlalchemy.dialects.postgresql import insert

from catalog import queries
from kit.db import db
from kit.errors import Conflict
from models import Source


class SourceExists(Conflict):
    """Another source has this code."""

    code = "source_exists"
    title = "This source exists already"


def create_source(*, code: str, name: str, currency: str = "CNY") -> Source:
    """A new source whose prices are in minor units of `currency`; the same again returns the first.

    Raises SourceExists when the code belongs to another name or currency.
    """
    row = insert(Source).values(code=code, name=name, currency=currency)
    db.session.execute(row.on_conflict_do_nothing(index_elements=["code"]))
    source = queries.get_source(code)
    if (source.name, source.currency) != (name, currency):
        raise SourceExists(f"There is a source {code} with another name or currency.")
    return source
