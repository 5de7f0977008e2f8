"""The test language: ``run("lockguard check", project) -> Result(code, out, err)``."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cleo.io.inputs.argv_input import ArgvInput
from cleo.io.outputs.buffered_output import BufferedOutput
from hypothesis import HealthCheck, settings
from index.fixtures import authority, index, pypi, refused, serve
from poetry.console.application import Application
from published import hold
from sampling import is_sampled

from poetry_lockguard.plugin import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["authority", "index", "pypi", "refused", "serve"]  # fixtures: a server of packages

# the tools of the extra "test", uv and pre-commit, are found without an activated environment
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

# a shell starts what it runs in the background deaf to Ctrl-C, and so would be what tests start
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The sampled run tries the same examples every time, so that what fails was changed; the long form
# draws its own. That an example takes long, or is drawn slowly, says something about the machine.
settings.register_profile("long", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("sampled", settings.get_profile("long"), derandomize=True)
settings.load_profile("sampled")

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
CORPUS = ROOT.parent / "shared" / "corpus"
#: words of commands that change an environment, and options with which they do not
INSTALLS = {"install", "sync", "add", "remove", "update"}
NO_INSTALLS = {"--dry-run", "--lock", "--help"}


@dataclass(frozen=True, slots=True)
class Result:
    """What a user gets from one command."""

    code: int
    out: str
    err: str


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the long form of sampled tests")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--slow"):
        settings.load_profile("long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        _sample_grids(items)
        _share_cases(items)
        skip = pytest.mark.skip(reason="long form; run with --slow")
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(skip)


def _sample_grids(items: list[pytest.Item]) -> None:
    """Of a test marked ``grid`` run the diagonal: every value of every parameter, not every pair.

    All pairs are run with ``--slow``.
    """
    skip = pytest.mark.skip(reason="one pair of many; run with --slow")
    places: dict[str, list[tuple[pytest.Item, tuple[int, ...]]]] = {}
    numbers: dict[tuple[str, str], dict[int, int]] = {}  # of the values of each parameter
    for item in items:
        if "grid" in item.keywords and isinstance(item, pytest.Function):
            name = item.nodeid.partition("[")[0]
            numbered: list[int] = []
            for parameter, value in item.callspec.params.items():
                known = numbers.setdefault((name, parameter), {})
                numbered.append(known.setdefault(id(value), len(known)))
            places.setdefault(name, []).append((item, tuple(numbered)))
    for found in places.values():
        sizes = [max(column) + 1 for column in zip(*(place for _, place in found), strict=True)]
        diagonal = {tuple(at % size for size in sizes) for at in range(max(sizes))}
        for item, place in found:
            if place not in diagonal:
                item.add_marker(skip)


def _share_cases(items: list[pytest.Item]) -> None:
    """Let the older minors of Poetry share the cases of each test; see ``sampling``."""
    skip = pytest.mark.skip(reason="run with another minor of Poetry, or with --slow")
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for found in cases.values():
        for number, item in enumerate(found):
            if not is_sampled(number, len(found)):
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def poetry_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Poetry's caches, configuration and data in a temporary home; no settings from outside.

    Nor from other tests: Poetry's configuration is one for the process, and keeps the sources of
    each project that was loaded in it.
    """
    monkeypatch.setattr("poetry.config.config._default_config", None)
    home = tmp_path_factory.mktemp("home")
    for name in [*os.environ]:
        if name.startswith(("POETRY_", "LOCKGUARD_", "CONDA_")) or name == "VIRTUAL_ENV":
            monkeypatch.delenv(name)
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "true")
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"POETRY_{name}_DIR", str(home / name.lower()))
    monkeypatch.setenv("POETRY_KEYRING_ENABLED", "false")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def story(tmp_path: Path) -> Callable[[str], Path]:
    """Copy a situation from ``fixtures/`` and give the copy's folder."""

    def copy(name: str) -> Path:
        target = tmp_path / name
        shutil.copytree(FIXTURES / name, target)
        return target

    return copy


def _refuse_to_change_this_python(words: list[str]) -> None:
    """Let no test put packages into, or take them from, what the tests themselves run with.

    Without an environment Poetry works on the interpreter that ours was made from, and ``self``
    on our own.
    """
    is_elsewhere = os.environ.get("POETRY_VIRTUALENVS_CREATE") == "true" and "self" not in words
    if not is_elsewhere and not NO_INSTALLS & {*words}:
        assert not INSTALLS & {*words}, f"{words} would change {sys.base_prefix}"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], Result]:
    """Drive Poetry's own application in a project's folder."""

    def drive(command: str, project: Path) -> Result:
        words = shlex.split(command)
        assert "self" not in words, "its project is not a test's own here; use start"
        _refuse_to_change_this_python(words)
        monkeypatch.chdir(project)
        application = Application()
        application.auto_exits(False)
        register(application)
        out, err = BufferedOutput(), BufferedOutput()
        source = ArgvInput(["poetry", *words, "--no-ansi", "--no-interaction"])
        code = application.run(source, out, err)
        result = Result(code, out.fetch(), err.fetch())
        hold(result.out, project)
        return result

    return drive


@pytest.fixture
def start() -> Callable[[str, Path], Result]:
    """Start Poetry as a program of its own in a project's folder.

    For ``self``, whose project lies where Poetry's configuration was when it was imported.
    """

    def drive(command: str, project: Path) -> Result:
        words = [*shlex.split(command), "--no-ansi", "--no-interaction"]
        _refuse_to_change_this_python(words)
        done = subprocess.run(
            [sys.executable, "-m", "poetry", *words],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return drive
