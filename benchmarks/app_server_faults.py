"""What an application server does to requests on bad days: reload, stop, a killed worker, clients that dawdle."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from http.client import HTTPConnection, HTTPException

import psutil

from benchmarks.house import METRICS_TOKEN, Api
from benchmarks.http_load import Load, LoadInProgress, start_load

PATH = "/v1/me"
CONNECTIONS = 8
SECONDS = 6.0
DAWDLERS = 32
DAWDLE_SECONDS = 0.5
SLOW_SECONDS = 2
RELOAD_SECONDS = 25
UPLOAD_BYTES = 64 * 1024 * 1024

Figures = dict[str, float]


def reload(api: Api, token: str) -> Figures:
    """HUP under load, with slow requests under way, and time for both workers to be replaced."""
    load = _start(api, token, seconds=RELOAD_SECONDS)
    time.sleep(1.5)
    slow = _SlowRequests(api, count=4)
    os.kill(api.child.pid, signal.SIGHUP)
    return {**_losses(load.finish()), "slow requests lost": slow.lost(), "workers after": len(api.workers())}


def stop(api: Api, token: str) -> Figures:
    """TERM under load, with slow requests under way."""
    load = _start(api, token, seconds=SECONDS)
    time.sleep(1.5)
    slow = _SlowRequests(api, count=4)
    began = time.monotonic()
    os.kill(api.child.pid, signal.SIGTERM)
    api.child.process.wait(timeout=60)
    seconds = time.monotonic() - began
    return {**_losses(load.finish()), "slow requests lost": slow.lost(), "seconds to end": seconds}


def kill_worker(api: Api, token: str) -> Figures:
    """kill -9 of one worker under load; what it was working on is lost, and no more than that."""
    load = _start(api, token, seconds=SECONDS)
    time.sleep(1.5)
    api.workers()[0].kill()
    done = load.finish()
    return {**_losses(done), "workers after": len(api.workers())}


def kill_master(api: Api, _token: str) -> Figures:
    """kill -9 of the master process: workers left behind after 5 s would hold the port."""
    workers = api.workers()
    os.kill(api.child.pid, signal.SIGKILL)
    time.sleep(5)
    return {"workers left after 5 s": sum(w.is_running() and w.status() != psutil.STATUS_ZOMBIE for w in workers)}


def slow_heads(api: Api, token: str) -> Figures:
    """Clients that send their headers a byte at a time, and what is left for the others."""
    return _beside(api, token, lambda: _dawdle(api.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"x" * 200))


def slow_bodies(api: Api, token: str) -> Figures:
    """Clients that send their bodies a byte at a time, and what is left for the others."""
    head = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    return _beside(api, token, lambda: _dawdle(api.port, b"x" * 200, at_once=head))


def idle_connections(api: Api, token: str) -> Figures:
    """Clients that asked once and keep their connection, and what is left for the others."""
    return _beside(api, token, lambda: _dawdle(api.port, b"", at_once=b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))


def upload(api: Api, _token: str) -> Figures:
    """A large body, read in pieces by the view: seconds, and by how much the server grew."""
    before = _resident(api)
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", api.port, timeout=60)
    pieces = (b"x" * 65_536 for _ in range(UPLOAD_BYTES // 65_536))
    connection.request("POST", "/upload", body=pieces, headers={"Content-Length": str(UPLOAD_BYTES)})
    answer = connection.getresponse()
    peak = _resident(api)
    connection.close()
    return {"seconds": time.monotonic() - began, "growth MB": (peak - before) / 1e6, "status": answer.status}


def chunked(api: Api, _token: str) -> Figures:
    """A body of unknown length (`Transfer-Encoding: chunked`)."""
    connection = HTTPConnection("127.0.0.1", api.port, timeout=60)
    connection.request("POST", "/body", body=iter([b"x" * 1000] * 10), encode_chunked=True)
    answer = connection.getresponse()
    read_whole = b"10000" in answer.read()
    connection.close()
    return {"bodies read whole": read_whole, "status": answer.status}


def metrics(api: Api, token: str) -> Figures:
    """Requests that /metrics counts over all workers for each one answered; also after a reload."""
    first = _start(api, token, seconds=2, warm_seconds=0).finish().account.answered
    os.kill(api.child.pid, signal.SIGHUP)
    time.sleep(RELOAD_SECONDS)
    second = _start(api, token, seconds=2, warm_seconds=0).finish().account.answered
    connection = HTTPConnection("127.0.0.1", api.port, timeout=60)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    counted = sum(float(n.split()[-1]) for n in lines if n.startswith("guideapi_requests_total") and PATH in n)
    # The requests under way when a generator stopped are counted by the server alone.
    return {"counted": counted, "answered": first + second}


FAULTS: dict[str, Callable[[Api, str], Figures]] = {
    "reload by HUP": reload,
    "stop by TERM": stop,
    "kill -9 of a worker": kill_worker,
    "kill -9 of the master": kill_master,
    f"{DAWDLERS} clients with slow headers": slow_heads,
    f"{DAWDLERS} clients with slow bodies": slow_bodies,
    f"{DAWDLERS} idle kept-alive connections": idle_connections,
    "upload of 64 MiB": upload,
    "chunked body": chunked,
    "metrics of all workers": metrics,
}


def _start(api: Api, token: str, *, seconds: float, warm_seconds: float = 0.5) -> LoadInProgress:
    return start_load(
        port=api.port, path=PATH, token=token, connections=CONNECTIONS, seconds=seconds, warm_seconds=warm_seconds
    )


def _losses(load: Load) -> Figures:
    lost = {f"lost {kind.replace('_', ' ')}": float(n) for kind, n in load.account.lost.items()}
    return {
        "requests lost": load.lost,
        **lost,
        "answered": load.account.answered,
        "not 200": load.failed,
        "longest pause ms": load.account.longest_pause_ms,
    }


class _SlowRequests:
    """Requests that are under way for SLOW_SECONDS, each on a connection of its own."""

    def __init__(self, api: Api, *, count: int) -> None:
        self._answered = [False] * count
        self._threads = [threading.Thread(target=self._ask, args=(api.port, n)) for n in range(count)]
        for thread in self._threads:
            thread.start()
        # Long enough to be under way, also behind the load.
        time.sleep(SLOW_SECONDS / 2)

    def _ask(self, port: int, number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        with suppress(OSError, HTTPException):
            connection.request("GET", "/slow")
            self._answered[number] = connection.getresponse().status == 200
        connection.close()

    def lost(self) -> int:
        for thread in self._threads:
            thread.join()
        return self._answered.count(False)


def _beside(api: Api, token: str, dawdling: Callable[[], AbstractContextManager[None]]) -> Figures:
    alone = _start(api, token, seconds=2).finish()
    with dawdling():
        beside = _start(api, token, seconds=3).finish()
    return {
        "connections of others without an answer": beside.account.answered_by_connection.count(0),
        "their rate to before": beside.per_second / alone.per_second,
        "their p99 ms": beside.p99_ms,
    }


@contextmanager
def _dawdle(port: int, dribble: bytes, *, at_once: bytes = b"") -> Iterator[None]:
    """DAWDLERS connections that send `at_once`, then `dribble` a byte at a time, and never finish."""
    over = threading.Event()
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(DAWDLERS)]
    for client in sockets:
        client.sendall(at_once)

    def send() -> None:
        for byte in dribble:
            for client in sockets:
                with suppress(OSError):
                    client.send(bytes([byte]))
            if over.wait(DAWDLE_SECONDS):
                return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        time.sleep(DAWDLE_SECONDS)
        yield
    finally:
        over.set()
        thread.join()
        for client in sockets:
            client.close()


def _resident(api: Api) -> int:
    return sum(worker.memory_info().rss for worker in api.workers())
