"""What an index holds: releases and their files, added one line each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import wheels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UPLOADED = "2026-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file of a release."""

    release: wheels.Release
    filename: str
    content: bytes
    yanked: str | bool
    told_python: str | None = None
    uploaded: str | None = UPLOADED

    @property
    def python(self) -> str | None:
        """The Pythons that pages and PyPI's API give."""
        return self.told_python or self.release.python

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def packagetype(self) -> str:
        return "bdist_wheel" if self.filename.endswith(".whl") else "sdist"


class Index:
    """Releases by normalized name."""

    def __init__(self) -> None:
        self.projects: dict[str, list[Artifact]] = {}

    def add(  # noqa: PLR0913 - a declarative line, all by keyword
        self,
        name: str,
        version: str,
        *,
        requires: Iterable[str] = (),
        python: str | None = None,
        told_python: str | None = None,
        extras: Mapping[str, Iterable[str]] | None = None,
        summary: str = "",
        yanked: str | bool = False,
        tags: Iterable[str] = ("py3-none-any",),
        sdist: bool = True,
        padding: int = 0,
        metadata_first: bool = False,
        code: str = "",
        builder: str | None = None,
        static: bool = False,
        uploaded: str | None = UPLOADED,
    ) -> list[Artifact]:
        """Add one release with its wheels (one a tag) and, unless told not to, an sdist.

        ``told_python`` is what pages say of its Pythons where the files themselves say ``python``.
        ``code`` goes into the wheel's module. With ``builder`` the sdist tells nothing before
        what it requires has built it, unless it is ``static``. ``uploaded`` is what JSON pages say
        of when it was uploaded.
        """
        release = wheels.Release(
            name=name,
            version=version,
            requires=tuple(requires),
            python=python,
            extras={key: tuple(value) for key, value in (extras or {}).items()},
            summary=summary,
            code=code,
            builder=builder,
            static=static,
        )
        built = [
            wheels.wheel(release, tag, padding=padding, metadata_first=metadata_first)
            for tag in tags
        ]
        built += [wheels.sdist(release)] if sdist else []
        artifacts = [
            Artifact(
                release=release,
                filename=filename,
                content=content,
                yanked=yanked,
                told_python=told_python,
                uploaded=uploaded,
            )
            for filename, content in built
        ]
        self.projects.setdefault(normalized(name), []).extend(artifacts)
        return artifacts

    def put(self, release: wheels.Release, filename: str, content: bytes) -> None:
        """Add one file that was made elsewhere."""
        artifact = Artifact(release=release, filename=filename, content=content, yanked=False)
        self.projects.setdefault(normalized(release.name), []).append(artifact)

    def remove(self, name: str, version: str | None = None) -> None:
        """Take a project, or one version of it, from the index."""
        kept = [
            artifact
            for artifact in self.projects.pop(normalized(name))
            if version is not None and artifact.release.version != version
        ]
        if kept:
            self.projects[normalized(name)] = kept

    def file(self, filename: str) -> Artifact | None:
        """Find a file by its name."""
        files = (one for artifacts in self.projects.values() for one in artifacts)
        return next((one for one in files if one.filename == filename), None)


def normalized(name: str) -> str:
    """Normalize a name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
