"""What benchmarks share in one run: the demo chain on servers of its own, sign-in, and a word on progress."""

from contextlib import ExitStack
from functools import cached_property

from rich.console import Console

from benchmarks.house import House, open_house
from kit.db import close_connections
from samples.demo.people import logins


class Stage:
    """One run; what it starts ends with `stack`."""

    def __init__(
        self, *, stack: ExitStack, quick: bool, console: Console, skus: int = 100_000, people: int = 20_000
    ) -> None:
        self.quick = quick
        self.skus = skus
        self.people = people
        self._stack = stack
        self._console = console

    def say(self, text: str) -> None:
        """One line of progress."""
        self._console.print(f"[dim]{text}[/]")

    @cached_property
    def house(self) -> House:
        """A house with the demo chain, for all benchmarks of this run."""
        self.say("starting PostgreSQL and Valkey, loading the demo chain")
        house = self._stack.enter_context(open_house())
        house.run("demo")
        return house

    def token(self, role: str) -> str:
        """A fresh access token of the demo login with that role."""
        staff_no, password = next((number, secret) for shown, number, secret in logins() if shown == role)
        app = self.house.app()
        answer = app.test_client().post("/v1/auth/token", json={"staff_no": staff_no, "password": password})
        with app.app_context():
            close_connections()
        return str(answer.get_json()["access_token"])
