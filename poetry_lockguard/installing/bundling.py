"""Gathers every file that configurations install, with their snapshot and an index page.

The page is written last, and what an older page lists and the new one does not is removed before:
so a run that was interrupted at any moment can be repeated, and ends in the same bundle.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.errors import UsageError
from poetry_lockguard.exports.bundles.bundle_contents import PAGE, SNAPSHOT, bundle_contents
from poetry_lockguard.exports.bundles.bundle_page import linked, page
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.source_manifest import UnreadableRequirementsError, of_archive
from poetry_lockguard.installing import bundle_archive, bundle_downloads
from poetry_lockguard.installing.git_commits import archive_commits
from poetry_lockguard.mirrors.failover import NoEndpointError
from poetry_lockguard.snapshots.entry_configurations import of_snapshot
from poetry_lockguard.snapshots.format import writer
from poetry_lockguard.snapshots.origins import Git, LocalFile, PyPI
from poetry_lockguard.snapshots.selection import clean, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from poetry_lockguard.exports.bundles.bundle_contents import BundleContents, BundleFile
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.resolution.project_configurations import SnapshotProject
    from poetry_lockguard.snapshots.format.reader import Reading

WAIT = 600.0  # seconds to wait for another program's turn


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRequest:
    """Which configurations of a snapshot to gather, and where; ``tell`` gets the bytes so far."""

    reading: Reading
    names: Sequence[str]
    output: Path
    project: SnapshotProject
    network: Network
    tell: Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleWritten:
    """The bundle is complete: its files with their sizes, of which ``fetched`` files are new.

    ``builds`` lists what each source archive needs to be built; ``folders`` are not in the bundle.
    """

    files: Sequence[tuple[BundleFile, int]]
    fetched: int
    builds: Sequence[str] = ()
    folders: Sequence[str] = ()

    @property
    def size(self) -> int:
        """The size of all files in bytes."""
        return sum(size for _, size in self.files)


@dataclass(frozen=True, slots=True)
class BundleRefused:
    """There is no complete bundle; ``reasons`` say why."""

    reasons: Sequence[str]


def bundle(request: BundleRequest) -> BundleWritten | BundleRefused:
    """Make a bundle, or complete the one that is there."""
    chosen = clean(select(request.reading.snapshot, request.names))
    contents = bundle_contents(chosen, request.names)
    if contents.flaws:
        return BundleRefused(contents.flaws)
    content = writer.render(chosen, request.reading)
    if bundle_archive.is_archive_name(request.output):
        return _packed(request, content, contents)
    _refuse_foreign(request.output)
    with _made(request.output), files.exclusive(request.output / SNAPSHOT, WAIT, _say_nothing):
        return _gathered(request, request.output, content, contents)


def _packed(
    request: BundleRequest, content: bytes, contents: BundleContents
) -> BundleWritten | BundleRefused:
    """Gather in a hidden folder beside the archive, which is removed when the archive is there."""
    output = request.output
    files.probe(output)
    folder = output.absolute().with_name(f".{output.name}.parts")
    with files.exclusive(output, WAIT, _say_nothing), _made(folder):
        if output.exists():
            bundle_archive.unpack(output, folder, lambda _: [one.name for one in contents.files])
        outcome = _gathered(request, folder, content, contents)
        if isinstance(outcome, BundleWritten):
            names = [SNAPSHOT, PAGE, *(one.name for one in contents.files)]
            bundle_archive.pack(folder, names, output)
            shutil.rmtree(folder)
    return outcome


def _say_nothing() -> None:
    """Wait for another program's bundle without a message."""


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.WriteError(f"{folder}: cannot be made: {error.strerror}") from error
    yield


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder with other contents: pip would take its files for the bundle's."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: not a folder; a bundle is a folder, a .tar or a .zip")
    is_used = folder.is_dir() and any(folder.iterdir())
    if is_used and (not (folder / SNAPSHOT).exists() or (folder / "pyproject.toml").exists()):
        raise UsageError(f"{folder}: holds something other than a bundle; name another folder")


def _gathered(
    request: BundleRequest, folder: Path, content: bytes, contents: BundleContents
) -> BundleWritten | BundleRefused:
    if not files.holds(folder / SNAPSHOT, content):
        files.replace(folder / SNAPSHOT, content)
    waiting = bundle_downloads.missing(folder, contents.files)
    if reasons := _fetch(request, folder, waiting):
        return BundleRefused(reasons)
    _sweep(folder, contents.files)
    if not files.holds(folder / PAGE, index_page := page(contents.files)):
        files.replace(folder / PAGE, index_page)
    return BundleWritten(
        files=[(one, (folder / one.name).stat().st_size) for one in contents.files],
        fetched=len(waiting),
        builds=[
            f"{one.name} needs {_needs(folder / one.name)}"
            for one in contents.files
            if one.is_built
        ],
        folders=contents.folders,
    )


def _needs(archive: Path) -> str:
    """Return what builds an archive, as a list for a message."""
    try:
        return ", ".join(of_archive(archive)) or "nothing"
    except UnreadableRequirementsError:
        return "what nobody can tell, because its manifest cannot be read"


def _fetch(request: BundleRequest, folder: Path, waiting: Sequence[BundleFile]) -> Sequence[str]:
    """Copy and download files; return the reasons if that fails."""
    if flaws := bundle_downloads.copy_local(folder, waiting, request.project.folder):
        return flaws
    if flaws := archive_commits(folder, waiting, request.project, request.network):
        return flaws
    elsewhere = (LocalFile, Git)
    remote = [one for one in waiting if not isinstance(one.key[1][1], elsewhere)]
    if not remote:
        return ()
    progress = bundle_downloads.ByteProgress(request.tell)
    request.project.declare_sources(of_snapshot(request.reading.snapshot).values())
    of_pypi = [one for one in remote if isinstance(one.key[1][1], PyPI)]
    own = [one for one in remote if not isinstance(one.key[1][1], PyPI)]
    failures: list[str] = []  # of files that every endpoint would ask the same index for

    def work(endpoint: Endpoint) -> None:
        failures.clear()
        try:
            bundle_downloads.download(folder, own, endpoint, progress)
        except SourceFailure as failure:
            failures.append(str(failure))
        bundle_downloads.download(folder, of_pypi, endpoint, progress)

    try:
        with request.project.indexes(request.network) as indexes:
            indexes.through(work)
    except NoEndpointError as error:
        return [*failures, *(f"{name}: {reason}" for name, reason in error.reasons)]
    return failures


def _sweep(folder: Path, wanted: Iterable[BundleFile]) -> None:
    """Remove what an older page lists and this bundle does not hold, and unfinished downloads."""
    kept = {one.name for one in wanted}
    try:
        old = linked(files.read(folder / PAGE))
    except OSError:
        old = frozenset()
    for path in folder.iterdir():
        is_part = path.name.startswith(".") and path.name.endswith(bundle_downloads.PART)
        if path.name not in kept and (path.name in old or is_part):
            path.unlink()
