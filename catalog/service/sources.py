"""Where products come from, how their files read, and what their pushes are signed with."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from catalog import queries
from catalog.formats.mapped import FIELDS, ColumnMapping
from catalog.items import ShelfStatus
from catalog.service import listings, retiring
from kit import signing
from kit.complaints import read_complaint
from kit.db import db
from kit.encodings import EncodingUnknown, known_encoding
from kit.errors import Conflict, Invalid, Unauthenticated
from kit.sealing import newest_prefix, seal, unseal
from kit.words import say
from models import Source

LIVE_SECRETS = 2
PURPOSE = "source secret"


class SourceExists(Conflict):
    """Another source has this code."""

    code = "source_exists"


class MappingInvalid(Invalid):
    """The column mapping names fields or statuses that do not exist."""

    code = "mapping_invalid"


class SignatureRequired(Unauthenticated):
    """The source has a secret, and what is pushed to it is signed with that."""

    code = "signature_required"


class BadSignature(Unauthenticated):
    """A signature was presented, and it does not hold."""

    code = "bad_signature"


def create_source(
    *,
    code: str,
    name: str,
    currency: str = "CNY",
    file_format: str | None = None,
    mapping: dict[str, Any] | None = None,
    guard_bp: int | None = None,
    unsigned_pushes: bool | None = None,
    rank: int | None = None,
) -> Source:
    """A new source whose prices are in minor units of `currency`; the same again returns the first.

    A snapshot of it may take down `guard_bp` (5 % by default) of what is on the shelf before somebody has to confirm.
    Raises MappingInvalid, and SourceExists when the code belongs to a source that differs in what is given.
    """
    _check_mapping(mapping or {})
    given = {
        "name": name,
        "currency": currency,
        "format": file_format,
        "mapping": mapping,
        "guard_bp": guard_bp,
        "unsigned_pushes": unsigned_pushes,
        "rank": rank,
    }
    settings: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    row = insert(Source).values(code=code, **settings)
    db.session.execute(row.on_conflict_do_nothing(index_elements=["code"]))
    source = queries.get_source(code)
    if any(getattr(source, field) != value for field, value in settings.items()):
        raise SourceExists(say("source_exists", code=code))
    return source


def change_source(
    *,
    source: Source,
    name: str | None = None,
    file_format: str | None = None,
    mapping: dict[str, Any] | None = None,
    guard_bp: int | None = None,
    unsigned_pushes: bool | None = None,
    rank: int | None = None,
    retired: bool | None = None,
    now: datetime,
) -> Source:
    """The source with what is given changed; its code and currency stay. Raises MappingInvalid.

    A new `rank` (1 is the highest) decides at once who says what SKUs of several sources are. Of a `retired` source
    what others list is theirs from now on, the rest goes off the shelf, and its imports end. What it said last comes
    back when it is no longer retired.
    """
    if mapping is not None:
        _check_mapping(mapping)
        source.mapping = mapping
    source.name = source.name if name is None else name
    source.format = source.format if file_format is None else file_format
    source.guard_bp = source.guard_bp if guard_bp is None else guard_bp
    source.unsigned_pushes = source.unsigned_pushes if unsigned_pushes is None else unsigned_pushes
    if rank is not None or retired is not None:
        _stand(source, rank=source.rank if rank is None else rank, retired=retired, now=now)
    return source


def _stand(source: Source, *, rank: int, retired: bool | None, now: datetime) -> None:
    source.rank = rank
    was_retired = source.retired_at is not None
    if retired is not None and retired != was_retired:
        source.retired_at = now if retired else None
    db.session.flush()
    if retired and not was_retired:
        retiring.fall_silent(source.id, now=now)
    if was_retired and source.retired_at is None:
        retiring.bring_back(source.id, now=now)
    listings.hand_over(source.id, now=now)
    if source.retired_at is not None:
        retiring.take_down(source.id, now=now)


def add_secret(*, source: Source, secret: str | None) -> str:
    """What pushes are signed with from now on: the given secret, or a new one; the one before stays live too."""
    chosen = secret or signing.new_secret()
    source.secrets = [_sealed(source.id, chosen), *source.secrets][:LIVE_SECRETS]
    return chosen


def live_secrets(source: Source) -> list[str]:
    """The source's secrets, the newest first."""
    sealed = (base64.b64decode(secret) for secret in source.secrets)
    return [unseal(secret, purpose=PURPOSE, place=str(source.id)).decode() for secret in sealed]


def reseal_secrets(*, after: UUID | None = None) -> UUID | None:
    """Seal the secrets of the next source with the newest key and answer which that was, None at the end."""
    due = select(Source).where(func.cardinality(Source.secrets) > 0)
    if after is not None:
        due = due.where(Source.id > after)
    source = db.session.scalars(due.order_by(Source.id).limit(1).with_for_update()).first()
    if source is None:
        return None
    if not all(base64.b64decode(one).startswith(newest_prefix()) for one in source.secrets):
        source.secrets = [_sealed(source.id, secret) for secret in live_secrets(source)]
    return source.id


def _sealed(source_id: UUID, secret: str) -> str:
    return base64.b64encode(seal(secret.encode(), purpose=PURPOSE, place=str(source_id))).decode()


def _check_mapping(mapping: dict[str, Any]) -> None:
    try:
        found = msgspec.convert(mapping, ColumnMapping)
        msgspec.convert(list(found.statuses.values()), list[ShelfStatus])
        ZoneInfo(found.time_zone)
        if found.encoding is not None:
            known_encoding(found.encoding)
    except EncodingUnknown as error:
        raise MappingInvalid(error.said) from None
    except msgspec.ValidationError as error:
        raise MappingInvalid(read_complaint(error)) from None
    except (ValueError, KeyError, OSError):
        raise MappingInvalid(say("unknown_time_zone", zone=str(mapping.get("time_zone"))[:64])) from None
    unknown = sorted(({*found.columns, *found.defaults}) - set(FIELDS))
    if unknown:
        raise MappingInvalid(say("mapping_invalid.fields", unknown=", ".join(unknown)[:300], fields=FIELDS))
