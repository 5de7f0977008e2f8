"""``check --online``: the age of the locked releases, and names that several sources offer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from index import Index
from online_locks import held, legacy, pin, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Pypi, Serve

    Run = Callable[[str, Path], Result]

YESTERDAY = (datetime.now(tz=timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
AGE = '\n[tool.lockguard.policy]\nmin-age = "7 days"\n'
SOURCES = """
[[tool.poetry.source]]
name = "PyPI"
priority = "{}"

[[tool.poetry.source]]
name = "corp"
url = "{}"
"""


def problems(run: Run, folder: Path) -> tuple[int, str, list[tuple[str, str, str | None]]]:
    result = run("lockguard check --online --format json", folder)
    document = json.loads(result.out)
    assert "projects" in document, result
    found = [
        (one["code"], one["severity"], one["package"])
        for one in document["projects"][0]["problems"]
    ]
    return result.code, document["status"], found


@pytest.fixture
def young(index: Index) -> Index:
    index.add("engine", "1.0")
    index.add("wing", "2.0", uploaded=YESTERDAY)
    return index


def locked(index: Index, folder: Path, more: str = "") -> Path:
    pins = [
        pin(name, version, held(index, name, version))
        for name, version in (("engine", "1.0"), ("wing", "2.0"))
    ]
    return write(folder, pins, more=more)


def test_a_release_is_too_young(young: Index, pypi: Pypi, tmp_path: Path, run: Run) -> None:
    pypi(young, here=True)

    found = problems(run, locked(young, tmp_path / "a", AGE))

    assert found == (1, "untrusted", [("too-young", "error", "wing")])


def test_without_a_policy_no_age_is_asked_for(
    young: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)

    assert problems(run, locked(young, tmp_path / "a")) == (0, "fresh", [])


@pytest.mark.parametrize("unknown", ["warning", "error"])
def test_an_index_without_upload_times_is_named_once(
    unknown: str, young: Index, pypi: Pypi, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True, json=False)
    folder = locked(young, tmp_path / "a", f'{AGE}min-age-unknown = "{unknown}"\n')

    code, status, found = problems(run, folder)

    assert found == [("too-young", unknown, None)]
    assert (code, status) == ((0, "fresh") if unknown == "warning" else (1, "untrusted"))


@pytest.fixture
def rival() -> Index:
    index = Index()
    index.add("wing", "99.0", code="evil = True")
    return index


def sources(run: Run, folder: Path) -> list[tuple[str, str | None]]:
    return [(code, package) for code, _, package in problems(run, folder)[2]]


def test_a_name_that_two_primary_sources_offer_is_ambiguous(  # noqa: PLR0913, PLR0917 - fixtures
    young: Index, rival: Index, pypi: Pypi, serve: Serve, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)
    more = SOURCES.format("primary", serve(rival).url)

    result = run("lockguard check --online", locked(young, tmp_path / "a", more))

    assert result.code == 1
    assert (
        "ambiguous-source: wing: locked from PyPI, but the source corp offers another package of"
        " that name"
    ) in result.out
    assert 'wing = { version = "…", source = "PyPI" }' in result.out
    assert "engine" not in result.out


def test_a_package_of_the_own_source_is_ambiguous_too(  # noqa: PLR0913, PLR0917 - fixtures
    young: Index, rival: Index, pypi: Pypi, serve: Serve, tmp_path: Path, run: Run
) -> None:
    pypi(rival, here=True)
    own = serve(young, json=True)
    more = SOURCES.format("primary", own.url)
    there = pin("wing", "2.0", held(young, "wing", "2.0"), legacy("corp", own.url))
    folder = write(tmp_path / "a", [there], more=more)
    manifest = folder / "pyproject.toml"
    text = manifest.read_text()

    bound = sources(run, folder)
    manifest.write_text(text.replace(', source = "corp"', ""))
    (folder / "poetry.lock").write_text(
        (write(tmp_path / "b", [there], more=more) / "poetry.lock").read_text()
    )
    loose = sources(run, folder)

    assert ("ambiguous-source", "wing") not in bound
    assert ("ambiguous-source", "wing") in loose


@pytest.mark.parametrize("priority", ["supplemental", "explicit"])
def test_other_priorities_are_not_ambiguous(  # noqa: PLR0913, PLR0917 - fixtures
    priority: str,
    young: Index,
    rival: Index,
    pypi: Pypi,
    serve: Serve,
    tmp_path: Path,
    run: Run,
) -> None:
    pypi(rival, here=True)
    own = serve(young, json=True)
    there = pin("wing", "2.0", held(young, "wing", "2.0"), legacy("corp", own.url))
    folder = write(tmp_path / "a", [there], more=SOURCES.format(priority, own.url))

    assert ("ambiguous-source", "wing") not in sources(run, folder)


def test_a_copy_of_an_index_is_no_rival(
    young: Index, pypi: Pypi, serve: Serve, tmp_path: Path, run: Run
) -> None:
    pypi(young, here=True)
    more = SOURCES.format("primary", serve(young).url)

    assert sources(run, locked(young, tmp_path / "a", more)) == []
