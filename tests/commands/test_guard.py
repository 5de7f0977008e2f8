"""The guard: what happens before ``poetry install`` and ``poetry sync``, and no other command."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from solving import load, lock, project

from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.installing.reload_lock import reload_lock
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

EXPLAINED = """\
poetry.lock: stale
  shader: declared (>=2), not in the lock
"""


@pytest.fixture
def app(index: Index, pypi: Pypi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a fresh lock; its environment would be in its folder."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    index.add("matrix", "1.0")
    index.add("shader", "2.1")
    pypi(index, here=True)
    folder = project(tmp_path / "app", "matrix>=1")
    lock(folder)
    return folder


def drift(folder: Path, requirement: str = "shader>=2") -> Path:
    """Let the manifest ask for what the lock does not hold."""
    manifest = folder / "pyproject.toml"
    manifest.write_text(
        manifest.read_text().replace('"matrix>=1"', f'"matrix>=1", "{requirement}"')
    )
    return folder


def guarded(folder: Path, how: str) -> Path:
    """Turn the guard on in the project's settings."""
    manifest = folder / "pyproject.toml"
    manifest.write_text(f'{manifest.read_text()}\n[tool.lockguard]\nguard = "{how}"\n')
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def is_fresh(folder: Path) -> bool:
    return judge(read(folder / "pyproject.toml")).status is Status.FRESH


@pytest.mark.contract
@pytest.mark.parametrize("command", ["install", "sync"])
def test_a_stale_lock_is_explained_and_the_command_stopped(
    run: Run, app: Path, command: str
) -> None:
    result = run(command, guarded(drift(app), "check"))

    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"{EXPLAINED}poetry {command} was stopped; run `poetry lockguard fix` first\n"
    )
    assert names(app) == {"pyproject.toml", "poetry.lock"}


@pytest.mark.contract
def test_a_stale_lock_is_fixed_and_the_command_goes_on_with_the_new_one(
    run: Run, app: Path
) -> None:
    result = run("install", guarded(drift(app), "fix"))

    assert result.code == 0, result.err
    assert result.err.startswith(EXPLAINED)
    assert "poetry.lock: fixed by relock, 1 added\n  added        shader 2.1\n" in result.err
    assert [*app.glob(".venv/lib*/python*/*/shader-2.1.dist-info")]
    assert is_fresh(app)


@pytest.mark.contract
@pytest.mark.parametrize("how", ["check", "fix"])
def test_a_fresh_lock_is_installed_without_a_word(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "false")
    plain = run("install --dry-run", app)
    before = (app / "poetry.lock").stat().st_mtime_ns

    result = run("install --dry-run", guarded(app, how))

    assert result == plain
    assert "Installing matrix (1.0)" in result.out
    assert (app / "poetry.lock").stat().st_mtime_ns == before


@pytest.mark.contract
def test_a_dry_run_shows_what_the_fixed_lock_would_install_and_writes_nothing(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "false")
    before = (app / "poetry.lock").read_bytes()

    result = run("install --dry-run", guarded(drift(app), "fix"))

    assert result.code == 0, result.err
    assert "poetry.lock: would be fixed by relock, 1 added" in result.err
    assert "Installing shader (2.1)" in result.out
    assert (app / "poetry.lock").read_bytes() == before
    assert names(app) == {"pyproject.toml", "poetry.lock"}


@pytest.mark.contract
def test_when_no_fix_is_possible_the_command_is_stopped_and_the_lock_untouched(
    run: Run, app: Path
) -> None:
    before = (app / "poetry.lock").read_bytes()

    result = run("install", guarded(drift(app, "nowhere>=1"), "fix"))

    assert (result.code, result.out) == (1, "")
    assert "No index has a package called nowhere. With -v Poetry explains" in result.err
    assert result.err.endswith("poetry.lock is untouched.\npoetry install was stopped\n")
    assert (app / "poetry.lock").read_bytes() == before
    assert names(app) == {"pyproject.toml", "poetry.lock"}


def conflict(text: str) -> str:
    return f"<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n"


DAMAGE = {
    "missing": (None, "poetry.lock: missing\n  poetry.lock: no such file; "),
    "in conflict": (conflict, "poetry.lock: broken\n  poetry.lock:1: merge conflict markers"),
    "cut off": (lambda text: text[: len(text) // 2], "poetry.lock: broken\n"),
}


@pytest.mark.parametrize(("harm", "words"), DAMAGE.values(), ids=DAMAGE)
def test_a_lock_that_is_damaged_or_not_there_stops_the_command_too(
    run: Run, app: Path, harm: Callable[[str], str] | None, words: str
) -> None:
    place = app / "poetry.lock"
    if harm is None:
        place.unlink()
    else:
        place.write_text(harm(place.read_text()))

    result = run("install", guarded(app, "check"))

    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(words)


@pytest.mark.parametrize("harm", [one for one, _ in DAMAGE.values()], ids=DAMAGE)
def test_a_lock_that_is_damaged_or_not_there_is_made_anew(
    run: Run,
    app: Path,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[str], str] | None,
) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "false")
    place = app / "poetry.lock"
    whole = place.read_text()
    if harm is None:
        place.unlink()
    else:
        place.write_text(harm(whole))
    monkeypatch.setenv("LOCKGUARD_GUARD", "fix")

    result = run("install --dry-run --no-root", app)
    assert result.code == 0, result.err
    assert not place.exists() if harm is None else place.read_text() == harm(whole)

    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "true")
    run("install --no-root", app)
    assert place.read_text() == whole


@pytest.mark.parametrize(("how", "code"), [("check", 1), ("fix", 2)])
def test_a_lock_of_a_newer_format_is_never_overwritten(
    run: Run, app: Path, how: str, code: int
) -> None:
    place = app / "poetry.lock"
    newer = place.read_text().replace('lock-version = "2.', 'lock-version = "9.')
    place.write_text(newer)

    result = run("install", guarded(app, how))

    assert (result.code, result.out) == (code, "")
    assert "does not read format 9." in result.err
    assert place.read_text() == newer


WISHES = {
    "the environment turns it off": ("fix", "off", "Run `poetry lock` to fix the lock file"),
    "the environment turns it on": ("off", "check", "poetry install was stopped"),
    "an empty variable says nothing": ("check", "", "poetry install was stopped"),
}


@pytest.mark.parametrize(("setting", "variable", "words"), WISHES.values(), ids=WISHES)
def test_the_environment_wins(  # noqa: PLR0913, PLR0917 - fixtures
    run: Run,
    app: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    variable: str,
    words: str,
) -> None:
    monkeypatch.setenv("LOCKGUARD_GUARD", variable)

    result = run("install", guarded(drift(app), setting))

    assert result.code == 1
    assert words in result.err


MISTAKES = {
    "variable": (
        "check",
        "Fix",
        "LOCKGUARD_GUARD: expected one of off, check, fix, not 'Fix'; set one, or unset it",
    ),
    "setting": (
        "on",
        "",
        (
            "{}: [tool.lockguard] has a mistake; correct it:\n"
            '  guard: expected one of off, check, fix, not "on"'
        ),
    ),
}


@pytest.mark.contract
@pytest.mark.parametrize(("setting", "variable", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_wish_that_means_nothing_stops_the_command(  # noqa: PLR0913, PLR0917 - fixtures
    run: Run,
    app: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    variable: str,
    words: str,
) -> None:
    monkeypatch.setenv("LOCKGUARD_GUARD", variable)

    result = run("install", guarded(app, setting))

    assert (result.code, result.out) == (2, "")
    assert result.err == f"lockguard: {words.format(app / 'pyproject.toml')}\n"
    assert names(app) == {"pyproject.toml", "poetry.lock"}


UNGUARDED = ["about", "check --lock", "show", "env list", "install --help"]


@pytest.mark.contract
@pytest.mark.parametrize("command", UNGUARDED)
def test_no_other_command_is_guarded(
    run: Run, app: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "false")
    drift(app)
    plain = run(command, app)
    monkeypatch.setenv("LOCKGUARD_GUARD", "check")

    result = run(command, app)

    assert result == plain


@pytest.mark.parametrize("command", ["self install --dry-run", "self sync --dry-run"])
def test_what_poetry_itself_is_made_of_is_not_guarded(
    start: Run, app: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    drift(app)
    plain = start(command, app)
    monkeypatch.setenv("LOCKGUARD_GUARD", "check")

    result = start(command, app)

    assert result == plain


@pytest.mark.contract
def test_without_plugins_there_is_no_guard(run: Run, app: Path) -> None:
    result = run("install --no-plugins", guarded(drift(app), "fix"))

    assert result.code == 1
    assert "Run `poetry lock` to fix the lock file" in result.err
    assert "lockguard" not in result.err


PLACES = {
    "below": ("app/src", "install"),
    "-C": (".", "-C app install"),
    "-P": (".", "-P app install"),
    "-C and -P": (".", "-C app/src -P .. install"),
}


@pytest.mark.contract
@pytest.mark.parametrize(("start", "command"), PLACES.values(), ids=PLACES)
def test_the_project_is_found_where_poetry_finds_it(
    run: Run, app: Path, start: str, command: str
) -> None:
    guarded(drift(app), "check")
    (app / "src").mkdir()

    result = run(command, app.parent / start)

    assert (result.code, result.out) == (1, "")
    assert "poetry.lock: stale\n  shader: declared (>=2), not in the lock\n" in result.err


@pytest.mark.parametrize(("start", "command"), PLACES.values(), ids=PLACES)
def test_the_command_it_names_mends_the_project_from_the_folder_one_is_in(
    run: Run, app: Path, start: str, command: str
) -> None:
    guarded(drift(app), "check")
    (app / "src").mkdir()

    told = run(command, app.parent / start).err.partition("run `poetry ")[2].partition("`")[0]
    result = run(told, app.parent / start)

    assert result.code == 0, result.err
    assert is_fresh(app)


def test_an_option_that_does_not_exist_is_poetrys_to_refuse(run: Run, app: Path) -> None:
    before = (app / "poetry.lock").read_bytes()

    result = run("install --bogus", guarded(drift(app), "fix"))

    assert result.code == 1
    assert "--bogus" in result.err
    assert "poetry.lock" not in result.err
    assert (app / "poetry.lock").read_bytes() == before


def test_without_a_project_poetry_speaks_for_itself(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run("install", tmp_path)
    monkeypatch.setenv("LOCKGUARD_GUARD", "check")

    result = run("install", tmp_path)

    assert result == plain


@pytest.mark.contract
@pytest.mark.parametrize("how", ["check", "fix"])
def test_our_own_install_is_not_guarded_a_second_time(run: Run, app: Path, how: str) -> None:
    result = run("lockguard install --dry-run", guarded(drift(app), how))

    assert result.code == 0, result.err
    assert "was stopped" not in result.err
    assert (result.out + result.err).count("poetry.lock: stale") == 1
    assert "Installing shader (2.1)" in result.out


@pytest.mark.contract
def test_a_locker_that_was_read_before_takes_up_the_new_lock(app: Path) -> None:
    poetry = load(app)
    assert [pin["name"] for pin in poetry.locker.lock_data["package"]] == ["matrix"]
    drift(app)
    lock(app)

    poetry = load(app)
    poetry.locker.lock_data  # noqa: B018 - it is read, and kept
    (app / "poetry.lock").write_text((app / "poetry.lock").read_text().replace("2.1", "2.2"))
    reload_lock(poetry)

    assert [pin["version"] for pin in poetry.locker.lock_data["package"]] == ["1.0", "2.2"]


IMPORTED = """
import sys
from cleo.io.inputs.argv_input import ArgvInput
from cleo.io.outputs.buffered_output import BufferedOutput
from poetry.console.application import Application

application = Application()
application.auto_exits(False)
application.run(ArgvInput(["poetry", *sys.argv[1:]]), BufferedOutput(), BufferedOutput())
print(*sorted(name for name in sys.modules if name.startswith("poetry_lockguard")))
"""


@pytest.mark.parametrize(
    "command", [pytest.param("install --dry-run", marks=pytest.mark.contract), "check", "about"]
)
def test_a_project_that_does_not_ask_imports_nothing(app: Path, command: str) -> None:
    environ = {**os.environ, "POETRY_VIRTUALENVS_CREATE": "false"}

    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *command.split()],
        cwd=app,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.split() == ["poetry_lockguard", "poetry_lockguard.plugin"]


def test_a_fix_through_a_mirror_says_how_poetrys_own_install_can_use_it(
    run: Run, index: Index, pypi: Pypi, tmp_path: Path
) -> None:
    """PyPI's API cannot be used, so the install that follows the fix is bound to fail."""
    index.add("matrix", "1.0")
    pypi(index, here=True, json=False)
    folder = guarded(project(tmp_path / "app", "matrix>=1"), "fix")

    result = run("install --dry-run", folder)

    assert "PyPI's API cannot be used here; the lock was made through" in result.err
    assert 'mirrors = ["auto"] in [tool.lockguard]' in result.err


def test_a_fix_through_pypi_itself_says_nothing_of_mirrors(run: Run, app: Path) -> None:
    assert "mirrors" not in run("install --dry-run", guarded(drift(app), "fix")).err
