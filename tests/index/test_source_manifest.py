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
FETCHING = """
from setuptools import dist, setup
dist.Distribution().fetch_build_eggs(["wheel>=0.30"])
dist.Distribution({"setup_requires": "cffi>=1"})
setup(name="pkg")
"""
NAMED = """
import sys
RUNNER = ["pytest-runner"] if "test" in sys.argv else []
base: list = ["numpy>=1"]
base += ("cython",)
base.append("six")
setup(name="pkg", setup_requires=RUNNER + list(base) + [*(["wheel"] or [])])
"""
TABLE = """
options = dict(name="pkg", setup_requires="pbr>=2")
options["setup_requires"] = ["cffi"]
setup(**options)
"""
TESTING = """
class test(Command):
    def run(self):
        self.distribution.fetch_build_eggs(self.distribution.install_requires)
        self.distribution.fetch_build_eggs(self.distribution.tests_require)
setup(name="pkg", setup_requires=["cffi"], cmdclass={"test": test})
"""
DOUBLED = "a60 = ['six']\nsetup(setup_requires=a0)\n"
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
    "eggs that are fetched": ({"setup.py": FETCHING}, (*DEFAULT, "wheel>=0.30", "cffi>=1")),
    "eggs that a test command fetches": ({"setup.py": TESTING}, (*DEFAULT, "cffi")),
    "names and conditions": (
        {"setup.py": NAMED},
        (*DEFAULT, "pytest-runner", "numpy>=1", "cython", "six", "wheel"),
    ),
    "a table": ({"setup.py": TABLE}, (*DEFAULT, "cffi", "pbr>=2")),
    "a name that is itself": ({"setup.py": "a = a + b\nb = a\nf(setup_requires=a)"}, DEFAULT),
    "names without end": (
        {"setup.py": "".join(f"a{n} = a{n + 1} + a{n + 1}\n" for n in range(60)) + DOUBLED},
        (*DEFAULT, "six"),
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


@pytest.mark.parametrize(
    "script",
    [
        "setup(setup_requires=read('requirements.txt'))",
        "setup(setup_requires=[f'numpy=={version}'])",
        "Distribution().fetch_build_eggs(needed())",
        "setup(setup_requires=[one for one in ('a', 'b')])",
        "setup(setup_requires=unknown)",
        f"setup(setup_requires={'(' * 80}x{')' * 80}())",
    ],
)
def test_requirements_that_a_script_computes_are_refused(script: str, tmp_path: Path) -> None:
    archive = tar(tmp_path / "pkg-1.0.tar.gz", {"setup.py": script})

    with pytest.raises(UnreadableRequirementsError) as caught:
        of_archive(archive)

    assert str(caught.value) == (
        "pkg-1.0.tar.gz: its setup.py computes the setup_requires, so what builds it is not known"
    )
