"""Slow clients against a running server: `python -m benchmarks.slow_clients --port 8000`; see docs/operations.md.

Each kind comes again as soon as it is hung up on. Beside them, /readyz and an ordinary request are asked for and timed.
Ends with 1 if one of these failed, or took longer than a second.
"""

import asyncio
import socket
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import click

READY, ORDINARY, LONG = "/readyz", "/v1/me", "/openapi.json"
BYTE_SECONDS = 1.0
ASK_SECONDS = 0.1
LIMIT_SECONDS = 1.0
# A server that says nothing for so long does not answer.
PATIENCE_SECONDS = 10.0
# Small enough for most of an answer to stay with the server.
RECEIVE_BYTES = 4096
HEAD = b"GET /healthz HTTP/1.1\r\nHost: slow\r\nX-Slow: "
BODY = b"POST /v1/auth/token HTTP/1.1\r\nHost: slow\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"


@dataclass(kw_only=True)
class Seen:
    """What became of everybody."""

    open: Counter[str] = field(default_factory=Counter)
    hung_up: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    def holds(self) -> bool:
        """Whether all who were not slow were answered in time."""
        times = [seconds for path in self.seconds.values() for seconds in path]
        return bool(times) and not self.failures and max(times) < LIMIT_SECONDS


Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def run(*, port: int, heads: int, bodies: int, readers: int, seconds: float) -> Seen:
    """Let them all loose for `seconds`."""
    seen = Seen()
    kinds = [("slow heads", heads, _send_head), ("slow bodies", bodies, _send_body), ("slow readers", readers, _read)]
    slow = [
        asyncio.create_task(_again_and_again(port, seen, name, behave))
        for name, number, behave in kinds
        for _ in range(number)
    ]
    quick = [asyncio.create_task(_ask_on(port, seen, path)) for path in (READY, ORDINARY)]
    await asyncio.sleep(seconds)
    for task in [*slow, *quick]:
        task.cancel()
    await asyncio.gather(*slow, *quick, return_exceptions=True)
    return seen


async def _again_and_again(port: int, seen: Seen, kind: str, behave: Callable[[Opened], Awaitable[None]]) -> None:
    while True:
        with suppress(OSError):
            opened = await _connect(port)
            seen.open[kind] += 1
            try:
                await behave(opened)
            except OSError:
                seen.hung_up[kind] += 1
            finally:
                opened[1].transport.abort()
        await asyncio.sleep(BYTE_SECONDS)


async def _connect(port: int) -> Opened:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=connection, limit=RECEIVE_BYTES)


async def _send_head(opened: Opened) -> None:
    await _dribble(opened, HEAD)


async def _send_body(opened: Opened) -> None:
    await _dribble(opened, BODY)


async def _dribble(opened: Opened, begin: bytes) -> None:
    reader, writer = opened
    writer.write(begin)
    while not reader.at_eof():
        await asyncio.sleep(BYTE_SECONDS)
        writer.write(b" ")
        await writer.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await reader.read(RECEIVE_BYTES)
    raise ConnectionResetError


async def _read(opened: Opened) -> None:
    reader, writer = opened
    writer.write(f"GET {LONG} HTTP/1.1\r\nHost: slow\r\nConnection: close\r\n\r\n".encode())
    while await reader.read(10):
        await asyncio.sleep(BYTE_SECONDS)
    raise ConnectionResetError


async def _ask_on(port: int, seen: Seen, path: str) -> None:
    while True:
        begun = perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                status = await _ask(port, path)
        except (OSError, TimeoutError):
            status = 0
        seen.seconds.setdefault(path, []).append(perf_counter() - begun)
        if not 200 <= status < 500:
            seen.failures[f"{path}: {status or 'no answer'}"] += 1
        await asyncio.sleep(ASK_SECONDS)


async def _ask(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: quick\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        return int(answer[9:12] or 0)
    finally:
        writer.transport.abort()


@click.command()
@click.option("--port", type=int, required=True, help="Of a server on this machine.")
@click.option("--heads", default=300, show_default=True, help="Clients that send their headers a byte a second.")
@click.option("--bodies", default=200, show_default=True, help="Clients that send a body a byte a second.")
@click.option("--readers", default=50, show_default=True, help="Clients that read an answer ten bytes a second.")
@click.option("--seconds", default=30.0, show_default=True)
def main(port: int, heads: int, bodies: int, readers: int, seconds: float) -> None:
    """Slow clients of three kinds at once, and what is left for the others."""
    seen = asyncio.run(run(port=port, heads=heads, bodies=bodies, readers=readers, seconds=seconds))
    for kind, number in seen.open.items():
        click.echo(f"{kind}: {number} connections made, {seen.hung_up[kind]} hung up on")
    for path, times in seen.seconds.items():
        click.echo(f"{path}: asked {len(times)} times, median {median(times):.3f} s, slowest {max(times):.3f} s")
    for failure, number in seen.failures.items():
        click.echo(f"failed: {failure} ({number} times)")
    sys.exit(not seen.holds())


if __name__ == "__main__":
    main()
