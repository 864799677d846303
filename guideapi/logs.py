"""Log files that processes write to by themselves: kept over restarts, bounded, their owner's only."""

import os
import shutil
from pathlib import Path
from typing import IO

from guideapi.accounts import Account

MAX_BYTES = 10 * 1024 * 1024
KEPT = 5


def open_log(path: Path, account: Account | None) -> IO[bytes]:
    """`path` to append to, by a process of `account` (ours by default)."""
    log = open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab")  # noqa: SIM115
    os.fchmod(log.fileno(), 0o600)
    if account:
        os.fchown(log.fileno(), *account)
    return log


def rotate(path: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Once `path` has `max_bytes`, move what it holds to `path`.1, that to .2 and so on, and forget what was oldest.

    Its writers keep it open and append, so it is copied and emptied; what is written in that instant may be lost.
    """
    if not path.exists() or path.stat().st_size < max_bytes:
        return
    for number in range(KEPT - 1, 0, -1):
        if (older := _older(path, number)).exists():
            older.replace(_older(path, number + 1))
    held = path.stat()
    with open(path, "r+b") as log, open_log(_older(path, 1), (held.st_uid, held.st_gid) if _is_root() else None) as to:
        shutil.copyfileobj(log, to)
        log.truncate(0)


def _older(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _is_root() -> bool:
    return os.geteuid() == 0
