"""The application server and its settings; docs/adr/0005 says why this one."""

WORKERS = 2
THREADS = 4
# Requests under way at a stop or a reload may take this long.
DRAIN_SECONDS = 30
# At a reload the old worker serves on for this long, while the new one loads the application.
OVERLAP_SECONDS = 10


def command(*, port: int, target: str = "wsgi:app") -> tuple[str, ...]:
    """What follows `python -m` to serve `target` on the loopback `port`; HUP reloads it, TERM drains and ends it."""
    return (
        *("granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
        *("--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--backlog", "1024"),
        *("--respawn-failed-workers", "--respawn-interval", str(OVERLAP_SECONDS)),
        *("--workers-kill-timeout", str(DRAIN_SECONDS)),
        target,
    )
