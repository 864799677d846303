"""Imports that were cancelled, or taken on by another runner, stop within seconds, wherever they are."""

import time
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import Any, BinaryIO, cast

from sqlalchemy import select

from catalog.rules.states import UNDER_WAY
from kit.db import READING, db
from models import SyncRun

# How long after somebody cancels a run its runner may go on before it looks.
LOOK_SECONDS = 1.0
# What lies between two looks is bounded: this unpacks to a few megabytes at most.
READ_BYTES = 8 * 1024


class Superseded(Exception):
    """Another runner has taken this run on, or it was cancelled; what this step did is rolled back."""


def watch(run: SyncRun) -> Callable[[], None]:
    """What to call often while working on the run; now and then it looks, and raises Superseded.

    Looks over a connection of its own: the run's may be in the middle of a COPY.
    """
    run_id, attempt = run.id, run.attempt
    looked = time.monotonic()
    statement = select(SyncRun.state, SyncRun.attempt).where(SyncRun.id == run_id)

    def look() -> None:
        nonlocal looked
        if time.monotonic() - looked < LOOK_SECONDS:
            return
        looked = time.monotonic()
        with db.engines[READING].connect() as connection:
            found = connection.execute(statement).one_or_none()
        if found is None or found.state not in UNDER_WAY or found.attempt != attempt:
            raise Superseded

    return look


class _Watched(RawIOBase):
    """A file whose every reading looks whether it is still wanted."""

    def __init__(self, file: BinaryIO, look: Callable[[], None]) -> None:
        self._file = file
        self._look = look

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._look()
        part = self._file.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


def watched(run: SyncRun, file: BinaryIO) -> BinaryIO:
    """The run's file, whose reading raises Superseded soon after the run was cancelled or taken on by another."""
    return cast(BinaryIO, BufferedReader(_Watched(file, watch(run)), READ_BYTES))
