"""Writes the merged project to a folder of its own, as far as a resolver reads it.

While a merge driver runs, the merged ``pyproject.toml`` does not exist yet: git writes the working
tree after all files are merged. So it is made here, in a folder with the repository's layout,
together with its path dependencies, so that relative paths mean the same as in the repository.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from poetry_lockguard import files, git
from poetry_lockguard.errors import NotPoetrysError
from poetry_lockguard.manifest.content_hash import RULES, content_hash
from poetry_lockguard.manifest.document import parse
from poetry_lockguard.manifest.requirements import declaration
from poetry_lockguard.repair.merge_commits import Sides
from poetry_lockguard.repair.text_merge import NotMergedError, merged_beside
from poetry_lockguard.repair.unpacking import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.repair.git_objects import Objects, TreePlace

MANIFEST = "pyproject.toml"
#: the files that declare a folder's requirements; the rest of it does not matter for a lock
TELLING = (MANIFEST, "setup.cfg", "setup.py")


def manifest_of(readings: Sequence[Sides], objects: Objects) -> bytes:
    """Return the manifest that the merge will produce, if all explanations of it agree.

    Raises NotMergedError, or ManifestError for an invalid manifest.
    """
    if not readings:
        raise NotMergedError(
            "git does not name the commits that it merges to a merge driver, and the history has"
            " none that fit"
        )
    texts = [_merged(reading, objects) for reading in readings]
    path = objects.top / readings[0].ours.beside(MANIFEST)
    if len({*texts}) > 1 and len({_relevant(text, path) for text in texts}) > 1:
        raise NotMergedError(
            f"several commits in the history make this change, each with another {MANIFEST}"
        )
    return texts[0]


def _relevant(text: bytes, path: Path) -> tuple[str, ...]:
    """Return what a lock depends on; the hash also covers extras and sources."""
    manifest = parse(text.decode("utf-8", "replace"), path)
    return (content_hash(manifest.data, RULES[-1]), repr(manifest.settings))


def _merged(sides: Sides, objects: Objects) -> bytes:
    text = merged_beside(MANIFEST, sides, objects)
    if text is None:
        raise NotMergedError(f"the lock has no {sides.ours.beside(MANIFEST)} beside it")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The folder that represents the top of the repository after the merge."""

    folder: Path
    sides: Sides
    objects: Objects
    _written: set[str] = field(default_factory=set)
    _brought: set[str] = field(default_factory=set)  # what is not as on our side

    @property
    def own(self) -> frozenset[Path]:
        """The folders and files of path dependencies that are as on our side."""
        return frozenset(self.folder / path for path in self._written - self._brought)

    @property
    def brought(self) -> frozenset[Path]:
        """The folders of the project and of path dependencies that the merge changes."""
        return frozenset(self.folder / path for path in self._brought)

    @property
    def is_shared(self) -> bool:
        """Whether the project has path dependencies."""
        return len(self._written) > 1

    def project(self, path: str, manifest: bytes, lock: bytes) -> Manifest:
        """Write the project whose lock belongs at ``path``. Raises NotMergedError."""
        home = posixpath.normpath(posixpath.dirname(path) or ".")
        self._written.add(home)
        self._brought.add(home)
        target = self.folder / home
        target.mkdir(parents=True, exist_ok=True)
        (target / MANIFEST).write_bytes(manifest)
        (target / posixpath.basename(path)).write_bytes(lock)
        settings = merged_beside("poetry.toml", self.sides, self.objects)
        private = self.objects.top / home / "poetry.toml"
        if settings is None and private.is_file():  # often not in git
            settings = files.read(private, files.MANIFEST)
        if settings is not None:
            (target / "poetry.toml").write_bytes(settings)
        merged = parse(_decoded(manifest, home), target / MANIFEST)
        self._requirements(home, merged)
        return merged

    def _requirements(self, home: str, manifest: Manifest) -> None:
        for path in _paths(manifest):
            wanted = posixpath.normpath(posixpath.join(home, path))
            if wanted.startswith(("/", "../")) or wanted == "..":
                raise NotMergedError(f"the path dependency {path} is not in this repository")
            if wanted not in self._written:
                self._written.add(wanted)
                self._write(wanted)

    def _write(self, wanted: str) -> None:
        """Write a path dependency, and its own path dependencies."""
        sides = self.sides
        ours, theirs = (self._state(side, wanted) for side in (sides.ours, sides.theirs))
        bases = {self._state(base, wanted) for base in sides.bases}
        if ours != theirs and bases != {theirs}:
            self._brought.add(wanted)
        if ours is None and theirs is None:
            self._untracked(wanted)
        elif ours == theirs or bases == {theirs}:
            self._export(ours, sides.ours, wanted)
        elif bases == {ours}:
            self._export(theirs, sides.theirs, wanted)
        else:
            self._merge(wanted)
        path = self.folder / wanted / MANIFEST
        if path.is_file():
            try:
                nested = parse(_decoded(files.read(path, files.MANIFEST), wanted), path)
            except NotPoetrysError:
                return
            self._requirements(wanted, nested)

    def _untracked(self, wanted: str) -> None:
        source = self.objects.top / wanted
        if not source.is_file():
            raise NotMergedError(f"the path dependency {wanted} is not in git")
        target = self.folder / wanted
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.read(source))

    def _state(self, side: TreePlace, wanted: str) -> str | None:
        """Return the id of a path's content on one side; in a submodule, the submodule's commit."""
        found = self.objects.id(side.commit, "" if wanted == "." else wanted)
        inner = None if found else self.objects.submodule(side.commit, wanted)
        return inner.commit if inner else found

    def _export(self, state: str | None, side: TreePlace, wanted: str) -> None:
        if state is None:
            raise NotMergedError(f"one side deleted the path dependency {wanted}")
        command = ["archive", "--format=tar"]
        if inner := self.objects.submodule(side.commit, wanted):
            inside = posixpath.relpath(wanted, inner.path)
            command += [f"--prefix={inner.path}/", inner.commit, *_only(inside)]
            submodule = self.objects.top / inner.path
            is_cloned = (submodule / ".git").exists()
            done = git.run(command, submodule) if is_cloned else None
            if done is None or done.returncode:
                raise NotMergedError(
                    f"the path dependency {wanted} is in the submodule {inner.path}, whose"
                    f" commit {inner.commit[:10]} is missing; run `git submodule update --init`"
                )
        else:
            command += [side.commit, *_only(wanted)]
            done = git.run(command, self.objects.top, inherit=True)
            if done.returncode:
                raise NotMergedError(f"the path dependency {wanted}: {git.reason(done)}")
        within = "" if wanted == "." else f"{wanted}/"
        kept = [path for path in self._written if path != wanted and f"{path}/".startswith(within)]
        unpack(done.stdout, self.folder, kept)

    def _merge(self, wanted: str) -> None:
        """Merge the files with the requirements of a folder that both sides changed."""
        if self.objects.submodule(self.sides.ours.commit, wanted):
            raise NotMergedError(f"both sides changed the submodule of path dependency {wanted}")
        self._export("changed by both", self.sides.ours, wanted)
        inner = Sides(
            bases=tuple(_within(base, wanted) for base in self.sides.bases),
            ours=_within(self.sides.ours, wanted),
            theirs=_within(self.sides.theirs, wanted),
        )
        if not (self.folder / wanted).is_dir():
            raise NotMergedError(f"both sides changed the path dependency {wanted}")
        for name in TELLING:
            text = merged_beside(name, inner, self.objects)
            if text is None:
                (self.folder / wanted / name).unlink(missing_ok=True)
            else:
                (self.folder / wanted / name).write_bytes(text)


def _only(path: str) -> list[str]:
    return [] if path == "." else ["--", f":(top,literal){path}"]


def _within(place: TreePlace, folder: str) -> TreePlace:
    return type(place)(place.commit, posixpath.join(folder, MANIFEST))


def _paths(manifest: Manifest) -> Iterator[str]:
    for requirement in declaration(manifest).requirements:
        if requirement.origin in {"directory", "file"}:
            yield requirement.dependency.path.as_posix()  # type: ignore[attr-defined]  # of every path dependency


def _decoded(content: bytes, home: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotMergedError(f"{posixpath.join(home, MANIFEST)} is not UTF-8") from error
