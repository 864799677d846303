"""As whom the API, the workers, the scheduler and Valkey run when root starts them."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from guideapi.accounts import Account, can_enter, lesser_account, run_as
from guideapi.children import CHECKOUT
from guideapi.launcher.supervisor import say

FIRST_OPEN_PORT = 1024
# Folders of one's own that processes write to, and files that they read.
WRITTEN, READ = ("STORAGE_URL", "CODE_SENDER_URL"), ("DATA_KEYS_FILE",)


def choose_account(data: Path, *, port: int, environment: Mapping[str, str]) -> Account | None:
    """The account for everything but PostgreSQL; None for ourselves, and where that is root a line says why."""
    account = lesser_account()
    if account is None:
        return None
    if reason := next(_hindrances(account, data, port, environment), None):
        say(f"API, workers, scheduler and Valkey run as root: {reason}")
        return None
    return account


def _hindrances(account: Account, data: Path, port: int, environment: Mapping[str, str]) -> Iterator[str]:
    if port < FIRST_OPEN_PORT:
        yield f"only root may listen on port {port}"
    if not can_enter(data, account):
        yield f"the user nobody can't enter {data}"
    for name in WRITTEN:
        url = urlsplit(environment.get(name, ""))
        folder = unquote(url.path)
        if url.scheme == "file" and not _passes(account, "-w", folder):
            yield f"the user nobody can't write to {folder} ({name})"
    for name in READ:
        if (path := environment.get(name)) and not _passes(account, "-r", path):
            yield f"the user nobody can't read {path} ({name})"
    started = [sys.executable, "-c", "import flask, guideapi.config"]
    try:
        runs = run_as(account, started, folder=CHECKOUT, environment=environment).returncode == 0
    except OSError:
        runs = False
    if not runs:
        yield f"the user nobody can't run {sys.executable} in {CHECKOUT}"


def _passes(account: Account, test: str, path: str) -> bool:
    return run_as(account, ["/usr/bin/env", "test", test, path]).returncode == 0
