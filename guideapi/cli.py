"""The `guideapi` command."""

import sys
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import click

from guideapi.config import Config, ConfigError, RunConfig


@click.group()
def main() -> None:
    """The backend of a retail chain's store guides."""


@main.command()
def migrate() -> None:
    """Bring the database to the current schema."""
    from guideapi import database

    try:
        database.migrate(_config())
    except database.UnknownHistory as refusal:
        _refuse(refusal)


@main.command()
def demo() -> None:
    """Load the demo chain, or bring it up to today."""
    from guideapi.app import create_app
    from samples.demo import chain

    with create_app(_config()).app_context():
        chain.load()


@main.command("create-admin")
@click.option("--staff-no", prompt="Staff number", help="What the administrator signs in with.")
@click.option("--name", prompt="Name")
@click.password_option(help="Better left out: it is asked for, unseen.")
def create_admin(staff_no: str, name: str, password: str) -> None:
    """Make the first administrator, who then enrols an authenticator app and brings in everyone else."""
    from guideapi.app import create_app
    from kit.db import unit_of_work
    from kit.errors import DomainError
    from staff import service

    with create_app(_config()).app_context():
        try:
            with unit_of_work():
                service.create_admin(staff_no=staff_no, name=name, password=password)
        except DomainError as refusal:
            _refuse(refusal)
    click.echo(f"{staff_no} may sign in.")


@main.command("new-data-key")
def new_data_key() -> None:
    """Print a further key for DATA_KEYS: add it to those that are there, everywhere, then `rotate-keys`."""
    from guideapi.config import next_data_key

    try:
        click.echo(next_data_key())
    except ConfigError as error:
        _refuse(error)


@main.command("rotate-keys")
@click.option("--report", is_flag=True, help="Only tell which key sealed how much.")
def rotate_keys(report: bool) -> None:
    """Seal everything with the newest key, and tell what is left under which; safe to stop and run again."""
    from guideapi import keys
    from guideapi.app import create_app

    with create_app(_config()).app_context():
        if not report:
            keys.seal_anew()
        for table, key_no, count in keys.count_sealed():
            click.echo(f"{table:<24} key {key_no:<6} {count:>12,}")


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of everything kept; .data by default.")
@click.option("--demo/--no-demo", default=None, help="Load the demo chain; by default not into a DATABASE_URL.")
@click.option("--parent", type=int, help="Stop when this process, which started us, is gone.")
def run(data: Path | None, demo: bool | None, parent: int | None) -> None:
    """Start it all on this machine, with servers of its own unless DATABASE_URL and REDIS_URL name others."""
    from guideapi.launcher import run as launcher

    try:
        settings = RunConfig.from_env()
    except ConfigError as error:
        _refuse(error)
    sys.exit(launcher.run(settings, data=data, demo=demo, parent=parent))


@main.command()
@click.option("--burst", is_flag=True, help="Stop when the queues are empty.")
def worker(burst: bool) -> None:
    """Run background jobs until told to stop."""
    from guideapi.app import create_app
    from guideapi.worker import run_worker

    run_worker(create_app(_config()), burst=burst)


@main.command()
def scheduler() -> None:
    """Queue the recurring jobs; any number may run, one leads."""
    from guideapi.app import create_app
    from guideapi.scheduler import run_scheduler

    run_scheduler(create_app(_config()))


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("docs/reference"), show_default=True)
def reference(folder: Path) -> None:
    """Write the pages of every route and every code from the contract; connects to nothing."""
    from guideapi.app import create_app
    from guideapi.reference import pages

    nowhere = Config(
        database_url="postgresql://nowhere/none",
        redis_url="redis://nowhere",
        secret_key="-" * 32,
        storage_url=folder.resolve().as_uri(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages(create_app(nowhere)).items():
        (folder / name).write_text(page)


@main.command("jobs")
def list_jobs() -> None:
    """Print every kind of background work: queue, units of work, when it recurs (UTC), when it is tried again."""
    from guideapi.registry import JOBS

    for job in sorted(JOBS.values()):
        when = job.cron or (f"every {job.every} s" if job.every else "when asked")
        attempts = " ".join(str(seconds) for seconds in job.back_off) or "-"
        click.echo(f"{job.name:<44} {job.queue:<8} units={job.units:<4} {when:<22} again after s: {attempts}")


@main.command("dead-letters")
@click.option("--retry", "letter_id", type=click.UUID, help="Have this one run once more.")
@click.option("--all", "all_of_them", is_flag=True, help="Have all of them run once more.")
def list_dead_letters(letter_id: UUID | None, all_of_them: bool) -> None:
    """List the jobs that failed at their last attempt, or have them run again."""
    from guideapi import dead_letters_cli
    from guideapi.app import create_app
    from kit.errors import DomainError

    with create_app(_config()).app_context():
        try:
            if letter_id:
                lines = dead_letters_cli.retry_one(letter_id)
            else:
                lines = dead_letters_cli.retry_all() if all_of_them else dead_letters_cli.tell_all()
            for line in lines:
                click.echo(line)
        except DomainError as refusal:
            _refuse(refusal)


def _config() -> Config:
    try:
        return Config.from_env()
    except ConfigError as error:
        _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    """One line instead of a stack trace."""
    click.echo(f"guideapi: {error}", err=True)
    sys.exit(2)
