"""Real git repositories with a Poetry project, locked by Poetry's solver without a server."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cleo.io.null_io import NullIO
from poetry.inspection.info import PackageInfo
from poetry.repositories.repository import Repository as Source
from poetry.repositories.repository_pool import RepositoryPool

from poetry_lockguard.freshness.judge import judge
from poetry_lockguard.lockfile.parse import parse
from poetry_lockguard.manifest.document import read
from poetry_lockguard.outcomes import Status
from poetry_lockguard.poetry_api.lock_writing import resolve
from poetry_lockguard.poetry_api.locker import CapturingLocker
from poetry_lockguard.poetry_api.project import load

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from index import Index

MANIFEST = """\
[project]
name = "plane"
version = "1.0"
requires-python = ">=3.10"
dependencies = [
    {}
]

[tool.poetry]
package-mode = false
{}"""


def isolate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git know nobody's settings, and somebody's name."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@mirror.example")


def pool(index: Index) -> RepositoryPool:
    """Return what an index holds, without a server."""
    releases = {
        (name, artifact.release.version): artifact.release
        for name, artifacts in index.projects.items()
        for artifact in artifacts
    }
    infos = [
        PackageInfo(
            name=name,
            version=version,
            summary=release.summary,
            requires_dist=[*release.requires],
            files=[
                {"file": one.filename, "hash": f"sha256:{one.sha256}"}
                for one in index.projects[name]
                if one.release.version == version
            ],
        )
        for (name, version), release in releases.items()
    ]
    return RepositoryPool([Source("PyPI", [info.to_package() for info in infos])])


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at ``top`` with a Poetry project at ``folder``."""

    top: Path
    folder: Path
    index: Index

    def git(self, *arguments: str, code: int | None = 0) -> str:
        """Run git; gives what it said on both streams. A code of None may be any but 0."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.top,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        said = done.stdout + done.stderr
        assert done.returncode == code or (code is None and done.returncode), said
        return said

    def want(self, *requirements: str, more: str = "") -> None:
        """Write the manifest: one requirement a line."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = "\n    ".join(f'"{requirement}",' for requirement in requirements)
        (self.folder / "pyproject.toml").write_text(MANIFEST.format(lines, more))

    def lock(self, *updated: str) -> str:
        """Lock as ``poetry lock`` does, or ``poetry update --lock`` with names."""
        path = self.folder / "poetry.lock"
        poetry = load(read(self.folder / "pyproject.toml"))
        held = parse(path.read_bytes()).raw if path.exists() else None
        if held is not None:
            kept = [entry for entry in held["package"] if entry["name"] not in updated]
            held = {**held, "package": kept}
        text = resolve(
            poetry,
            pool(self.index),
            NullIO(),
            regenerate=held is None,
            locker=CapturingLocker(poetry, held),
        )
        path.write_text(text)
        return text

    def commit(self, *requirements: str, updated: str = "", more: str = "") -> None:
        """Write manifest and lock, and commit them."""
        self.want(*requirements, more=more)
        self.lock(*updated.split())
        self.save(" ".join(requirements))

    def save(self, message: str) -> None:
        """Commit everything."""
        self.git("add", ".")
        self.git("commit", "-q", "-m", message)

    def on(self, branch: str, start: str = "base") -> None:
        """Go to a new branch."""
        self.git("checkout", "-q", "-B", branch, start)

    @property
    def text(self) -> str:
        return (self.folder / "poetry.lock").read_text()

    @property
    def pins(self) -> dict[str, str]:
        return {pin.name: pin.version for pin in parse(self.text.encode()).pins}

    @property
    def status(self) -> str:
        return self.git("status", "--short")

    @property
    def is_fresh(self) -> bool:
        """Whether the lock is fresh and sound for the manifest in the working tree."""
        verdict = judge(read(self.folder / "pyproject.toml"), deep=True)
        return (verdict.status, verdict.problems) == (Status.FRESH, ())
