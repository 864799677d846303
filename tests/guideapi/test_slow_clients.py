"""Slow clients of three kinds at once, on what `make run` starts; docs/operations.md has the command."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from benchmarks.slow_clients import ORDINARY, READY, run
from tests.guideapi.launched import Launched

pytestmark = pytest.mark.xdist_group("launcher")


def test_others_are_served_beside_slow_clients() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        with Launched(Path(name) / "data") as launched:
            launched.up()
            seen = asyncio.run(run(port=launched.port, heads=40, bodies=40, readers=20, seconds=15))
            assert launched.stop() == 0
    assert not seen.failures
    assert min(len(seen.seconds[path]) for path in (READY, ORDINARY)) > 1
    # Held up for ever they were not: who sends nothing to the end is hung up on, and comes again.
    assert min(seen.hung_up[kind] for kind in ("slow heads", "slow bodies")) >= 40
