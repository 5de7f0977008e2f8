"""Bundles of what comes from git repositories, addresses and files: installed without a network."""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from solving import project
from trees import archive, commit, tree

from poetry_lockguard.exports.bundles import git_archive
from poetry_lockguard.exports.bundles.git_archive import CommitContent
from poetry_lockguard.installing import git_commits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve

    Run = Callable[[str, Path], Result]


@pytest.fixture
def app(  # noqa: PLR0913, PLR0917 - the world of a story
    index: Index,
    pypi: Pypi,
    serve: Serve,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A project of a repository with a link and a submodule, an address, a wheel and an archive."""
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "true")
    monkeypatch.setenv("CI", "1")
    (wheel,) = index.add("by-url", "1.0", sdist=False)
    (local,) = index.add("by-file", "1.0", sdist=False)
    index.remove("by-file")
    pypi(index, here=True, json=False)
    folder = tmp_path / "app"
    repository = with_submodule(tmp_path)
    folder.mkdir()
    (folder / local.filename).write_bytes(local.content)
    more = (
        "\n[tool.poetry.dependencies]\n"
        f'by-git = {{ git = "{repository.as_uri()}", branch = "main" }}\n'
        f'by-url = {{ url = "{serve(index).base}/files/{wheel.filename}" }}\n'
        f'by-file = {{ path = "{local.filename}" }}\n'
        f'by-sdist = {{ path = "{archive(folder, "by-sdist").name}" }}\n'
    )
    project(folder, "by-git", "by-url", "by-file", "by-sdist", more=more)
    made = run("lockguard snapshot create", folder)
    assert made.code == 0, made.err
    return folder


def with_submodule(folder: Path) -> Path:
    """Make a repository whose package has a module in a submodule, a script and a link."""
    part = folder / "part"
    part.mkdir()
    (part / "inner.py").write_text("VALUE = 'of the submodule'\n")
    commit(part)
    whole = tree(folder / "by-git")
    commit(whole)
    backend = whole / "backend.py"
    packed = 'wheel.write("part/inner.py", "by_git.py")'
    backend.write_text(backend.read_text().replace('wheel.writestr("by_git.py", "")', packed))
    (whole / "run.sh").write_text("#!/bin/sh\n")
    (whole / "run.sh").chmod(0o755)
    (whole / "link").symlink_to("run.sh")
    options = ["-c", "protocol.file.allow=always"]
    subprocess.run(
        ["git", *options, "submodule", "--quiet", "add", part.as_uri(), "part"],
        cwd=whole,
        check=True,
        capture_output=True,
    )
    commit(whole)
    return whole


@pytest.mark.contract
def test_everything_is_installed_when_all_of_its_places_are_gone(
    run: Run, app: Path, index: Index, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        made = run(f"lockguard bundle --output ../{name}", app)
        assert made.code == 0, made.err
    index.projects.clear()
    for place in ("by-git", "part", "app"):
        shutil.rmtree(tmp_path / place)
    there = tmp_path / "there"
    there.mkdir()

    result = run("lockguard install --bundle ../one", there)

    assert result.code == 0, result.err + result.out
    (site,) = there.glob(".venv/lib*/python*/site-packages")
    names = {one.name.partition("-")[0] for one in site.glob("*.dist-info")}
    assert {"by_git", "by_url", "by_file", "by_sdist"} <= names
    assert "of the submodule" in (site / "by_git.py").read_text()
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()
    }


@pytest.fixture
def packed(tmp_path: Path) -> tuple[Path, str]:
    """The archive of a commit of a repository with a submodule, and the commit."""
    repository = with_submodule(tmp_path)
    head = commit(repository)
    made = tmp_path / git_archive.file_name("by-git", head)
    with git_commits.content_of(repository, head) as held:
        git_archive.write(held, "by-git-1.0", made)
    return made, head


@pytest.mark.skipif(sys.platform == "win32", reason="makes links and modes")
def test_the_archive_has_what_the_commit_has_and_proves_it(
    packed: tuple[Path, str], tmp_path: Path
) -> None:
    archived, head = packed
    folder = tmp_path / "unpacked"
    folder.mkdir()

    git_archive.unpack(archived, folder)

    assert git_archive.is_of_commit(archived, head)
    assert not git_archive.is_of_commit(archived, head[::-1])
    assert os.access(folder / "run.sh", os.X_OK)
    assert (folder / "link").readlink().name == "run.sh"
    assert content(folder) == content(tmp_path / "by-git")


@dataclass(frozen=True, slots=True)
class Held:
    """A file of a made-up commit."""

    path: str
    mode: int
    text: bytes

    def content(self) -> bytes:
        """Return its content."""
        return self.text


def test_a_submodule_can_have_any_path(tmp_path: Path) -> None:
    made, submodules = tmp_path / "x.tar", {"a=b/c d": "1" * 40, "é": "2" * 40}
    content = CommitContent(files=[Held("a", 0o100644, b"")], submodules=submodules, commits={})

    git_archive.write(content, "x-1.0", made)

    with tarfile.open(made) as packed:
        packed.getmembers()
        assert git_archive.header(packed) == ({}, submodules)


@pytest.mark.skipif(sys.platform == "win32", reason="makes links")
def test_no_file_is_written_through_a_link_of_the_archive(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    made = tmp_path / "x.tar"
    links = [Held("a", 0o120000, str(outside).encode()), Held("a", 0o120000, b"changed")]
    git_archive.write(CommitContent(files=links, submodules={}, commits={}), "x-1.0", made)
    folder = tmp_path / "unpacked"
    folder.mkdir()

    with pytest.raises(FileExistsError):
        git_archive.unpack(made, folder)

    assert not outside.exists()


def content(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder that are not git's own."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


KINDS = ["changed", "added", "removed", "outside", "drive", "deep", "compressed", "no archive"]


@pytest.mark.parametrize("kind", KINDS)
def test_another_content_than_that_of_the_commit_is_found(
    packed: tuple[Path, str], kind: str
) -> None:
    archived, head = packed

    spoil(archived, kind)

    assert not git_archive.is_of_commit(archived, head)


def spoil(packed: Path, kind: str) -> None:
    """Change an archive so that it is not what the commit holds."""
    if kind == "no archive":
        packed.write_bytes(b"something else")
        return
    if kind == "compressed":
        packed.write_bytes(lzma.compress(packed.read_bytes())[:-20])
        return
    other = packed.with_suffix(".new")
    with tarfile.open(packed) as old:
        header = old.pax_headers
        with tarfile.open(other, "w", format=tarfile.PAX_FORMAT, pax_headers=header) as new:
            for number, member in enumerate(old):
                if kind == "removed" and number == 0:
                    continue
                if kind == "outside" and number == 0:
                    member.name = "by-git-1.0/../../outside"
                if kind == "drive" and number == 0:
                    member.name = "by-git-1.0/C:outside"
                if kind == "changed" and number == 0:
                    member.mode = 0o755
                new.addfile(member, old.extractfile(member) if member.isreg() else None)
            if kind == "added":
                new.addfile(tarfile.TarInfo("by-git-1.0/added.py"))
            if kind == "deep":
                new.addfile(tarfile.TarInfo(f"by-git-1.0/{'a/' * 3000}added.py"))
    other.replace(packed)
