"""Log files that processes write to by themselves: kept over restarts, bounded, their owner's only.

Root opens logs in folders that are nobody's: a link there would have root write, and give away, what it leads to.
"""

import os
import shutil
from pathlib import Path
from typing import IO, cast

from guideapi.accounts import Account

MAX_BYTES = 10 * 1024 * 1024
KEPT = 5


def open_log(path: Path, account: Account | None) -> IO[bytes]:
    """`path` to append to, by a process of `account` (ours by default)."""
    log = _open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, "ab")
    os.fchmod(log.fileno(), 0o600)
    if account:
        os.fchown(log.fileno(), *account)
    return log


def rotate(path: Path, *, max_bytes: int = MAX_BYTES) -> None:
    """Once `path` has `max_bytes`, move what it holds to `path`.1, that to .2 and so on, and forget what was oldest.

    Its writers keep it open and append, so it is copied and emptied; what is written in that instant may be lost.
    """
    if not path.exists() or path.lstat().st_size < max_bytes:
        return
    for number in range(KEPT - 1, 0, -1):
        if (older := _older(path, number)).exists():
            older.replace(_older(path, number + 1))
    with _open(path, os.O_RDWR, "r+b") as log:
        held = os.fstat(log.fileno())
        with open_log(_older(path, 1), (held.st_uid, held.st_gid) if _is_root() else None) as moved:
            shutil.copyfileobj(log, moved)
        log.truncate(0)


def _open(path: Path, flags: int, mode: str) -> IO[bytes]:
    """Raises OSError where `path` is a link."""
    return cast(IO[bytes], open(os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), mode))


def _older(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _is_root() -> bool:
    return os.geteuid() == 0
