"""The house rules, held by walking the syntax tree and the routes."""

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from marshmallow import missing

from guideapi.app import GuideApp
from guideapi.registry import JOBS, MODULES
from kit import jobs
from kit.web.io import QueryIn

ROOT = Path(__file__).parent.parent
ROOMS = (
    "staff",
    "catalog",
    "customers",
    "orders",
    "content_center",
    "targets",
    "clienteling",
    "commissions",
    "settlements",
    "tasks",
    "performance",
    "integrations",
    "audit",
)
# Files of models that are called neither as their room nor `room_noun`.
MODELS_OF = {
    "calendar": "staff",
    "contact": "customers",
    "content": "content_center",
    "credit_policies": "orders",
    "credits": "orders",
    "ground": "kit",
    "placements": "staff",
    "roster": "staff",
}
PRODUCT = (*ROOMS, "guideapi", "kit", "models", "samples")
MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 350


def sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages or PRODUCT:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def owner_of(model_file: str) -> str:
    """The room that a file of models belongs to: `catalog_prices` and `catalog` are the catalog's."""
    return MODELS_OF.get(model_file) or next(
        room for room in ROOMS if model_file == room or model_file.startswith(f"{room}_")
    )


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_one_place_commits() -> None:
    committers = {
        path for path, tree in sources() for name, _ in calls(tree) if name.endswith((".commit", ".rollback"))
    }
    assert committers == {"kit/db.py"}


def test_one_place_reads_the_environment() -> None:
    readers = {
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb")
    }
    assert readers == {"guideapi/config.py"}


def test_one_place_reads_the_clock() -> None:
    forbidden = ("datetime.now", "datetime.utcnow", "date.today", "time.time", "datetime.datetime.now")
    readers = {path for path, tree in sources() for name, _ in calls(tree) if name in forbidden}
    assert readers <= {"kit/clock.py"}


def test_one_place_takes_advisory_locks() -> None:
    """By the hash of a name; triggers say the same hash (models/guards)."""
    lockers = {path for path, _ in sources(*PRODUCT, "migrations") if "advisory" in (ROOT / path).read_text()}
    assert lockers <= {"kit/locks.py", "migrations/env.py"}
    for path in (ROOT / "models/guards").glob("*.sql"):
        locks = re.findall(r"advisory_\w+\(.*", path.read_text())
        assert all(re.match(r"advisory_xact_lock\(hashtextextended\('[a-z ]+', 0\)\);", lock) for lock in locks), path


def test_one_place_says_how_far_a_feed_is_settled() -> None:
    assert {path for path, _ in sources() if "pg_snapshot_xmin" in (ROOT / path).read_text()} == {"kit/settled.py"}


def test_one_place_says_who_a_person_is() -> None:
    """`customer.person_id`, which the database keeps; everything else asks it."""
    pattern = re.compile(r"coalesce\([^)]*merged_into_id")
    assert {path for path, _ in sources() if pattern.search((ROOT / path).read_text())} == {"models/customers.py"}


def test_one_place_knows_rq() -> None:
    knowers = {
        path for path, tree in sources() for name in imported(tree) if name.split(".")[0] in ("rq", "redis", "valkey")
    }
    # Work waits in one place, what happened lately is counted in the others; nothing else lives in Redis.
    owners = {"kit/jobs.py", "kit/rates.py", "kit/counters.py"}
    assert {path for path in knowers if not path.startswith("guideapi/")} == owners


def test_flask_and_marshmallow_stay_in_routes_and_schemas() -> None:
    """`current_app` is how the ground reaches its settings and stores; views and input stay above."""
    for path, tree in sources(*ROOMS):
        names = set(imported(tree)) - {"flask", "flask.current_app"}
        web = {n for n in names if n.split(".")[0] in ("flask", "flask_smorest", "marshmallow", "werkzeug")}
        if not {"routes", "schemas", "pages"} & {*Path(path).parts, Path(path).stem}:
            assert not web, f"{path} imports {web}"


def test_rules_are_pure() -> None:
    for path, tree in sources(*ROOMS):
        if "rules" in Path(path).parts[-1] or "/rules/" in path:
            impure = {n for n in imported(tree) if n.split(".")[0] in ("sqlalchemy", "flask", "models", "redis")}
            impure |= {n for n in imported(tree) if n in ("kit.clock", "kit.db", "kit.jobs", "kit.storage")}
            assert not impure, f"{path} imports {impure}"


def test_only_the_owner_constructs_a_tables_rows() -> None:
    owners = {
        node.name: owner_of(Path(path).stem)
        for path, tree in sources("models")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Base" for base in node.bases)
    }
    for path, tree in sources(*ROOMS):
        for name, _ in calls(tree):
            if name in owners:
                assert path.split("/")[0] == owners[name], f"{path} constructs {name}, which is of {owners[name]}"


def test_every_job_is_declared_where_the_registry_looks() -> None:
    """Every public function of a room's jobs is one, and none is declared anywhere that is not imported."""
    for path, tree in sources(*ROOMS, "kit"):
        module = path.removesuffix(".py").replace("/", ".")
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        decorated = {
            f.name for f in functions for d in f.decorator_list if ast.unparse(d).startswith(("job(", "jobs.job("))
        }
        assert not decorated or module in MODULES, f"{path} declares jobs and is not in guideapi/registry.py"
        assert {f"{module}:{name}" for name in decorated} == {name for name in JOBS if name.startswith(f"{module}:")}
        if Path(path).name == "jobs.py" and module != "kit.jobs":
            assert decorated == {f.name for f in functions if not f.name.startswith("_")}, path


def test_every_job_resolves_has_a_queue_and_recurs_without_arguments() -> None:
    assert len(JOBS) > 20
    for name, job in JOBS.items():
        if name.startswith("tests."):
            continue
        assert pkgutil.resolve_name(name) is job.function
        assert job.queue in jobs.QUEUES
        assert job.every is None or job.cron is None
        if job.every or job.cron:
            inspect.signature(job.function).bind()


def test_every_enqueued_job_is_of_its_own_room() -> None:
    for path, tree in sources(*ROOMS):
        for name, call in calls(tree):
            if name in ("jobs.enqueue", "enqueue"):
                wanted = ast.literal_eval(call.args[0]) if isinstance(call.args[0], ast.Constant) else None
                found = wanted or f"{path.removesuffix('.py').replace('/', '.')}:{ast.unparse(call.args[0])}"
                assert found in JOBS, f"{path} enqueues {found}, which is no job"
                assert found.split(".")[0] == path.split("/")[0], f"{path} enqueues {found} across rooms"


def test_every_queue_has_a_worker() -> None:
    worker = (ROOT / "guideapi/worker.py").read_text()
    assert "list(jobs.QUEUES)" in worker


def test_only_who_opens_own_units_says_so() -> None:
    """A job of one unit, or a service it calls, that opened another would raise; those of own units are told here."""
    own = {name.split(":")[0] for name, job in JOBS.items() if job.units == "own"}
    for path, tree in sources(*ROOMS):
        if Path(path).name == "jobs.py" and any(name == "unit_of_work" for name, _ in calls(tree)):
            assert path.removesuffix(".py").replace("/", ".") in own, path


def test_every_route_declares_who_may_call_it(app: GuideApp) -> None:
    undeclared = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, "access") and not endpoint.startswith(("api-docs.", "swagger_ui."))
    ]
    assert undeclared == []


def test_what_a_query_string_comes_to_depends_on_nothing_else(app: GuideApp) -> None:
    # kit.web.io remembers it: a default that reads the clock would stay.
    asked = list(_below(QueryIn))
    assert len(asked) > 20
    assert [
        (schema.__name__, name)
        for schema in asked
        for name, field in schema().fields.items()
        if callable(field.load_default) and field.load_default is not missing
    ] == []


def _below(kind: type[QueryIn]) -> Iterator[type[QueryIn]]:
    for schema in kind.__subclasses__():
        yield schema
        yield from _below(schema)


def test_functions_and_files_are_short() -> None:
    for path, tree in sources():
        lines = len((ROOT / path).read_text().splitlines())
        assert lines <= MAX_FILE_LINES, f"{path} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= MAX_FUNCTION_LINES, f"{path}: {node.name} has {length} lines"


def test_migrations_make_exactly_the_models(app: GuideApp, config: object) -> None:
    from alembic import command

    from guideapi.config import Config
    from guideapi.database import alembic_config

    assert isinstance(config, Config)
    command.check(alembic_config(config.database_url))


@pytest.mark.parametrize("folder", ROOMS)
def test_every_room_says_what_it_is(folder: str) -> None:
    tree = ast.parse((ROOT / folder / "__init__.py").read_text())
    assert ast.get_docstring(tree)
