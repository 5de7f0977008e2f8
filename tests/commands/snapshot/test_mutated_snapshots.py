"""Whatever a snapshot contains, every command that reads it ends in time and as documented."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from locks import project
from mutations import encoded, grafted, in_time, is_foreseen, mutated
from rich_snapshots import RICH, sealed
from snapshot_values import ENGINE, configuration, resolved, target

from poetry_lockguard.snapshots.format import writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]

SEEDS = [writer.render(snapshot).decode() for snapshot in (ENGINE, RICH)]
COMMANDS = (
    *("snapshot show", "snapshot show --format json", "snapshot show --format markdown"),
    *("snapshot show --format html", "snapshot show --why a", "snapshot verify"),
    *("snapshot verify --format json", "snapshot diff old.lock lockguard.lock"),
    *("snapshot diff lockguard.lock old.lock --format json", "snapshot diff --between x y"),
    *("install --snapshot --dry-run --offline", "install --snapshot --config x --dry-run"),
    *("snapshot export --config y --format requirements --output new.lock", "snapshot clean"),
    *("snapshot export --config y --format pylock --output new.lock", "check --deep", "digest"),
    "snapshot merge old.lock lockguard.lock --output new.lock",
    "bundle --offline --output new",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POETRY_VIRTUALENVS_CREATE", "false")
    made = project(tmp_path / "engine")
    (made / "old.lock").write_text(SEEDS[0])
    return made


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_reads_a_sound_snapshot(command: str, run: Run, folder: Path) -> None:
    (folder / "lockguard.lock").write_text(SEEDS[1])

    result = run(f"lockguard {command}", folder)

    assert result.code != 2, result.err


def changed_snapshot(rng: random.Random) -> str:
    """Return the text of a snapshot that is changed by its values or by its characters."""
    seed = rng.choice(SEEDS)
    if rng.random() < 0.4:
        document = json.loads(seed)
        grafted(rng, document)
        return sealed(json.dumps(document))
    text = mutated(rng, seed)
    return sealed(text) if rng.random() < 0.6 else text


@pytest.mark.parametrize(
    "count", [25, pytest.param(8_000, marks=pytest.mark.slow)], ids=["short", "long"]
)
def test_no_mutated_snapshot_hangs_or_crashes(count: int, run: Run, folder: Path) -> None:
    rng = random.Random(count)
    codes: Counter[int] = Counter()
    (folder / "lockguard.lock").write_text(SEEDS[1])
    for command in COMMANDS if count > 1000 else ():
        run(f"lockguard {command}", folder)  # what it imports shall not count
    for number in range(count):
        text = changed_snapshot(rng)
        content = encoded(text)
        (folder / "lockguard.lock").write_bytes(content)
        command = COMMANDS[number % len(COMMANDS)]
        with in_time(2.0 if count > 1000 else 5.0):
            result = run(f"lockguard {command}", folder)
        (folder / "new.lock").unlink(missing_ok=True)
        shutil.rmtree(folder / "new", ignore_errors=True)

        assert is_foreseen(result), (result.err, command, text)
        codes[result.code] += 1

    assert codes[0] + codes[1] > count / 8, codes  # some are read,
    assert codes[2] > count / 8, codes  # and some are refused


def changed(**markers: str | None) -> str:
    """Return a sealed snapshot of which a target has other markers, or lacks some."""
    snapshot = replace(
        ENGINE, configurations={"x": configuration({"matrix": resolved()}, target=target())}
    )
    document = json.loads(writer.render(snapshot))
    document["configurations"]["x"]["target"]["markers"].update(markers)
    return sealed(json.dumps(document))


def test_markers_that_a_target_lacks_are_those_of_its_python(run: Run, folder: Path) -> None:
    (folder / "lockguard.lock").write_text(changed())

    result = run("lockguard snapshot verify --format json", folder)

    assert is_foreseen(result)
    assert json.loads(result.out)["command"] == "snapshot verify"


@pytest.mark.parametrize("name", ["python_full_version", "python_version"])
@pytest.mark.parametrize("value", ["three", "3", "3!1.2", "3.x", "1" * 5001])
def test_the_python_of_a_target_is_one(name: str, value: str, run: Run, folder: Path) -> None:
    (folder / "lockguard.lock").write_text(changed(**{name: value}))

    result = run("lockguard snapshot verify", folder)

    assert result.code == 2
    assert f"configurations.x.target.markers.{name}: " in result.err


UNREADABLE = {
    "Pythons": ('"requires_python": ">=3.8"', '"requires_python": "three"'),
    "a requirement": ("b (>=1.0) ; extra == 'x'", "b (1.0"),
    "a requirement of a name like a file's": ("b (>=1.0) ; extra == 'x'", "b.zip (>=1.0)"),
    "a repository": ("https://forge.example/x.git", "https://f*.example/x.git"),
}


@pytest.mark.parametrize(
    "old", ["https://forge.example/x-1.0.zip", "https://mirror.example/simple/"]
)
def test_only_a_repository_has_an_address_in_the_form_of_scp(
    old: str, run: Run, folder: Path
) -> None:
    (folder / "lockguard.lock").write_text(
        sealed(SEEDS[1].replace(f'"{old}"', '"git@forge.example:team/x.git"', 1))
    )

    result = run("lockguard snapshot verify", folder)

    assert result.code == 2
    assert '"git@forge.example:team/x.git" is not a URL' in result.err


def test_a_constraint_of_a_variant_is_a_requirement(run: Run, folder: Path) -> None:
    (folder / "lockguard.lock").write_text(sealed(SEEDS[1].replace('"a (<2)"', '"a <"')))

    result = run("lockguard snapshot show", folder)

    assert result.code == 2
    assert "configurations.x.constraints[0]: " in result.err


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
def test_what_poetry_cannot_read_of_a_pin_is_named(
    change: tuple[str, str], run: Run, folder: Path
) -> None:
    assert change[0] in SEEDS[1]
    (folder / "lockguard.lock").write_text(sealed(SEEDS[1].replace(*change)))

    result = run("lockguard snapshot verify", folder)

    assert result.code == 2
    assert "the snapshot's packages." in result.err
