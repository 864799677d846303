"""The order of one run: refuse, start servers, migrate, load the demo chain, serve, watch, stop."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NoReturn

from guideapi import api_server
from guideapi.accounts import UMASK, Account, hand_over
from guideapi.children import CHECKOUT, Child, start_guard
from guideapi.config import RunConfig
from guideapi.database import UnknownHistory, check_history
from guideapi.embedded import EmbeddedPostgres, EmbeddedValkey
from guideapi.launcher import refusals
from guideapi.launcher.account import choose_account
from guideapi.launcher.refusals import Refused
from guideapi.launcher.stopping import Stopped, StopRequest
from guideapi.launcher.supervisor import Service, how_it_ended, say, saying, stop_together
from guideapi.logs import open_log, rotate
from guideapi.postgres_files import ServerFailed
from guideapi.secret_file import kept_secret
from samples.demo.people import logins

WORKERS = 2
POLL_SECONDS = 0.1
CONNECT_SECONDS = 5
GUIDEAPI = (sys.executable, "-m", "guideapi")


def run(settings: RunConfig, *, data: Path | None, demo: bool | None, parent: int | None) -> int:
    """Run everything on the folder `data` (.data of the checkout by default); returns the exit code.

    The demo chain is loaded where `demo` says so, by default into the embedded database only: its passwords are
    public. It lasts until told to stop, or until the process `parent` is gone.
    """
    if demo is None:
        demo = settings.database_url is None
    stop = StopRequest(parent)
    stop.listen()
    exit_code = 0
    try:
        with ExitStack() as stack:
            _Run(settings, stop, stack, (data or CHECKOUT / ".data").resolve(), demo=demo).serve()
    except Stopped:
        say("stopped")
    except (Refused, ServerFailed, UnknownHistory, OSError) as refusal:
        say(f"guideapi: {refusal}", err=True)
        exit_code = 1
    return exit_code


class _Run:
    def __init__(self, settings: RunConfig, stop: StopRequest, stack: ExitStack, data: Path, *, demo: bool) -> None:
        self.settings = settings
        self.stop = stop
        self.stack = stack
        self.data = data
        self.demo = demo
        self.environment = dict(settings.environment)
        self.account: Account | None = None
        self.servers: dict[str, Child] = {}
        self.logs: list[Path] = []
        self.url = f"http://127.0.0.1:{settings.port}"

    def serve(self) -> None:
        """Bring everything up and watch it; leaves by Stopped or Refused, and `stack` then takes it down."""
        self.data.mkdir(parents=True, exist_ok=True)
        os.umask(UMASK)
        lock = self.stack.enter_context(refusals.lock_folder(self.data))
        self.stack.callback(start_guard(holding=[lock.fileno()]).end)
        self._refuse()
        self._close_folder()
        self.account = choose_account(self.data, port=self.settings.port, environment=self.environment)
        self._start_servers()
        self._complete_environment()
        check_history(self.environment["DATABASE_URL"])
        self._finish("migrate", "bringing the database to the current schema")
        loaded = (self.data / "demo_loaded").exists()
        if self.demo and not loaded:
            self._load_demo()
        services = self._start_services()
        if self.demo and loaded:
            # Days may have passed since the last run; nobody has to wait for their orders.
            self._load_demo()
        self._watch(services)

    def _close_folder(self) -> None:
        """What is in it is its owners' only, also what an earlier version left open; they have to get there."""
        self.data.chmod(0o711)
        for path in self.data.iterdir():
            if path.is_file():
                path.chmod(0o600)

    def _refuse(self) -> None:
        refusals.refuse_busy_port(self.settings.port)
        if self.settings.database_url:
            refusals.refuse_unfit_database(self.settings.database_url)
        if self.settings.redis_url:
            refusals.refuse_unfit_redis(self.settings.redis_url)

    def _start_servers(self) -> None:
        if not self.settings.database_url:
            with saying("starting PostgreSQL"):
                postgres = self.stack.enter_context(EmbeddedPostgres.start(self.data / "postgres"))
                postgres.create_database("guideapi")
            self.logs.append(postgres.log)
            self.servers["PostgreSQL"] = postgres.child
            self.environment["DATABASE_URL"] = postgres.url("guideapi")
        if not self.settings.redis_url:
            with saying("starting Valkey"):
                valkey = self.stack.enter_context(EmbeddedValkey.start(self.data / "valkey", account=self.account))
            self.logs.append(valkey.log)
            self.servers["Valkey"] = valkey.child
            self.environment["REDIS_URL"] = valkey.url

    def _complete_environment(self) -> None:
        self.environment.setdefault("PUBLIC_URL", self.url)
        hand_over(self.data / "files", self.account)
        self.environment.setdefault("STORAGE_URL", (self.data / "files").as_uri())
        if self.account:
            self.environment["HOME"] = "/"  # root's own is closed to them
        if self.demo:
            # Whoever looks around should not need an authenticator app first.
            self.environment.setdefault("MONEY_SECOND_FACTOR", "optional")
            self.environment.setdefault("DEMO_LOGINS", "shown")
        self.environment.setdefault("SECRET_KEY", kept_secret(self.data / "secret_key"))
        self.environment.setdefault("METRICS_TOKEN", kept_secret(self.data / "metrics_token"))

    def _load_demo(self) -> None:
        self._finish("demo", "loading the demo chain")
        (self.data / "demo_loaded").touch()

    def _finish(self, command: str, what: str) -> None:
        with saying(what):
            child = Child.start(
                [*GUIDEAPI, command], folder=CHECKOUT, account=self.account, environment=self.environment
            )
            try:
                while not child.has_ended():
                    self.stop.wait(POLL_SECONDS / 2)
            finally:
                child.stop(grace_seconds=5)
        if child.process.returncode:
            raise Refused(f"`guideapi {command}` failed ({how_it_ended(child.process)})")

    def _start_services(self) -> list[Service]:
        hand_over(self.data / "log", self.account)
        api = Service(name="api", launch=self._launch_api, log=self._log("api"), grace_seconds=35)
        background = [self._background(f"worker-{n}", "worker", grace_seconds=20) for n in range(1, WORKERS + 1)]
        background.append(self._background("scheduler", "scheduler", grace_seconds=5))
        # Down in the order of use: first nobody asks for anything, then nobody works.
        self.stack.callback(stop_together, background)
        self.stack.callback(stop_together, [api])
        self.stack.callback(say, "stopping: what is under way is finished first")
        with saying("starting the API"):
            api.start()
            self._await_answer(api)
        for service in background:
            service.start()
        self._introduce()
        return [api, *background]

    def _launch_api(self) -> Child:
        # Figures of earlier processes would be counted again.
        metrics = self.data / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        hand_over(metrics, self.account)
        environment = self.environment | {"PROMETHEUS_MULTIPROC_DIR": str(metrics)}
        command = (sys.executable, "-m", *api_server.command(port=self.settings.port))
        return self._launch("api", command, environment)

    def _background(self, name: str, command: str, *, grace_seconds: float) -> Service:
        launch = partial(self._launch, name, (*GUIDEAPI, command), self.environment)
        return Service(name=name, launch=launch, log=self._log(name), grace_seconds=grace_seconds)

    def _launch(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        with open_log(self._log(name), self.account) as output:
            return Child.start(command, folder=CHECKOUT, account=self.account, environment=environment, output=output)

    def _log(self, name: str) -> Path:
        return self.data / "log" / f"{name}.log"

    def _await_answer(self, api: Service) -> None:
        while not self._answers():
            self.stop.wait(POLL_SECONDS)
            if api.child and api.child.has_ended():
                raise Refused(f"the API server ended ({how_it_ended(api.child.process)}), see {api.log}")

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.settings.port, timeout=CONNECT_SECONDS)
        with contextlib.closing(connection), contextlib.suppress(OSError, HTTPException):
            connection.request("GET", "/healthz")
            return bool(connection.getresponse().status == HTTPStatus.OK)
        return False

    def _introduce(self) -> None:
        say("")
        say(f"guideapi listens on {self.url}")
        say(f"  API page    {self.url}/docs")
        say(f"  logs        {self.data / 'log'}")
        say(f"  figures     {self.url}/metrics, the token is in {self.data / 'metrics_token'}")
        if self.demo:
            say("  demo logins (role, staff number, password)")
            for role, staff_no, password in logins():
                say(f"    {role:<17} {staff_no:<8} {password}")
        say("  Ctrl-C stops everything")

    def _watch(self, services: Iterable[Service]) -> NoReturn:
        while True:
            self.stop.wait(POLL_SECONDS)
            for name, server in self.servers.items():
                if server.has_ended():
                    raise Refused(f"{name} ended ({how_it_ended(server.process)}); stopping everything else")
            for service in services:
                service.keep_up()
                rotate(service.log)
            for log in self.logs:
                rotate(log)
