"""An SBOM names the licences that installed packages declare, and keeps those that it has."""

from __future__ import annotations

import json
import sys
import venv
from email.message import Message
from typing import TYPE_CHECKING, Any, cast

import pytest
from solving import project

from poetry_lockguard.exports.bills.licences import Licence, declared_licences, known_licences
from poetry_lockguard.exports.file_seal import NO_SERIAL, serial
from poetry_lockguard.exports.quick.in_step import in_step
from poetry_lockguard.manifest.document import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import PackageMetadata
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi

    Run = Callable[[str, Path], Result]

pytest.importorskip("cyclonedx", reason="needs the extra sbom")

TABLE = """
[tool.lockguard.exports]
"sbom.cdx.json" = { format = "cyclonedx" }
"""
CLASSIFIERS = (
    "License :: OSI Approved",
    "License :: OSI Approved :: MIT License",
    "License :: OSI Approved :: Apache Software License",
    "Topic :: Utilities",
)


@pytest.fixture
def folder(index: Index, pypi: Pypi, tmp_path: Path, run: Run) -> Path:
    """Give a locked project whose SBOM knows no licences yet."""
    index.add("engine", "1.0", requires=["gear>=1"])
    index.add("gear", "1.0")
    index.add("bolt", "1.0")
    pypi(index, here=True)
    made = project(tmp_path / "plane", "engine", "bolt", more=TABLE)
    result = run("lockguard fix", made)
    assert result.code == 0, result.err
    index.add("gear", "1.1")
    return made


@pytest.fixture
def environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder for packages of the project's environment."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    root = folder / ".venv"
    venv.create(root, symlinks=sys.platform != "win32")
    return next(iter([*root.glob("lib/python*/site-packages"), root / "Lib" / "site-packages"]))


def install(environment: Path, name: str, version: str, *fields: str) -> Path:
    """Write the metadata of an installed package, and return its folder."""
    made = environment / f"{name}-{version}.dist-info"
    made.mkdir()
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *fields]
    (made / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


def licences(folder: Path) -> dict[str, Any]:
    """Return the licences of the SBOM by package; it is valid, and in step for both checks."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (folder / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert in_step(read(folder / "pyproject.toml")) == {"sbom.cdx.json"}
    components = json.loads(text)["components"]
    return {one["name"]: one["licenses"] for one in components if "licenses" in one}


def export(run: Run, folder: Path) -> None:
    result = run("lockguard export --format cyclonedx --output sbom.cdx.json", folder)
    assert result.code == 0, result.err


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("License-Expression", "mit")], [("id", "MIT")]),
        ([("License-Expression", "mit or Apache-2.0")], [("expression", "MIT OR Apache-2.0")]),
        ([("License-Expression", "LicenseRef-Own")], [("expression", "LicenseRef-Own")]),
        ([("License-Expression", "ISC"), ("License", "MIT")], [("id", "ISC")]),
        ([("License", "BSD-3-Clause")], [("id", "BSD-3-Clause")]),
        ([("License", "MIT License")], [("id", "MIT")]),
        ([("License", "Apache License, Version 2.0")], [("name", "Apache License, Version 2.0")]),
        ([("License", "UNKNOWN")], []),
        ([("License", "Permission is hereby granted\n" * 20)], []),
        ([("License", "all of it: " + "x" * 100), ("Classifier", CLASSIFIERS[1])], [("id", "MIT")]),
        (
            [("Classifier", one) for one in CLASSIFIERS],
            [("id", "MIT"), ("name", "Apache Software License")],
        ),
        ([("License", "BSD"), ("Classifier", CLASSIFIERS[1])], [("name", "BSD")]),
        ([("Classifier", CLASSIFIERS[0])], []),
        ([], []),
    ],
    ids=[
        "one id",
        "an expression",
        "a licence of its own",
        "the expression comes first",
        "an older field with an id",
        "an older field with a known name",
        "an older field with another name",
        "unknown",
        "a whole text",
        "a long text and a classifier",
        "several classifiers",
        "a name before classifiers",
        "a classifier that names none",
        "nothing",
    ],
)
def test_what_metadata_declares(
    fields: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    metadata = Message()
    for name, value in fields:
        metadata[name] = value

    assert list(declared_licences(cast("PackageMetadata", metadata))) == expected


def test_licences_come_from_the_projects_environment(
    folder: Path, environment: Path, run: Run
) -> None:
    install(environment, "engine", "1.0", "License-Expression: MIT OR Apache-2.0")
    install(environment, "Gear", "1.0", *(f"Classifier: {one}" for one in CLASSIFIERS))
    install(environment, "bolt", "0.9", "License: MIT")

    export(run, folder)

    assert licences(folder) == {
        "engine": [{"expression": "MIT OR Apache-2.0"}],
        "gear": [
            {"license": {"id": "MIT"}},
            {"license": {"name": "Apache Software License"}},
        ],
    }
    assert run("lockguard check", folder).code == 0


def test_what_was_installed_from_an_address_is_not_the_index_release(
    folder: Path, environment: Path, run: Run
) -> None:
    made = install(environment, "engine", "1.0", "License: MIT")
    (made / "direct_url.json").write_text("{}")

    export(run, folder)

    assert licences(folder) == {}


def test_metadata_without_a_name_is_passed_over(folder: Path, environment: Path, run: Run) -> None:
    (install(environment, "bad", "1.0") / "METADATA").write_bytes(b"\xff\xfe: no metadata\n")
    install(environment, "engine", "1.0", "License: MIT")

    export(run, folder)

    assert licences(folder) == {"engine": [{"license": {"id": "MIT"}}]}


def test_a_rewrite_without_the_environment_keeps_the_licences_of_what_stays(
    folder: Path, environment: Path, run: Run
) -> None:
    install(environment, "engine", "1.0", "License-Expression: MIT")
    install(environment, "gear", "1.0", "License-Expression: ISC")
    export(run, folder)
    (folder / ".venv").rename(folder.parent / "gone")

    result = run("lockguard update gear==1.1", folder)

    assert result.code == 0, result.err
    assert licences(folder) == {"engine": [{"license": {"id": "MIT"}}]}
    before = (folder / "sbom.cdx.json").read_bytes()
    assert run("lockguard fix", folder).code == 0
    export(run, folder)
    assert (folder / "sbom.cdx.json").read_bytes() == before


def test_a_rewrite_adds_the_licences_that_are_installed_by_then(
    folder: Path, environment: Path, run: Run
) -> None:
    install(environment, "engine", "1.0", "License-Expression: MIT")
    before = (folder / "sbom.cdx.json").read_bytes()
    assert run("lockguard check", folder).code == 0
    assert run("lockguard fix", folder).code == 0
    assert (folder / "sbom.cdx.json").read_bytes() == before

    assert run("lockguard update gear==1.1", folder).code == 0

    assert licences(folder) == {"engine": [{"license": {"id": "MIT"}}]}


def test_a_licence_that_was_edited_by_hand_is_reported_and_not_kept(
    folder: Path, environment: Path, run: Run
) -> None:
    install(environment, "engine", "1.0", "License-Expression: MIT")
    export(run, folder)
    path = folder / "sbom.cdx.json"
    path.write_text(path.read_text().replace('"MIT"', '"ISC"'))

    result = run("lockguard check", folder)
    assert result.code == 1
    assert "sbom.cdx.json: edited by hand" in result.out + result.err
    assert run("lockguard fix", folder).code == 1

    assert run("lockguard fix --force", folder).code == 0
    assert licences(folder) == {"engine": [{"license": {"id": "MIT"}}]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"name": "gear"', '"name": "gear2"'),
        ('"id": "MIT"', '"id": "MIT", "url": "https://x.example/"'),
        ('"licenses"', '"licences"'),
        ('"content": "', '"content": "0'),
    ],
    ids=["a name", "a licence with more", "another key", "a hash"],
)
def test_a_forged_document_is_out_of_step_beside_licences(
    old: str, new: str, folder: Path, environment: Path, run: Run
) -> None:
    install(environment, "engine", "1.0", "License-Expression: MIT")
    export(run, folder)
    path = folder / "sbom.cdx.json"
    text = path.read_text()
    assert old in text
    number = text.partition("urn:uuid:")[2][: len(NO_SERIAL)]
    bare = text.replace(number, NO_SERIAL).replace(old, new)
    path.write_text(bare.replace(NO_SERIAL, serial(bare.removesuffix("\n"))))

    assert in_step(read(folder / "pyproject.toml")) == frozenset()
    assert run("lockguard check", folder).code == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"components": 1}',
        '{"components": [1]}',
        '{"components": [{"purl": []}]}',
        '{"components": [{"purl": "x", "licenses": [{}]}]}',
        '{"components": [{"purl": "x", "licenses": {"license": 1}}]}',
        "[" * 100_000,
    ],
)
def test_a_document_in_another_shape_gives_no_licences(text: str) -> None:
    assert known_licences(text) == {}


def test_the_licences_of_a_document_are_known_by_package_url() -> None:
    license_ = {"license": {"name": "BSD"}}
    text = json.dumps({"components": [{"purl": "pkg:pypi/a@1", "licenses": [license_]}]})

    assert known_licences(text) == {"pkg:pypi/a@1": (Licence("name", "BSD"),)}
