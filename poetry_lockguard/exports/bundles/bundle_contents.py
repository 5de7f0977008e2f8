"""Which files belong into a bundle of some configurations, and which pins cannot be bundled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from poetry_lockguard.exports.bundles import git_archive
from poetry_lockguard.exports.pin_selection import has_pinned_builds
from poetry_lockguard.exports.wheel_choice import Built, Nothing, Unknown, Wheel, choice
from poetry_lockguard.snapshots.origins import Directory, Git, is_full_commit
from poetry_lockguard.snapshots.usage import order, pins, used_in_any_way

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from poetry_lockguard.snapshots.document import ConfigurationEntry, PackageEntry, Snapshot
    from poetry_lockguard.snapshots.usage import Key

SNAPSHOT = "lockguard.lock"  #: the name of the snapshot in a bundle
PAGE = "index.html"  #: the name of the index page in a bundle
_GIT = "git"


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFile:
    """One file of a bundle: its name, its hash (``algorithm:digest``), and the pin it belongs to.

    The hash of an archive of a git commit is ``git:commit``. ``is_built`` if at least one target
    has to build it, with build requirements that the snapshot does not pin.
    """

    name: str
    digest: str
    key: Key
    is_built: bool = False

    @property
    def commit(self) -> str | None:
        """The git commit whose files this archive has; None for the file of a release."""
        kind, _, commit = self.digest.partition(":")
        return commit if kind == _GIT else None


@dataclass(frozen=True, slots=True)
class BundleContents:
    """The files, sorted by name; ``flaws`` are the reasons why they would not be enough.

    ``folders`` are the pins that are folders of the project: they are not part of a bundle.
    """

    files: tuple[BundleFile, ...]
    flaws: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def bundle_contents(snapshot: Snapshot, names: Iterable[str]) -> BundleContents:
    """Return the file that the target of each configuration takes of each of its pins."""
    held = pins(snapshot)
    found: dict[str, BundleFile] = {}
    flaws: dict[str, None] = {}
    folders: set[str] = set()
    for config in names:
        entry = snapshot.configurations[config]
        for key in sorted(used_in_any_way(entry), key=order):
            if isinstance(key[1][1], Directory):
                folders.add(key[0])
                continue
            one = _file(key, held[key], entry)
            if isinstance(one, str):
                flaws[f"{config}: {key[0]} {key[1][0]}: {one}"] = None
            elif flaw := _clash(found.get(one.name), one):
                flaws[flaw] = None
            else:
                found[one.name] = _joined(found.get(one.name), one)
    return BundleContents(
        tuple(found[name] for name in sorted(found)), tuple(flaws), tuple(sorted(folders))
    )


def _file(key: Key, pin: PackageEntry, entry: ConfigurationEntry) -> BundleFile | str:
    """Return the file that a target takes, or why it has none."""
    if isinstance(pin.source, Git):
        is_loose = not has_pinned_builds(entry, key[0], pin)
        return _of_commit(key, pin.source.commit, is_built=is_loose)
    match choice(key[0], pin, entry.target):
        case Wheel(file):
            return _sealed(file, key, pin.files, is_built=False)
        case Built(file):
            is_loose = not has_pinned_builds(entry, key[0], pin)
            return _sealed(file, key, pin.files, is_built=is_loose)
        case Nothing():
            return "none of its files can be installed there"
        case Unknown(reason):
            return reason


def _of_commit(key: Key, commit: str | None, *, is_built: bool) -> BundleFile | str:
    if commit is None or not is_full_commit(commit):
        return "it comes from a git repository, and no full commit of it is pinned"
    name = git_archive.file_name(key[0], commit)
    return BundleFile(name=name, digest=f"{_GIT}:{commit}", key=key, is_built=is_built)


def _sealed(file: str, key: Key, files: Mapping[str, str], *, is_built: bool) -> BundleFile | str:
    digest = files.get(file)
    if not digest:
        return f"no hash of {file} is known, so it could not be verified"
    if PurePath(file).name != file or "\\" in file or file.startswith(".") or _is_reserved(file):
        return f"{file!r} is not a valid file name for a bundle"
    return BundleFile(name=file, digest=digest, key=key, is_built=is_built)


def _is_reserved(file: str) -> bool:
    return file.casefold() in {SNAPSHOT, PAGE}


def _clash(known: BundleFile | None, new: BundleFile) -> str | None:
    if known is None or known.digest == new.digest:
        return None
    return (
        f"two different files are called {new.name}, from two sources;"
        " make a bundle of each configuration"
    )


def _joined(known: BundleFile | None, new: BundleFile) -> BundleFile:
    return known if known is not None and known.is_built else new
