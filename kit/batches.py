"""Work on many things at once in which one that cannot be done never stops its neighbours."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError

from kit.db import db

log = logging.getLogger(__name__)
Key = TypeVar("Key")


def settle_apart(work: Callable[[Sequence[Key]], object], keys: Sequence[Key], *, kind: str) -> list[Key]:
    """Do `work` for all keys at once; where the database refuses that, for each half by itself, down to single ones.

    Those that are refused alone are logged as `kind` with their key, undone, and answered. What concerns all (a lost
    connection, a lock that is not to be had) is raised. Part of the caller's unit of work.
    """
    if not keys:
        return []
    try:
        with db.session.begin_nested():
            work(keys)
    except OperationalError:
        raise
    except DBAPIError as error:
        if len(keys) == 1:
            log.error("%s %s cannot be settled", kind, keys[0], exc_info=error)
            return list(keys)
        middle = len(keys) // 2
        return [refused for half in (keys[:middle], keys[middle:]) for refused in settle_apart(work, half, kind=kind)]
    return []
