"""The application server and its settings; docs/adr/0011 says why this one.

`python -m guideapi.api_server --port 8000` serves `wsgi:app` on the loopback; HUP reloads it, TERM drains and ends it.
"""

import argparse
import resource

import uvicorn
from uvicorn.supervisors import Multiprocess

from guideapi.front.app import Front
from guideapi.front.connection import Connection
from kit.connections import REPORTS_AT_ONCE
from kit.web.units import paths_of_reports

WORKERS = 2
THREADS = 4
# Requests under way at a stop or a reload may take this long.
DRAIN_SECONDS = 30
# A worker that says nothing for so long, or takes longer to load the application, is given up.
SILENT_SECONDS = 120
# Kept connections close after so long without a request.
IDLE_SECONDS = 30
# Of one worker. Beyond, requests are refused with 503.
MAX_CONNECTIONS = 4000


class ServerConfig(uvicorn.Config):
    """uvicorn's, with a WSGI application behind the front."""

    def load_app(self) -> Front:
        """The application that the target names, in its front."""
        app = super().load_app()
        return Front(app, threads=THREADS, reports=paths_of_reports(app), report_threads=REPORTS_AT_ONCE)


def command(*, port: int, target: str = "wsgi:app") -> tuple[str, ...]:
    """What follows `python -m` to serve `target` on the loopback `port`."""
    return ("guideapi.api_server", "--port", str(port), target)


def serve(*, port: int, target: str) -> None:
    """Serve until told to stop."""
    _allow_connections()
    config = ServerConfig(
        target,
        port=port,
        workers=WORKERS,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,  # the application trusts as many as it was told (TRUSTED_PROXIES)
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="error",  # a stranger's broken request is no event
        backlog=1024,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_worker_healthcheck=SILENT_SECONDS,
    )
    Multiprocess(config, sockets=[config.bind_socket()]).run()


def _allow_connections() -> None:
    """Each connection is an open file, and some systems start programs with 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("target", nargs="?", default="wsgi:app")
    arguments = parser.parse_args()
    serve(port=arguments.port, target=arguments.target)


if __name__ == "__main__":
    # By its name, not as __main__: workers have to find the classes again.
    from guideapi import api_server

    api_server.main()
