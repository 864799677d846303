"""A real S3 server on loopback (SeaweedFS), with one bucket and one key of its own."""

import contextlib
import secrets
import socket
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from guideapi.children import Child

BUCKET = "files"
START_SECONDS = 60
SERVERS = ("admin", "master", "volume", "filer", "s3")
LEFT_OUT = ("admin.ui", "webdav")


@dataclass(frozen=True, kw_only=True)
class S3Server:
    """Where it listens and what it lets in."""

    endpoint: str
    keys: tuple[str, str]

    @property
    def url(self) -> str:
        """The bucket, as STORAGE_URL names it."""
        return f"s3://{BUCKET}/kept?endpoint={self.endpoint}&region=us-east-1"

    def answers(self) -> bool:
        """Whether the bucket is there; strangers are sent away from it."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.endpoint}/{BUCKET}/nothing").status_code == 403
        return False


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Started in `folder`, ended with the block."""
    keys = (secrets.token_hex(8), secrets.token_hex(16))
    ports = _free_ports(2 * len(SERVERS))
    server = S3Server(endpoint=f"http://127.0.0.1:{ports[-2]}", keys=keys)
    with open(folder / "log", "wb") as log:
        environment = {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1], "HOME": str(folder)}
        child = Child.start(_command(folder, ports), folder=folder, environment=environment, output=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.answers():
            assert not child.has_ended(), (folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the S3 server does not answer"
            time.sleep(0.05)
        yield server
    finally:
        child.stop(grace_seconds=0)
        _sweep(ports)


def _command(folder: Path, ports: list[int]) -> list[str]:
    options = {f"{name}.port": ports[2 * i] for i, name in enumerate(SERVERS)}
    options |= {f"{name}.port.grpc": ports[2 * i + 1] for i, name in enumerate(SERVERS)}
    options |= dict.fromkeys(("s3.port.iceberg", "s3.port.lance"), 0)
    sockets = {f"{name}.localSocket": folder / f"{name}.sock" for name in ("filer", "s3")}
    own = {"dir": folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "bucket": BUCKET, **options, **sockets}
    program = Path(sysconfig.get_path("scripts"), "weed")
    return [str(program), "mini", *(f"-{k}={v}" for k, v in own.items()), *(f"-{name}=false" for name in LEFT_OUT)]


def _sweep(ports: list[int]) -> None:
    """Remove the sockets that it makes beside its ports, wherever it was told to keep its own."""
    for port in ports:
        for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            left.unlink(missing_ok=True)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
