"""Words of a snapshot never steer a terminal or a pipeline's runner."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from locks import project
from rich_snapshots import RICH, sealed
from steering import TRICKS, steers

from poetry_lockguard.snapshots.format.writer import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Result

    Run = Callable[[str, Path], Result]
    Way = tuple[str | int, ...]

COMMANDS = (
    "snapshot show",
    "snapshot show --format markdown",
    "snapshot show --format json",
    "snapshot show --format html",
    "snapshot verify",
    "snapshot verify --format json",
    "snapshot diff old.lock lockguard.lock --format markdown",
    "snapshot diff lockguard.lock old.lock",
    "check --deep",
    "check --deep --format github",
    "check --deep --format sarif",
    "install --snapshot --config x --dry-run --offline",
    "snapshot export --config y --format requirements",
)
SOUND = json.loads(render(RICH))


def places(value: Any, way: Way = ()) -> Iterator[tuple[Way, bool]]:
    """Yield the way to each key and each text of a document, and whether it is a key."""
    if isinstance(value, str):
        yield way, False
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from places(each, (*way, number))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield (*way, key), True
            yield from places(each, (*way, key))


PLACES = [*places(SOUND)]
_SAMPLE = 20  # every so many of the places are tried in the short form


def tricky(way: Way, *, is_key: bool) -> str:
    """Return the sealed snapshot with the tricks in one place."""
    document = deepcopy(SOUND)
    table: Any = document
    for step in way[:-1]:
        table = table[step]
    if is_key:
        table[TRICKS] = table.pop(way[-1])
    else:
        table[way[-1]] = TRICKS
    return sealed(json.dumps(document))


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "chosen",
    [PLACES[::_SAMPLE], pytest.param(PLACES, marks=pytest.mark.slow)],
    ids=["short", "long"],
)
def test_what_a_snapshot_holds_steers_nothing(
    chosen: list[tuple[Way, bool]], command: str, run: Run, tmp_path: Path
) -> None:
    folder = project(tmp_path / "engine")
    (folder / "old.lock").write_bytes(render(RICH))
    for way, is_key in chosen:
        (folder / "lockguard.lock").write_text(tricky(way, is_key=is_key))

        result = run(f"lockguard {command}", folder)

        assert steers(result.out, ours="github" in command) == [], way
        assert steers(result.err) == [], way
        assert "Traceback" not in result.err, way
