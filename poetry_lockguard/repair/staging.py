"""Lays out the merged project in a folder of its own, as far as a resolver looks at it.

While a merge driver runs, the merged ``pyproject.toml`` is nowhere: git writes the working tree
when all files are merged. So it is made here, in a folder whose paths are the repository's, with
what it requires by path, so that relative paths mean in it what they will mean in the repository.
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
#: what tells a folder's requirements; a merge of the rest of it changes nothing for a lock
TELLING = (MANIFEST, "setup.cfg", "setup.py")


def manifest_of(readings: Sequence[Sides], objects: Objects) -> bytes:
    """Return the manifest that the merge will have, where all readings of it agree.

    Raises NotMergedError, ManifestError for a manifest that is none.
    """
    if not readings:
        raise NotMergedError(
            "git does not tell a merge driver which commits it merges, and none was found in the"
            " history that fits"
        )
    texts = [_merged(one, objects) for one in readings]
    path = objects.top / readings[0].ours.beside(MANIFEST)
    if len({*texts}) > 1 and len({_relevant(text, path) for text in texts}) > 1:
        raise NotMergedError(
            f"several commits in the history make this change, with different {MANIFEST}"
        )
    return texts[0]


def _relevant(text: bytes, path: Path) -> tuple[str, ...]:
    """Return what a lock depends on; extras and sources are in the hash, too."""
    manifest = parse(text.decode("utf-8", "replace"), path)
    return (content_hash(manifest.data, RULES[-1]), repr(manifest.settings))


def _merged(sides: Sides, objects: Objects) -> bytes:
    text = merged_beside(MANIFEST, sides, objects)
    if text is None:
        raise NotMergedError(f"there is no {sides.ours.beside(MANIFEST)} beside it")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The folder that stands for the top of the repository after the merge."""

    folder: Path
    sides: Sides
    objects: Objects
    _there: set[str] = field(default_factory=set)

    @property
    def is_shared(self) -> bool:
        """Whether the project requires anything by path."""
        return len(self._there) > 1

    def project(self, path: str, manifest: bytes, lock: bytes) -> Manifest:
        """Lay out the project whose lock is to be at ``path``; raises NotMergedError."""
        home = posixpath.normpath(posixpath.dirname(path) or ".")
        self._there.add(home)
        here = self.folder / home
        here.mkdir(parents=True, exist_ok=True)
        (here / MANIFEST).write_bytes(manifest)
        (here / posixpath.basename(path)).write_bytes(lock)
        settings = merged_beside("poetry.toml", self.sides, self.objects)
        private = self.objects.top / home / "poetry.toml"
        if settings is None and private.is_file():  # often not in git
            settings = files.read(private, files.MANIFEST)
        if settings is not None:
            (here / "poetry.toml").write_bytes(settings)
        made = parse(_decoded(manifest, home), here / MANIFEST)
        self._requirements(home, made)
        return made

    def _requirements(self, home: str, manifest: Manifest) -> None:
        for path in _paths(manifest):
            wanted = posixpath.normpath(posixpath.join(home, path))
            if wanted.startswith(("/", "../")) or wanted == "..":
                raise NotMergedError(f"{path}, which it requires, is not in this repository")
            if wanted not in self._there:
                self._there.add(wanted)
                self._lay(wanted)

    def _lay(self, wanted: str) -> None:
        """Bring a folder or file that is required by path, and what that requires in turn."""
        sides = self.sides
        ours, theirs = (self._state(side, wanted) for side in (sides.ours, sides.theirs))
        bases = {self._state(base, wanted) for base in sides.bases}
        if ours is None and theirs is None:
            self._untracked(wanted)
        elif ours == theirs or bases == {theirs}:
            self._export(ours, sides.ours, wanted)
        elif bases == {ours}:
            self._export(theirs, sides.theirs, wanted)
        else:
            self._merge(wanted)
        here = self.folder / wanted / MANIFEST
        if here.is_file():
            try:
                nested = parse(_decoded(files.read(here, files.MANIFEST), wanted), here)
            except NotPoetrysError:
                return
            self._requirements(wanted, nested)

    def _untracked(self, wanted: str) -> None:
        source = self.objects.top / wanted
        if not source.is_file():
            raise NotMergedError(f"{wanted}, which it requires, is not in git")
        target = self.folder / wanted
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files.read(source))

    def _state(self, side: TreePlace, wanted: str) -> str | None:
        """Return the id of what is there on one side; in a submodule, that submodule's commit."""
        found = self.objects.id(side.commit, "" if wanted == "." else wanted)
        inner = None if found else self.objects.submodule(side.commit, wanted)
        return inner.commit if inner else found

    def _export(self, state: str | None, side: TreePlace, wanted: str) -> None:
        if state is None:
            raise NotMergedError(f"{wanted}, which it requires, is deleted by one side")
        command = ["archive", "--format=tar"]
        if inner := self.objects.submodule(side.commit, wanted):
            inside = posixpath.relpath(wanted, inner.path)
            command += [f"--prefix={inner.path}/", inner.commit, *_only(inside)]
            there = self.objects.top / inner.path
            is_here = (there / ".git").exists()
            done = git.run(command, there) if is_here else None
            if done is None or done.returncode:
                raise NotMergedError(
                    f"{wanted}, which it requires, is in the submodule {inner.path}, whose commit"
                    f" {inner.commit[:10]} is not here; run `git submodule update --init` first"
                )
        else:
            command += [side.commit, *_only(wanted)]
            done = git.run(command, self.objects.top, inherit=True)
            if done.returncode:
                raise NotMergedError(f"{wanted}, which it requires: {git.reason(done)}")
        within = "" if wanted == "." else f"{wanted}/"
        spared = [one for one in self._there if one != wanted and f"{one}/".startswith(within)]
        unpack(done.stdout, self.folder, spared)

    def _merge(self, wanted: str) -> None:
        """Merge what tells the requirements of a folder that both sides changed."""
        if self.objects.submodule(self.sides.ours.commit, wanted):
            raise NotMergedError(f"{wanted}, which it requires, is a submodule that both changed")
        self._export("changed by both", self.sides.ours, wanted)
        inner = Sides(
            bases=tuple(_within(base, wanted) for base in self.sides.bases),
            ours=_within(self.sides.ours, wanted),
            theirs=_within(self.sides.theirs, wanted),
        )
        if not (self.folder / wanted).is_dir():
            raise NotMergedError(f"{wanted}, which it requires, is changed by both sides")
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
