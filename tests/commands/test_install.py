"""``install``: Poetry's own installer, through whatever index can be reached."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from environments import installed
from index import Index, status
from poetry.console.commands.command import Command
from solving import lock, project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Pypi, Serve
    from index.releases import Artifact

    Run = Callable[[str, Path], Result]

MORE = """
[tool.poetry.group.dev.dependencies]
tester = "*"

[project.optional-dependencies]
gpu = ["shader"]
"""


@pytest.fixture
def app(index: Index, pypi: Pypi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a fresh lock and no environment yet; PyPI serves HTML pages only."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    index.add("matrix", "1.0", requires=["sound32>=1"])
    index.add("sound32", "1.2")
    index.add("shader", "2.1")
    index.add("tester", "3.0")
    pypi(index, here=True, json=False)
    folder = project(tmp_path / "app", "matrix>=1", more=MORE)
    lock(folder)
    return folder


def drift(folder: Path) -> None:
    """Let the manifest ask for what the lock does not hold."""
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace('"matrix>=1"', '"matrix>=1", "shader>=2"'))


INSTALLS = {
    "all": ("", {"matrix", "sound32", "tester"}),
    "without a group": ("--without dev", {"matrix", "sound32"}),
    "only a group": ("--only dev", {"tester"}),
    "an extra": ("--without dev --extras gpu", {"matrix", "sound32", "shader"}),
    "all extras": ("--only main --all-extras", {"matrix", "sound32", "shader"}),
}


@pytest.mark.contract
@pytest.mark.parametrize(("options", "expected"), INSTALLS.values(), ids=INSTALLS)
def test_a_fresh_lock_is_installed_from_html_pages(
    run: Run, app: Path, options: str, expected: set[str]
) -> None:
    result = run(f"lockguard install {options}", app)

    assert result.code == 0, result.err
    assert installed(app) == expected


def test_poetry_2_0_whose_commands_are_not_given_a_project_installs_too(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Command, "set_poetry", raising=False)

    result = run("lockguard install --dry-run", app)

    assert result.code == 0, result.err


def test_what_is_installed_is_left_alone_the_second_time(run: Run, app: Path) -> None:
    run("lockguard install", app)

    result = run("lockguard install", app)

    assert result.code == 0
    assert "No dependencies to install or update" in result.out


def test_sync_removes_what_the_lock_does_not_ask_for(run: Run, app: Path) -> None:
    run("lockguard install", app)

    result = run("lockguard install --sync --without dev", app)

    assert result.code == 0
    assert installed(app) == {"matrix", "sound32"}


@pytest.mark.contract
def test_a_download_falls_over_to_a_mirror(
    run: Run, app: Path, index: Index, pypi: Pypi, serve: Serve
) -> None:
    pypi(index, here=True).server.fault("/files/matrix", status(403))
    mirror = serve(index)

    result = run(f"lockguard install --retries 0 --mirror {mirror.url}", app)

    assert result.code == 0, result.err
    assert installed(app) == {"matrix", "sound32", "tester"}
    assert [path for path in mirror.paths("/files/") if "matrix" in path]


def test_the_project_itself_is_installed_as_poetry_does(run: Run, app: Path) -> None:
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("package-mode = false\n", ""))
    (app / "story.py").write_text("")

    result = run("lockguard install --without dev", app)

    assert result.code == 0, result.err
    assert installed(app) == {"matrix", "sound32", "story"}


class Tampered(Index):
    """An index whose pages are right and whose files are not."""

    def file(self, filename: str) -> Artifact | None:
        found = super().file(filename)
        return found and replace(found, content=found.content + b"\0")


@pytest.mark.contract
@pytest.mark.parametrize("hashes", [True, False], ids=["page with hashes", "page without"])
def test_a_file_that_is_not_the_one_locked_is_never_installed(  # noqa: PLR0913 - fixtures
    run: Run, app: Path, index: Index, pypi: Pypi, poetry_home: Path, *, hashes: bool
) -> None:
    tampered = Tampered()
    tampered.projects = index.projects
    pypi(tampered, here=True, json=False, hashes=hashes)

    result = run("lockguard install --only dev", app)

    assert result.code == 1
    assert installed(app) == set()
    assert "lockguard: tester (3.0): " in result.err
    assert not list(poetry_home.rglob("tester-*.whl"))


def test_a_page_of_other_hashes_is_not_believed(run: Run, app: Path, index: Index) -> None:
    kept = index.projects["matrix"]
    index.projects["matrix"] = [replace(file, content=file.content + b"\0") for file in kept]

    result = run("lockguard install", app)

    assert result.code == 1
    assert "matrix" not in installed(app)


def test_when_no_route_serves_each_is_named(
    run: Run, app: Path, index: Index, pypi: Pypi, refused: str
) -> None:
    pypi(index, here=True).server.fault("/", status(503))

    result = run(f"lockguard install --retries 0 --mirror {refused}", app)

    assert result.code == 1
    assert "the configured sources:" in result.err
    assert "answered 503 Service Unavailable" in result.err
    assert f"{refused} (--mirror):" in result.err
    assert installed(app) == set()


def test_offline_installs_nothing_and_says_why(run: Run, app: Path) -> None:
    run("lockguard install", app)
    shutil.rmtree(app / ".venv")

    result = run("lockguard install --offline", app)

    assert result.code == 1
    assert "--offline" in result.err


def test_a_stale_lock_is_explained_and_nothing_installed_with_no_fix(run: Run, app: Path) -> None:
    drift(app)

    result = run("lockguard install --no-fix", app)

    assert result.code == 1
    assert "shader" in result.err
    assert result.err.endswith("Nothing was installed; run `poetry lockguard fix` first\n")
    assert not (app / ".venv").exists()


@pytest.mark.contract
def test_a_stale_lock_is_fixed_and_then_installed(run: Run, app: Path) -> None:
    drift(app)

    result = run("lockguard install --without dev", app)

    assert result.code == 0, result.err
    assert installed(app) == {"matrix", "sound32", "shader"}
    assert run("lockguard check", app).code == 0


def test_the_fix_of_an_install_fits_the_terminal(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drift(app)

    rows = []
    for columns in ("200", "46"):
        monkeypatch.setenv("COLUMNS", columns)
        out = run("lockguard install --dry-run", app).out
        rows.append(
            [line for line in out.splitlines() if line.startswith(("  groups", "  markers"))]
        )

    wide, narrow = rows
    assert max(map(len, wide)) > 46
    assert max(map(len, narrow)) == 46


def test_a_lock_in_conflict_is_fixed_and_then_installed(run: Run, app: Path) -> None:
    path = app / "poetry.lock"
    text = path.read_text()
    path.write_text(f"<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n")

    result = run("lockguard install", app)

    assert result.code == 0, result.err
    assert path.read_text() == text
    assert installed(app) == {"matrix", "sound32", "tester"}


def test_a_missing_lock_is_made_and_then_installed(run: Run, app: Path) -> None:
    (app / "poetry.lock").unlink()

    result = run("lockguard install", app)

    assert result.code == 0, result.err
    assert installed(app) == {"matrix", "sound32", "tester"}


@pytest.mark.contract
@pytest.mark.parametrize("in_project", ["true", "false"])
def test_a_dry_run_writes_and_installs_nothing(
    run: Run, app: Path, poetry_home: Path, monkeypatch: pytest.MonkeyPatch, in_project: str
) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", in_project)
    drift(app)
    before = {path: path.read_bytes() for path in app.iterdir()}

    result = run("lockguard install --dry-run", app)

    assert result.code == 0, result.err
    assert "4 installs, 0 updates, 0 removals" in result.out
    assert "Installing shader (2.1)" in result.out
    assert {path: path.read_bytes() for path in app.iterdir()} == before
    assert not list(poetry_home.rglob("pyvenv.cfg"))


@pytest.mark.contract
def test_a_dry_run_looks_into_the_environment_there_is(run: Run, app: Path) -> None:
    run("lockguard install --without dev", app)

    result = run("lockguard install --dry-run", app)

    assert result.code == 0, result.err
    assert "1 install, 0 updates, 0 removals" in result.out
    assert "Installing sound32 (1.2): Skipped" in result.out
    assert installed(app) == {"matrix", "sound32"}


def test_a_pin_that_is_missing_from_a_fresh_lock_is_put_back_first(run: Run, app: Path) -> None:
    path = app / "poetry.lock"
    text = path.read_text()
    start = text.index('[[package]]\nname = "sound32"')
    end = text.index("[[package]]", start + 1)
    path.write_text(text[:start] + text[end:])

    result = run("lockguard install", app)

    assert result.code == 0, result.err
    assert path.read_text() == text
    assert installed(app) == {"matrix", "sound32", "tester"}


def test_a_lock_of_a_newer_format_is_left_alone(run: Run, app: Path) -> None:
    path = app / "poetry.lock"
    path.write_text(path.read_text().replace('lock-version = "2.1"', 'lock-version = "9.0"'))
    before = path.read_bytes()

    result = run("lockguard install --allow-stale", app)

    assert (result.code, result.err.count("\n")) == (2, 1)
    assert path.read_bytes() == before
    assert not (app / ".venv").exists()


STALE = "WARNING: installing a stale lock as it is, because of --allow-stale;"


def test_a_stale_lock_that_cannot_be_fixed_stops_the_install(run: Run, app: Path) -> None:
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("matrix>=1", "matrix>=9"))

    result = run("lockguard install", app)

    assert result.code == 1
    assert result.err.endswith(
        "Nothing was installed: the lock could not be fixed; --allow-stale installs it as it is\n"
    )
    assert not (app / ".venv").exists()


@pytest.mark.contract
def test_it_is_installed_as_it_is_where_that_is_allowed(run: Run, app: Path) -> None:
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text().replace("matrix>=1", "matrix>=9"))
    before = (app / "poetry.lock").read_bytes()

    result = run("lockguard install --allow-stale", app)

    assert result.code == 0, result.err
    assert STALE in result.err
    assert installed(app) == {"matrix", "sound32", "tester"}
    assert (app / "poetry.lock").read_bytes() == before


def test_a_lock_that_cannot_be_read_is_never_installed_as_it_is(run: Run, app: Path) -> None:
    (app / "poetry.lock").write_text("[[package]]\nname =\n")

    result = run("lockguard install --allow-stale --offline", app)

    assert result.code == 1
    assert STALE not in result.err
    assert not (app / ".venv").exists()


def test_json_tells_of_the_fix(run: Run, app: Path) -> None:
    drift(app)

    document = json.loads(run("lockguard install --format json", app).out)

    assert (document["status"], document["lock"]) == ("installed", "stale")
    assert document["fix"]["status"] == "fixed"
    assert [problem["package"] for problem in document["problems"]] == ["shader"]


def test_json_is_one_document(run: Run, app: Path) -> None:
    result = run("lockguard install --format json", app)

    assert json.loads(result.out) == {
        "lockguard": 1,
        "command": "install",
        "status": "installed",
        "lock": "fresh",
        "fix": None,
        "problems": [],
        "failures": [],
    }
    assert "Installing matrix" in result.err


REFUSED = {
    "extras": (
        "--extras gpu --all-extras",
        "--extras and --all-extras cannot be combined; remove one",
    ),
    "only root, with groups": (
        "--only-root --with dev",
        "--only-root and --with cannot be combined; remove one",
    ),
    "only root, no root": (
        "--only-root --no-root",
        "--only-root and --no-root cannot be combined; remove one",
    ),
    "all groups": (
        "--all-groups --only dev",
        "--all-groups and --only cannot be combined; remove one",
    ),
    "retries": ("--retries many", "--retries: expected a number of at least 0, not 'many'"),
    "timeout": ("--timeout 0", "--timeout: expected a number of at least 0.001, not '0'"),
}


@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_options_that_make_no_sense_are_one_line(
    run: Run, app: Path, options: str, message: str
) -> None:
    drift(app)

    result = run(f"lockguard install {options}", app)

    assert (result.code, result.out, result.err) == (2, "", f"lockguard: {message}\n")
    assert not (app / ".venv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--with docs,dev", "no such group: docs; it declares dev, main"),
        ("--extras 'gpu cuda'", "no such extra: cuda; it declares gpu"),
    ],
    ids=["group", "extra"],
)
def test_what_the_manifest_does_not_declare_is_one_line(
    run: Run, app: Path, options: str, message: str
) -> None:
    result = run(f"lockguard install {options}", app)

    assert (result.code, result.err) == (2, f"lockguard: {app / 'pyproject.toml'}: {message}\n")


def test_without_a_manifest_there_is_one_line(run: Run, tmp_path: Path) -> None:
    result = run("lockguard install", tmp_path)

    assert result.code == 2
    assert result.err.startswith(f"lockguard: {tmp_path / 'pyproject.toml'}: no such file")


def test_a_build_that_fails_is_in_the_document_in_plain_words(run: Run, app: Path) -> None:
    broken = app / "broken"
    broken.mkdir()
    (broken / "backend.py").write_text("raise RuntimeError('no compiler')\n")
    (broken / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "broken"\nversion = "1.0"\n'
    )
    manifest = app / "pyproject.toml"
    uri = broken.as_uri()
    manifest.write_text(
        manifest.read_text().replace('"matrix>=1"', f'"matrix>=1", "broken @ {uri}"')
    )
    lock(app)

    result = run("lockguard install --format json --only main", app)

    document = json.loads(result.out)
    assert (result.code, document["status"]) == (1, "failed")
    [failure] = document["failures"]
    assert failure.startswith("broken (1.0 ")
    assert "<c1>" not in failure
