"""The front in a server of its own, before a small application: slow clients, long bodies, broken requests."""

import contextlib
import hashlib
import http.client
import json
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import psutil
import pytest

from guideapi import api_server
from guideapi.front.app import WAITING_FOR_EACH
from guideapi.front.pace import LONG_BODIES, MAX_HEAD_BYTES, WHOLE_BYTES
from kit.connections import REPORTS_AT_ONCE
from tests.guideapi.fronted import LONG_BYTES, MAX_UPLOAD_BYTES
from tests.guideapi.launched import ROOT, free_port
from tests.guideapi.processes import until

PATIENCE_SECONDS = 60
ALL_THREADS = api_server.WORKERS * api_server.THREADS
REPORT_PLACES = api_server.WORKERS * REPORTS_AT_ONCE * (1 + WAITING_FOR_EACH)
# Each one a request that a server and a proxy before it could understand differently.
AMBIGUOUS = {
    "both lengths": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length in words": b"Content-Length: five\r\n\r\nhello",
    "an unknown encoding": b"Transfer-Encoding: chunky\r\n\r\n0\r\n\r\n",
    "a broken chunk": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "a space before the colon": b"Content-Length : 5\r\n\r\nhello",
    "a folded header": b"X-A: b\r\n Content-Length: 5\r\n\r\nhello",
}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of a server as `make run` starts it."""
    number = free_port()
    command = [sys.executable, "-m", *api_server.command(port=number, target="tests.guideapi.fronted:app")]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        until(lambda: answers(number), what="the server answers")
        yield number
    finally:
        server.terminate()
        assert server.wait(timeout=PATIENCE_SECONDS) == 0


def answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return ask(port, "GET", "/healthz")[0] == 200
    return False


def ask(
    port: int, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request(method, path, body=body, headers=dict(headers or {}), encode_chunked=True)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content.startswith(b"{") else {}


def opened(port: int, sent: bytes, *, receive_bytes: int | None = None) -> socket.socket:
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(PATIENCE_SECONDS)
    connection.connect(("127.0.0.1", port))
    connection.sendall(sent)
    return connection


def received(connection: socket.socket) -> bytes:
    """Everything until the server hangs up, be it rudely."""
    parts = []
    with connection, contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def test_slow_bodies_hold_no_thread(port: int) -> None:
    slow = [opened(port, head("/body", "Content-Length: 1000") + b"x") for _ in range(3 * ALL_THREADS)]
    assert ask(port, "POST", "/body", b"quick")[1]["length"] == 5
    # One word of what happened, then the end.
    assert b"408 Request Timeout" in (refusal := received(slow[0]))
    assert b'"code":"body_too_slow"' in refusal
    for connection in slow[1:]:
        connection.close()


def test_slow_heads_hold_no_thread_and_are_hung_up_on(port: int) -> None:
    slow = [opened(port, b"GET /healthz HTTP/1.1\r\nX-Slow: ") for _ in range(3 * ALL_THREADS)]
    assert ask(port, "POST", "/body", b"quick")[1]["length"] == 5
    assert received(slow[0]) == b""
    for connection in slow[1:]:
        connection.close()


def test_a_connection_on_which_nothing_comes_is_closed(port: int) -> None:
    assert received(opened(port, b"")) == b""


def test_slow_readers_hold_no_thread_and_what_they_do_not_read_is_not_fetched(port: int) -> None:
    slow = [opened(port, head("/long", method="GET"), receive_bytes=4096) for _ in range(3 * ALL_THREADS)]
    assert ask(port, "POST", "/body", b"quick")[1]["length"] == 5
    assert all(connection.recv(12) == b"HTTP/1.1 200" for connection in slow)
    held = max(ask(port, "GET", "/fetched")[1]["bytes"] for _ in range(10))
    # What the sockets hold is up to the system: some megabytes each.
    assert held < len(slow) * LONG_BYTES / 8
    for connection in slow:
        connection.close()
    until(lambda: ask(port, "GET", "/fetched")[1]["closed"], what="the answer is let go of")


def test_a_long_answer_comes_whole(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    with contextlib.closing(connection):
        connection.request("GET", "/long")
        assert len(connection.getresponse().read()) == LONG_BYTES


@pytest.fixture
def busy_port() -> Iterator[int]:
    """Of a server whose threads are held, so that it has to be killed."""
    number = free_port()
    command = [sys.executable, "-m", *api_server.command(port=number, target="tests.guideapi.fronted:app")]
    server = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        until(lambda: answers(number), what="the server answers")
        yield number
    finally:
        for process in children(server.pid):
            process.kill()
        server.kill()
        server.wait()


def test_health_is_answered_while_every_thread_is_busy(busy_port: int) -> None:
    holding = [opened(busy_port, head("/hold", method="GET")) for _ in range(4 * ALL_THREADS)]
    for _ in range(10):
        assert ask(busy_port, "GET", "/healthz")[0] == 200
    for connection in holding:
        connection.close()


def test_reports_hold_no_thread_of_others_and_only_so_many_wait(busy_port: int) -> None:
    held, refused = 0, []
    opened_ones: list[socket.socket] = []
    while len(refused) < 10:
        connection = opened(busy_port, head("/report/a/hold", method="GET"))
        opened_ones.append(connection)
        if select.select([connection], [], [], 0.2)[0]:
            refused.append(received(connection))
        else:
            held += 1
        # Connections fall to the two processes by chance: a full one must not keep this from ending.
        assert held <= REPORT_PLACES
    assert all(b" 503 " in answer and b'"too_many_reports"' in answer for answer in refused)
    for _ in range(10):
        assert ask(busy_port, "GET", "/seen")[0] == 200
        assert ask(busy_port, "GET", "/healthz")[0] == 200
    for connection in opened_ones:
        connection.close()


def children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_a_reload_answers_everybody_and_replaces_both_processes() -> None:
    number = free_port()
    command = [sys.executable, "-m", *api_server.command(port=number, target="tests.guideapi.fronted:app")]
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        until(lambda: answers(number) and len(serving(server.pid)) == api_server.WORKERS, what="the server answers")
        before = serving(server.pid)
        server.send_signal(signal.SIGHUP)
        while before & serving(server.pid):
            assert ask(number, "GET", "/healthz")[0] == 200
        assert len(serving(server.pid)) == api_server.WORKERS
    finally:
        server.terminate()
        assert server.wait(timeout=PATIENCE_SECONDS) == 0


def serving(pid: int) -> set[int]:
    return {child.pid for child in children(pid) if "spawn_main" in " ".join(command_of(child))}


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # it ended meanwhile, and may not have been waited for yet
        return []


@pytest.mark.parametrize("length", [0, 1, 300_000, WHOLE_BYTES, WHOLE_BYTES + 1, 2 * 1024 * 1024])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_arrives_as_it_was_sent(port: int, length: int, chunked: bool) -> None:
    body = bytes(range(256)) * (length // 256) + b"z" * (length % 256)
    status, seen = ask(port, "POST", "/body", iter([body]) if chunked and body else body)
    assert (status, seen["length"], seen["sha256"]) == (200, length, hashlib.sha256(body).hexdigest())


def test_a_long_body_is_refused_before_it_comes(port: int) -> None:
    # Not a byte of it is sent: who waits for it would wait for ever.
    too_long = opened(port, head("/body", f"Content-Length: {2 * 1024 * 1024 + 1}"))
    assert too_long.recv(12) == b"HTTP/1.1 413"
    too_long.close()
    unknown = opened(port, head("/upload", f"Content-Length: {MAX_UPLOAD_BYTES}", "Expect: 100-continue"))
    assert unknown.recv(12) == b"HTTP/1.1 401"
    unknown.close()


def test_a_chunked_body_is_refused_once_it_is_too_long(port: int) -> None:
    endless = opened(port, head("/body", "Transfer-Encoding: chunked"))
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        for _ in range(40):
            endless.sendall(chunk)
    assert endless.recv(12) == b"HTTP/1.1 413"
    endless.close()


def test_who_expects_to_be_asked_for_a_long_body_is(port: int) -> None:
    size = 5 * 1024 * 1024
    polite = opened(port, head("/upload", "Authorization: yes", f"Content-Length: {size}", "Expect: 100-continue"))
    assert polite.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
    polite.sendall(b"x" * size)
    assert polite.recv(12) == b"HTTP/1.1 200"
    polite.close()


def test_long_bodies_are_taken_in_only_so_many_at_once(port: int) -> None:
    begun = head("/upload", "Authorization: yes", f"Content-Length: {MAX_UPLOAD_BYTES}", "Expect: 100-continue")
    waiting = []
    until(lambda: _is_refused(port, begun, waiting), what="no further upload is taken")
    assert len(waiting) <= LONG_BODIES * api_server.WORKERS
    assert ask(port, "POST", "/body", b"quick")[1]["length"] == 5
    for connection in waiting:
        connection.close()
    until(lambda: ask_upload(port) == 200, what="uploads are taken again")


def _is_refused(port: int, begun: bytes, waiting: list[socket.socket]) -> bool:
    connection = opened(port, begun)
    if connection.recv(12) == b"HTTP/1.1 503":
        connection.close()
        return True
    waiting.append(connection)
    return False


def ask_upload(port: int) -> int:
    return ask(port, "POST", "/upload", b"x" * 2_000_000, {"Authorization": "yes"})[0]


@pytest.mark.parametrize("lines", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_a_request_with_two_meanings_is_refused(port: int, lines: bytes) -> None:
    smuggled = b"GET /seen HTTP/1.1\r\nHost: smuggled\r\n\r\n"
    answer = received(opened(port, b"POST /body HTTP/1.1\r\nHost: x\r\n" + lines + smuggled))
    assert b"smuggled" not in answer
    assert answer.startswith(b"HTTP/1.1 400") or answer == b""


def test_a_head_without_end_is_cut(port: int) -> None:
    endless = opened(port, b"GET /healthz HTTP/1.1\r\n")
    began = time.monotonic()
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        for _ in range(2 * MAX_HEAD_BYTES // 1024 * 8):
            endless.sendall(b"X-More: " + b"x" * 1014 + b"\r\n")
    assert received(endless) == b""
    assert time.monotonic() - began < PATIENCE_SECONDS


def test_a_body_cut_short_is_no_request(port: int) -> None:
    before = ask(port, "GET", "/seen")[0]
    cut = opened(port, head("/body", "Content-Length: 10") + b"half")
    cut.shutdown(socket.SHUT_WR)
    assert b" 200 " not in received(cut)
    assert before == 200


def test_what_the_application_sees_of_a_request(port: int) -> None:
    lines = ("Cookie: a=1", "Cookie: b=2", "X-Two: 1", "X-Two: 2", "X_Forwarded_For: 9.9.9.9", "X-Note: caf\xe9")
    sent = "\r\n".join(["GET /seen?q=%E7%9B%8A HTTP/1.1", "Host: x", "Connection: close", *lines, "", ""])
    seen = json.loads(received(opened(port, sent.encode("latin-1"))).partition(b"\r\n\r\n")[2])
    assert seen["PATH_INFO"] == "/seen"
    assert seen["QUERY_STRING"] == "q=%E7%9B%8A"
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert (seen["HTTP_COOKIE"], seen["HTTP_X_TWO"], seen["HTTP_X_NOTE"]) == ("a=1; b=2", "1,2", "caf\xe9")
    assert "HTTP_X_FORWARDED_FOR" not in seen


def test_two_requests_on_one_connection_are_answered_in_order(port: int) -> None:
    both = head("/healthz", method="GET") + head("/body", "Content-Length: 2", "Connection: close") + b"hi"
    answer = received(opened(port, both))
    assert answer.count(b"HTTP/1.1 200") == 2
    assert answer.index(b'"status"') < answer.index(b'"length"')
