"""Logs are kept, bounded, and their owner's only."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from guideapi.accounts import hand_over
from guideapi.logs import KEPT, open_log, rotate


def test_a_log_is_kept_by_a_start_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_text("before\n")
    path.chmod(0o644)
    with open_log(path, None) as log:
        log.write(b"after\n")
    assert path.read_text() == "before\nafter\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_log_moves_on_and_the_oldest_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    with open_log(path, None) as log:
        for turn in range(KEPT + 3):
            os.write(log.fileno(), f"turn {turn}".encode())
            rotate(path, max_bytes=100)
            assert path.stat().st_size > 0, "not full yet"
            rotate(path, max_bytes=5)
            assert path.stat().st_size == 0
    kept = sorted(tmp_path.glob("api.log.*"))
    assert [old.read_text() for old in kept] == [f"turn {KEPT + 2 - n}" for n in range(KEPT)]
    assert {stat.S_IMODE(old.stat().st_mode) for old in kept} == {0o600}


@pytest.mark.parametrize("write", [lambda path: open_log(path, None), lambda path: rotate(path, max_bytes=1)])
def test_no_link_is_followed(tmp_path: Path, write: Callable[[Path], object]) -> None:
    other = tmp_path / "passwd"
    other.write_text("root")
    (tmp_path / "api.log").symlink_to(other)
    with pytest.raises(OSError, match="symbolic links"):
        write(tmp_path / "api.log")
    assert other.read_text() == "root"


def test_what_another_run_left_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir(mode=0o755)
    hand_over(folder, None)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == os.geteuid()
