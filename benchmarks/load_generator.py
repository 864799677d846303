"""Asks one path over and over, on a number of connections, and says what came back.

A process of its own on plain sockets, because it shares the machine with what it measures: an HTTP library would
spend more time on a request than the server does. `python -m benchmarks.load_generator` takes the order as JSON on
stdin and writes the account to stdout.
It closes the loop: a connection asks again as soon as it has its answer.
"""

import json
import selectors
import socket
import sys
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter, process_time

HEADERS_END = b"\r\n\r\n"
RETRY_SECONDS = 0.01
# A server that says nothing for so long has lost the request.
SILENCE_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to ask for, with how many connections, for how long; the warm-up is not counted."""

    port: int
    path: str
    token: str | None
    connections: int
    seconds: float
    warm_seconds: float
    keep_alive: bool


@dataclass(kw_only=True)
class Account:
    """What came back: `lost` counts requests without an answer, by what the connection had done before."""

    answered: int = 0
    answer_bytes: int = 0
    seconds: float = 0.0
    generator_cpu_seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    answered_by_connection: list[int] = field(default_factory=list)
    longest_pause_ms: float = 0.0


class Connection:
    """One connection to the server, made anew whenever it ends."""

    def __init__(self, number: int, generator: "Generator") -> None:
        self.number = number
        self.generator = generator
        self.socket: socket.socket | None = None
        self.retry_at = 0.0
        self.asked_at = 0.0
        self.used = False
        self.received = b""

    def open(self) -> None:
        """Connect and ask; a refused connection is tried again a little later."""
        try:
            self.socket = socket.create_connection(("127.0.0.1", self.generator.order.port), timeout=SILENCE_SECONDS)
        except OSError:
            self.generator.count_refusal()
            self.retry_at = perf_counter() + RETRY_SECONDS
            return
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.used = False
        self.generator.selector.register(self.socket, selectors.EVENT_READ, self)
        self.ask()

    def ask(self) -> None:
        assert self.socket is not None
        self.received = b""
        self.asked_at = perf_counter()
        try:
            self.socket.sendall(self.generator.request)
        except OSError:
            self.lose()

    def read(self) -> None:
        """Take in what is there; an answer that is whole is counted, and the next question asked."""
        assert self.socket is not None
        try:
            piece = self.socket.recv(262_144)
        except OSError:
            piece = b""
        if not piece:
            self.lose()
            return
        self.received += piece
        head_end = self.received.find(HEADERS_END)
        if head_end < 0:
            return
        head = self.received[:head_end].lower()
        if len(self.received) - head_end - len(HEADERS_END) < _content_length(head):
            return
        self.generator.count_answer(self, status=head[9:12].decode())
        self.used = True
        if b"connection: close" in head or not self.generator.order.keep_alive:
            self.close()
            self.open()
        else:
            self.ask()

    def lose(self) -> None:
        """The server hung up on a question."""
        begun = "answer_cut_short" if self.received else None
        self.generator.count_loss(begun or ("on_a_used_connection" if self.used else "on_a_new_connection"))
        self.close()
        self.retry_at = perf_counter() + RETRY_SECONDS

    def close(self) -> None:
        if self.socket is not None:
            self.generator.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None


class Generator:
    """Follows one order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.selector = selectors.DefaultSelector()
        self.request = _request(order)
        self.account = Account(answered_by_connection=[0] * order.connections)
        self.counting = False
        self.last_answer_at = 0.0

    def run(self) -> Account:
        connections = [Connection(number, self) for number in range(self.order.connections)]
        self._loop(connections, seconds=self.order.warm_seconds)
        self.counting = True
        self.last_answer_at = started = perf_counter()
        cpu = process_time()
        self._loop(connections, seconds=self.order.seconds)
        self.account.seconds = perf_counter() - started
        self.account.generator_cpu_seconds = process_time() - cpu
        for connection in connections:
            connection.close()
        return self.account

    def _loop(self, connections: list[Connection], *, seconds: float) -> None:
        end = perf_counter() + seconds
        while (now := perf_counter()) < end:
            for connection in connections:
                if connection.socket is None:
                    if now >= connection.retry_at:
                        connection.open()
                elif now - connection.asked_at > SILENCE_SECONDS:
                    connection.lose()
            for key, _ in self.selector.select(timeout=RETRY_SECONDS):
                key.data.read()

    def count_answer(self, connection: Connection, *, status: str) -> None:
        if not self.counting:
            return
        now = perf_counter()
        account = self.account
        account.answered += 1
        account.answer_bytes += len(connection.received)
        account.statuses[status] += 1
        account.milliseconds.append((now - connection.asked_at) * 1000)
        account.answered_by_connection[connection.number] += 1
        account.longest_pause_ms = max(account.longest_pause_ms, (now - self.last_answer_at) * 1000)
        self.last_answer_at = now

    def count_loss(self, kind: str) -> None:
        if self.counting:
            self.account.lost[kind] += 1

    def count_refusal(self) -> None:
        if self.counting:
            self.account.refused += 1


def _request(order: Order) -> bytes:
    lines = [f"GET {order.path} HTTP/1.1", f"Host: 127.0.0.1:{order.port}"]
    if order.token:
        lines.append(f"Authorization: Bearer {order.token}")
    if not order.keep_alive:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode()


def _content_length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    if not found:
        raise SystemExit("the load generator reads only answers with a Content-Length")
    return int(rest.partition(b"\r\n")[0])


if __name__ == "__main__":
    json.dump(vars(Generator(Order(**json.load(sys.stdin))).run()), sys.stdout)
