"""``check --format sarif``, ``gitlab`` and ``junit``: one document each, whatever happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from conftest import Result
from locks import MANIFEST, lock_for, project
from published_schemas import junit_complaints, sarif_schema

from poetry_lockguard import __main__ as script
from poetry_lockguard.codes.catalog import PAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Door = Callable[[str, Path], Result]

OTHER = MANIFEST.replace("matrix (>=1.0,<2.0)", 'matrix (>=1.0,<2.0)", "sound (>=3)')
FORMATS = ("sarif", "gitlab", "junit")


@pytest.fixture(params=["poetry lockguard", "lockguard"])
def door(
    request: pytest.FixtureRequest,
    run: Door,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Door:
    def drive(command: str, folder: Path) -> Result:
        monkeypatch.chdir(folder)
        code = script.main(["--no-ansi", "--no-interaction", *command.split()])
        return Result(code, *capfd.readouterr())

    if request.param == "lockguard":
        return drive
    return lambda command, folder: run(f"lockguard {command}", folder)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder with four projects: fresh, stale, broken, and one that cannot be checked."""
    project(tmp_path / "a fresh")
    project(tmp_path / "b stale", OTHER, lock_for(MANIFEST))
    project(tmp_path / "c broken", lock=lock_for() + "<<<<<<< HEAD\n")
    project(tmp_path / "d invalid", "name\n", "")
    return tmp_path


def results(result: Result) -> list[dict[str, Any]]:
    (run_of_it,) = json.loads(result.out)["runs"]
    return list(run_of_it["results"])


def test_sarif_has_a_rule_with_help_for_each_problem(door: Door, many: Path) -> None:
    result = door("check -r . --format sarif", many)

    document = json.loads(result.out)
    (log,) = document["runs"]
    rules = log["tool"]["driver"]["rules"]
    assert (result.code, document["version"]) == (2, "2.1.0")
    assert [rule["id"] for rule in rules] == ["requirement-added", "lock-conflict", "manifest"]
    assert all(PAGES[rule["id"]].remedy in rule["help"]["text"] for rule in rules)
    assert all(f"lockguard explain {rule['id']}" in rule["help"]["text"] for rule in rules)
    assert [one["ruleId"] for one in results(result)] == [rule["id"] for rule in rules]
    assert [one["ruleIndex"] for one in results(result)] == [0, 1, 2]
    assert log["invocations"] == [{"executionSuccessful": False}]


def test_sarif_places_are_relative_uris_with_lines(door: Door, many: Path) -> None:
    result = door("check -r . --format sarif", many)

    places = [one["locations"][0]["physicalLocation"] for one in results(result)]
    assert [
        (place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places
    ] == [
        ("b%20stale/pyproject.toml", 5),
        ("c%20broken/poetry.lock", 36),
        ("d%20invalid/pyproject.toml", 1),
    ]
    assert {place["artifactLocation"]["uriBaseId"] for place in places} == {"%SRCROOT%"}


def test_gitlab_has_an_object_for_each_problem(door: Door, many: Path) -> None:
    result = door("check -r . --format gitlab", many)

    issues = json.loads(result.out)
    assert [set(issue) for issue in issues] == [
        {"description", "check_name", "fingerprint", "severity", "location"}
    ] * 3
    assert [issue["location"] for issue in issues] == [
        {"path": "b stale/pyproject.toml", "lines": {"begin": 5}},
        {"path": "c broken/poetry.lock", "lines": {"begin": 36}},
        {"path": "d invalid/pyproject.toml", "lines": {"begin": 1}},
    ]
    assert {issue["severity"] for issue in issues} <= {"info", "minor", "major", "critical"}
    assert all(re.fullmatch("[0-9a-f]{64}", issue["fingerprint"]) for issue in issues)
    assert len({issue["fingerprint"] for issue in issues}) == 3


def test_junit_has_a_case_for_each_project(door: Door, many: Path) -> None:
    result = door("check -r . --format junit", many)

    suites = ET.fromstring(result.out)
    (suite,) = suites
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["4", "2", "1"]
    assert [[child.tag for child in case] for case in suite] == [
        [],
        ["failure"],
        ["failure"],
        ["error"],
    ]
    said = [child.get("message", "") for case in suite for child in case]
    assert said[0].startswith("b stale/poetry.lock: stale: requirement-added: sound: declared")
    assert said[1].startswith("c broken/poetry.lock: broken: lock-conflict: ")
    assert said[2].startswith("d invalid/pyproject.toml: error: manifest: ")


def test_a_fresh_lock_has_no_finding(door: Door, tmp_path: Path) -> None:
    project(tmp_path)

    sarif, gitlab, junit = (door(f"check --format {form}", tmp_path) for form in FORMATS)

    assert [one.code for one in (sarif, gitlab, junit)] == [0, 0, 0]
    assert results(sarif) == []
    assert json.loads(gitlab.out) == []
    assert [[*case] for case in ET.fromstring(junit.out)[0]] == [[]]


def test_junit_names_the_snapshot_that_is_unreadable(run: Door, tmp_path: Path) -> None:
    project(tmp_path, MANIFEST + '\n[tool.lockguard]\ninstall = "snapshot"\n')
    (tmp_path / "poetry.lock").unlink()
    (tmp_path / "lockguard.lock").write_text("{")

    (failure,) = ET.fromstring(run("lockguard check --format junit", tmp_path).out).iter("failure")

    assert failure.get("message", "").startswith("lockguard.lock: snapshot-unreadable: ")


def test_fingerprints_stay_when_lines_and_versions_move(run: Door, tmp_path: Path) -> None:
    folder = project(tmp_path, OTHER, lock_for(MANIFEST))
    before = json.loads(run("lockguard check --format gitlab", folder).out)
    project(
        tmp_path, "# a new line\n" + OTHER.replace("sound (>=3)", "sound (>=4)"), lock_for(MANIFEST)
    )

    after = json.loads(run("lockguard check --format gitlab", folder).out)

    assert before[0]["location"]["lines"] != after[0]["location"]["lines"]
    assert [one["fingerprint"] for one in before] == [one["fingerprint"] for one in after]


def test_a_lock_of_a_folder_above_has_a_relative_path(run: Door, tmp_path: Path) -> None:
    project(tmp_path, OTHER, lock_for(MANIFEST))
    (tmp_path / "docs").mkdir()

    result = run("lockguard check --format gitlab", tmp_path / "docs")

    assert json.loads(result.out)[0]["location"]["path"] == "../pyproject.toml"


CANNOT_LOOK = {
    "no manifest": "check",
    "no such path": "check nowhere",
    "an unknown option": "check --foo",
    "no projects below": "check -r",
    "quietly": "check -q",
}


def is_document(form: str, text: str) -> bool:
    if form == "junit":
        return [one.tag for one in ET.fromstring(text)[0][0]] == ["error"]
    document = json.loads(text)
    return len(document if form == "gitlab" else document["runs"][0]["results"]) == 1


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", CANNOT_LOOK.values(), ids=CANNOT_LOOK)
def test_what_cannot_be_looked_at_is_one_document_too(
    door: Door, tmp_path: Path, command: str, form: str
) -> None:
    result = door(f"{command} --format {form}", tmp_path)

    assert result.code == 2
    assert is_document(form, result.out)
    assert bool(result.err) == ("-q" not in command)


def test_another_commands_format_of_that_name_stays_its_own(run: Door, tmp_path: Path) -> None:
    result = run("lockguard matrix --format gitlab", tmp_path)

    assert (result.code, result.out) == (2, "")


TRICKS = 'x]]>"&<\n::error::y\x1b[2J\u202e\x9b##[error]\ud800'
MARKUP = json.dumps(TRICKS.replace("\ud800", ""))


def test_words_of_a_file_stay_text(door: Door, tmp_path: Path) -> None:
    hostile = MANIFEST.replace('"engine"', MARKUP).replace('"matrix', f'{MARKUP}, "matrix')
    project(tmp_path, hostile.replace(">=3.10", ">=3.11"), lock_for(MANIFEST))

    for form in FORMATS:
        text = door(f"check --format {form}", tmp_path).out

        (ET.fromstring if form == "junit" else json.loads)(text)
        assert "##[" not in text
        assert all(
            line.isprintable() and not line.lstrip().startswith("::") for line in text.split("\n")
        )


def test_a_password_is_in_no_document(door: Door, tmp_path: Path) -> None:
    source = (
        '[[tool.poetry.source]]\nname = "x"\nurl = "https://me:s3cret&amp@mirror.example/simple"\n'
    )
    project(tmp_path, MANIFEST + source, lock_for(MANIFEST))

    for form in FORMATS:
        text = door(f"check --deep --format {form}", tmp_path).out

        assert "mirror.example" in text
        assert "s3cret" not in text


@pytest.mark.live
def test_sarif_is_valid_by_the_published_schema(run: Door, many: Path, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    folder.mkdir()
    schema = sarif_schema(folder)
    # a pattern of the schema is none for other regular expressions than Python's
    program = [sys.executable, "-m", "check_jsonschema", "--regex-variant", "python"]
    document = folder / "result.sarif"
    for command in ("check -r .", "check nowhere", "check 'a fresh'"):
        document.write_text(run(f"lockguard {command} --format sarif", many).out)

        done = subprocess.run(
            [*program, "--schemafile", schema, document],
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stdout


@pytest.mark.live
def test_junit_is_valid_by_the_published_schema(run: Door, many: Path, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    folder.mkdir()
    documents = [
        run(f"lockguard {command} --format junit", many).out
        for command in ("check -r .", "check nowhere", "check 'a fresh'")
    ]

    for document in documents:
        assert junit_complaints(document, folder) == ""
    assert junit_complaints("<testsuites><x/></testsuites>", folder) != ""
