"""The generator counts what a server really does."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.house import free_port
from benchmarks.load_generator import Account, Generator, Order


class Server(ThreadingHTTPServer):
    """Answers 200 to /ok, 503 to /busy, half an answer to /torn, and hangs up on every other question to /rude."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answered = 0
        self.connections = 0
        self.lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.asked_here = 0
        with self.server.lock:
            self.server.connections += 1

    def do_GET(self) -> None:
        self.asked_here += 1
        if self.path == "/rude" and self.asked_here == 2:
            self.close_connection = True
            return
        with self.server.lock:
            self.server.answered += 1
        self.send_response(503 if self.path == "/busy" else 200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"half"[: 2 if self.path == "/torn" else 4])
        self.close_connection = self.path == "/torn"

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def asked(server: Server, path: str, *, keep_alive: bool = True) -> Account:
    return ask(server.server_port, path, keep_alive=keep_alive)


def ask(port: int, path: str, *, keep_alive: bool = True) -> Account:
    order = Order(
        port=port,
        path=path,
        token=None,
        connections=3,
        seconds=0.3,
        warm_seconds=0,
        keep_alive=keep_alive,
    )
    return Generator(order).run()


def test_every_answer_is_counted_on_kept_connections(server: Server) -> None:
    account = asked(server, "/ok")
    assert account.answered == account.statuses["200"] == len(account.milliseconds) > 0
    assert sum(account.answered_by_connection) == account.answered
    assert server.connections == 3
    # The last question of each connection was not waited for.
    assert 0 <= server.answered - account.answered <= 3
    assert not account.lost


def test_new_connections_are_new(server: Server) -> None:
    account = asked(server, "/ok", keep_alive=False)
    assert account.answered > 0
    assert 0 <= server.connections - account.answered <= 3


def test_a_refusal_is_an_answer_of_its_own_kind(server: Server) -> None:
    account = asked(server, "/busy")
    assert account.statuses == {"503": account.answered}


def test_a_question_without_an_answer_is_lost(server: Server) -> None:
    account = asked(server, "/rude")
    assert account.lost["on_a_used_connection"] > 0
    assert account.lost.keys() == {"on_a_used_connection"}


def test_half_an_answer_is_lost(server: Server) -> None:
    account = asked(server, "/torn")
    assert account.answered == 0
    assert account.lost["answer_cut_short"] > 0


def test_nobody_listening_is_counted_apart() -> None:
    account = ask(free_port(), "/ok")
    assert account.answered == 0
    assert account.refused > 0
    assert not account.lost
