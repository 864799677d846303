"""Child processes that never outlive the process that started them, however it ends.

The first child brings a guard with it: a process that reads a pipe from us. When we are gone, also by `kill -9`, the
pipe ends and the guard ends every child still on its list. That works wherever there are pipes, unlike Linux's
parent-death signal, which a change of user clears.
"""

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from guideapi.accounts import UMASK

CHECKOUT = Path(__file__).resolve().parent.parent
GRACE_SECONDS = 5


class Child:
    """A running process in a session of its own, so that a Ctrl-C in the terminal reaches only its parent."""

    def __init__(self, process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
        self.process = process
        self._stop_signal = stop_signal
        self._forgotten = False
        self._asked_to_stop = False

    @classmethod
    def start(
        cls,
        command: Sequence[str | Path],
        *,
        folder: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        account: tuple[int, int] | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        output: IO[bytes] | None = None,
        throwaway: Path | None = None,
    ) -> "Child":
        """Start `command` in `folder`, as the (uid, gid) of `account` or as oneself.

        The folder `throwaway` is removed if the child has to be ended for us.
        """
        uid, gid = account or (None, None)
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=stdin,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=uid,
            group=gid,
            extra_groups=[] if account else None,
            umask=UMASK,
        )
        _guard().tell(f"+{process.pid} {stop_signal.value} {throwaway or ''}")
        return cls(process, stop_signal)

    @property
    def pid(self) -> int:
        return self.process.pid

    def has_ended(self) -> bool:
        """Whether the process is gone; what it left running in its session is then ended too."""
        if self.process.poll() is None:
            return False
        self._forget()
        return True

    def ask_to_stop(self) -> None:
        """Send the stop signal once and return, so that several children can stop side by side."""
        # A second one would hit a process that has put its handlers away on its way out.
        if not self._asked_to_stop and self.process.poll() is None:
            self._asked_to_stop = True
            self.process.send_signal(self._stop_signal)

    def stop(self, *, grace_seconds: float) -> None:
        """Stop it and wait; after `grace_seconds` it is killed with all it started."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=grace_seconds)
        self._forget()
        self.process.wait()

    def _forget(self) -> None:
        # Only once: its process id may be another program's by now.
        if self._forgotten:
            return
        self._forgotten = True
        for pid in _in_sessions({self.pid}):
            _send(pid, signal.SIGKILL)
        _guard().tell(f"-{self.pid}")


class _Guard:
    def __init__(self, holding: Collection[int]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "guideapi.children"],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=tuple(holding),
            start_new_session=True,
            bufsize=0,
        )

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        # A guard that was itself killed must not keep us from stopping in order.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())

    def end(self) -> None:
        """Let it go: whatever is still on its list ends now."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.wait()


_started: _Guard | None = None


def _guard() -> _Guard:
    return _started or start_guard()


def start_guard(*, holding: Collection[int] = ()) -> _Guard:
    """Start the guard; it keeps the files `holding` (descriptors of locks) open until the last child has ended."""
    global _started
    _started = _Guard(holding)
    atexit.register(_started.end)
    return _started


def keep_watch(lines: IO[str]) -> None:
    """Follow the list of children until the writer is gone, then end those left on it and remove their throwaways."""
    children: dict[int, tuple[psutil.Process, int, str]] = {}
    for line in lines:
        pid, *rest = line[1:].rstrip("\n").split(" ", maxsplit=2)
        children.pop(int(pid), None)
        with contextlib.suppress(psutil.NoSuchProcess):
            if line.startswith("+"):
                children[int(pid)] = psutil.Process(int(pid)), int(rest[0]), rest[1]
    for process, stop_signal, _ in children.values():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(stop_signal)
    _await_end(children)
    for *_, throwaway in children.values():
        if throwaway:
            shutil.rmtree(throwaway, ignore_errors=True)


def _await_end(children: Collection[int]) -> None:
    for _ in range(GRACE_SECONDS * 10):
        if not any(_in_sessions(children)):
            return
        time.sleep(0.1)
    for pid in _in_sessions(children):
        _send(pid, signal.SIGKILL)


def _in_sessions(leaders: Collection[int]) -> Iterator[int]:
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(pid) in leaders and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                yield pid


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    keep_watch(sys.stdin)
