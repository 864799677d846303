"""Column types that the tables share."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Computed,
    DateTime,
    Dialect,
    FetchedValue,
    Identity,
    String,
    Text,
    TypeDecorator,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import MappedColumn, mapped_column

from kit.ids import new_id
from kit.words import Said, read_said

# UUIDv7; the database's own default (see migrations) serves set-wise inserts.
Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id, server_default=func.uuid7())]
# Rows nobody addresses from outside.
Number = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Code = Annotated[str, mapped_column(String(64))]
Name = Annotated[str, mapped_column(String(200))]
Long = Annotated[str, mapped_column(Text)]
Fen = Annotated[int, mapped_column(BigInteger)]
Version = Annotated[int, mapped_column(BigInteger)]
# Counted up by a trigger (`bump_version`) on every change; becomes the ETag (kit/web/etag.py).
RowVersion = Annotated[int, mapped_column(BigInteger, server_default="1", server_onupdate=FetchedValue())]
Currency = Annotated[str, mapped_column(String(3))]
At = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


class SaidType(TypeDecorator[Said]):
    """A word of kit/words with its facts, as JSON: it is spelled out in the language of who reads it."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Said | None, _dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else value.as_stored()

    def process_result_value(self, value: dict[str, Any] | None, _dialect: Dialect) -> Said | None:
        return None if value is None else read_said(value)


Words = Annotated[Said, mapped_column(SaidType(none_as_null=True))]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]
Uuids = Annotated[list[UUID], mapped_column(ARRAY(Uuid), server_default="{}")]
Texts = Annotated[list[str], mapped_column(ARRAY(Text), server_default="{}")]


def key_of(column: str) -> MappedColumn[Any]:
    """What is compared of the code in `column` (kit/codes.py): the database keeps it, so nobody can forget to."""
    return mapped_column(Text, Computed(f"fold_code({column})", persisted=True), unique=True, deferred=True)


__all__ = [
    "At",
    "Code",
    "CreatedAt",
    "Currency",
    "Fen",
    "Id",
    "Json",
    "JsonList",
    "Long",
    "Name",
    "Number",
    "RowVersion",
    "Texts",
    "Uuids",
    "Version",
    "Words",
    "key_of",
]
