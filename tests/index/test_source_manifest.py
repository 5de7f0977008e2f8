"""What a source archive says that builds it, read without running any of its code."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from poetry_lockguard.index.source_manifest import (
    DEFAULT,
    UnreadableRequirementsError,
    of_archive,
    of_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

SETUP_PY = """
from setuptools import setup
raise SystemExit("this must not run")
setup(name="pkg", setup_requires=["cffi>=1.4.1", "not a requirement!"])
"""
BACKEND = '[build-system]\nrequires = ["setuptools>=61", "odd ; sys_platform == \'win32\'"]\n'
CASES = {
    "none": ({}, DEFAULT),
    "no table": ({"pyproject.toml": "[project]\nname = 'pkg'\n"}, DEFAULT),
    "requires": (
        {"pyproject.toml": BACKEND},
        ("setuptools>=61", 'odd; sys_platform == "win32"'),
    ),
    "nothing": ({"pyproject.toml": "[build-system]\nrequires = []\n"}, ()),
    "setup.py": ({"setup.py": SETUP_PY}, (*DEFAULT, "cffi>=1.4.1")),
    "setup.cfg": (
        {"setup.cfg": "[options]\nsetup_requires =\n    setuptools_scm\n    cffi>=1\n"},
        (*DEFAULT, "setuptools_scm", "cffi>=1"),
    ),
    "another backend": (
        {
            "pyproject.toml": "[build-system]\nrequires = ['flit-core']\n"
            "build-backend = 'flit_core.buildapi'\n",
            "setup.py": SETUP_PY,
        },
        ("flit-core",),
    ),
    "unreadable setup.py": ({"setup.py": "print 'old'"}, DEFAULT),
}
each_case = pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES)


def tar(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in {"PKG-INFO": "Name: pkg\n", **files}.items():
            member = tarfile.TarInfo(f"pkg-1.0/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


@each_case
def test_tar_archives_zip_archives_and_folders_say_the_same(
    files: dict[str, str], expected: tuple[str, ...], tmp_path: Path
) -> None:
    zipped = tmp_path / "pkg-1.0.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"pkg-1.0/{name}", text)
    folder = tmp_path / "pkg"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)

    assert of_archive(tar(tmp_path / "pkg-1.0.tar.gz", files)) == expected
    assert of_archive(zipped) == expected
    assert of_folder(folder) == expected


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("[build-system", "its manifest is not TOML"),
        ("[build-system]\nrequires = 'flit'", "requires is not a list"),
        ("[build-system]\nrequires = ['!']", "'!', which is not a requirement"),
        ("build-system = 1", "is not a table"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(
    manifest: str, message: str, tmp_path: Path
) -> None:
    archive = tar(tmp_path / "pkg-1.0.tar.gz", {"pyproject.toml": manifest})

    with pytest.raises(UnreadableRequirementsError, match=message) as caught:
        of_archive(archive)

    assert "pkg-1.0.tar.gz" in str(caught.value)


def test_something_other_than_an_archive_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "pkg-1.0.tar.gz"
    path.write_bytes(b"<html>")

    with pytest.raises(UnreadableRequirementsError, match="cannot be read"):
        of_archive(path)
