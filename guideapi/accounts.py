"""As whom root's processes run: as nobody, who may touch nothing but what was handed over.

PostgreSQL refuses to run as root, and nothing that strangers talk to should.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# What programs of others see: nothing in our environment can change what they do.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}
UMASK = 0o077

Account = tuple[int, int]


def lesser_account() -> Account | None:
    """The (uid, gid) that root's processes run as; None when we aren't root, and they run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the account gets into `folder`."""
    return run_as(account, ["/bin/sh", "-c", 'cd "$0"', folder]).returncode == 0


def run_as(
    account: Account | None,
    command: Sequence[str | Path],
    *,
    folder: Path = Path("/"),
    environment: Mapping[str, str] = ENVIRONMENT,
) -> subprocess.CompletedProcess[str]:
    """Run `command` as the account, or as ourselves, and wait for its end."""
    uid, gid = account or (None, None)
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        user=uid,
        group=gid,
        extra_groups=[] if account else None,
        umask=UMASK,
        capture_output=True,
        text=True,
        check=False,
    )


def hand_over(folder: Path, account: Account | None) -> None:
    """Make `folder` and all in it the account's (ours by default) and nobody else's; made when missing.

    An earlier run may have been somebody else's. What is theirs already is not walked through again.
    """
    uid, gid = account or (os.geteuid(), os.getegid())
    folder.mkdir(mode=0o700, exist_ok=True)
    # The folder itself last: it tells whether this was finished.
    if folder.stat().st_uid != uid:
        for path in folder.rglob("*"):
            os.chown(path, uid, gid, follow_symlinks=False)
        os.chown(folder, uid, gid)
    folder.chmod(0o700)
