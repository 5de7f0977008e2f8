"""Downloads the files of a bundle: in parallel, resumed after an interruption, and verified."""

from __future__ import annotations

import shutil
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING

import requests
import urllib3

from poetry_lockguard.digests import has_hash
from poetry_lockguard.exports.bundles import git_archive
from poetry_lockguard.index.failures import SourceFailure, UnusableAnswer, explain, refused_status
from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.mirrors.request_failover import OF_ONE_REQUEST
from poetry_lockguard.plurals import first_few
from poetry_lockguard.resolution.project_configurations import links
from poetry_lockguard.snapshots.origins import Index, LocalFile, Url
from poetry_lockguard.urls import host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from poetry_lockguard.exports.bundles.bundle_contents import BundleFile
    from poetry_lockguard.index.transport import Transport
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool
    from poetry_lockguard.snapshots.usage import Key

AT_ONCE = 8  # downloads
TRIES = 3  # of one file at one endpoint, after an interruption
CHUNK = 1 << 18
SHOWN = 3  # this many failures are named
PART = ".part"  #: how the name of a file ends that has not arrived completely
_BROKEN = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError)


@dataclass(slots=True)
class ByteProgress:
    """How many bytes have arrived, of how many that are known of; ``tell`` gets each change."""

    tell: Callable[[int, int], None]
    arrived: int = 0
    known: int = 0
    lock: Lock = field(default_factory=Lock)

    def expect(self, size: int) -> None:
        """Count bytes that will arrive."""
        with self.lock:
            self.known += size

    def arrive(self, size: int) -> None:
        """Count bytes that have arrived; negative if they have to be sent again."""
        with self.lock:
            self.arrived += size
            self.tell(self.arrived, max(self.arrived, self.known))


def part(folder: Path, file: BundleFile) -> Path:
    """Return where the first bytes of a file are kept until it is whole."""
    return folder / f".{file.name}.{file.digest[-12:]}{PART}"


def is_whole(folder: Path, file: BundleFile) -> bool:
    """Whether a file is there, and has its hash, or what its commit holds."""
    try:
        return _is_pinned(folder / file.name, file)
    except OSError:
        return False


def _is_pinned(path: Path, file: BundleFile) -> bool:
    if file.commit is not None:
        return git_archive.is_of_commit(path, file.commit)
    return has_hash(path, file.digest)


def missing(folder: Path, files: Sequence[BundleFile]) -> list[BundleFile]:
    """Return the files that are not there, or are there with another hash."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        whole = [*pool.map(lambda one: is_whole(folder, one), files)]
    return [one for one, is_there in zip(files, whole, strict=True) if not is_there]


def copy_local(folder: Path, files: Sequence[BundleFile], base: Path) -> list[str]:
    """Copy the archives that lie beside the snapshot; return a reason for each that is unusable."""
    flaws = []
    for file in files:
        source = file.key[1][1]
        if not isinstance(source, LocalFile):
            continue
        try:
            shutil.copyfile(base / source.path, part(folder, file))
        except OSError as error:
            flaws.append(f"{source.path} cannot be read: {error.strerror}; put it back")
            continue
        if not is_finished(folder, file):
            flaws.append(f"{source.path} has changed since it was pinned; restore it")
    return flaws


def download(
    folder: Path, files: Sequence[BundleFile], endpoint: Endpoint, progress: ByteProgress
) -> None:
    """Download what is missing; raises SourceFailure for what this endpoint cannot provide.

    What has arrived by then stays, for the next endpoint or the next run.
    """
    stopped = Event()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tasks = {
            one.name: pool.submit(_fetch, _Arrival(folder, one, progress, stopped), endpoint.pool)
            for one in missing(folder, files)
        }
        try:
            failures = [*_failures(tasks)]
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if failures:
        raise SourceFailure(first_few(failures, SHOWN))


def _failures(tasks: Mapping[str, Future[None]]) -> Iterator[str]:
    """Yield why files did not arrive; start no more if the failure is not about one file alone."""
    for name, task in tasks.items():
        try:
            task.result()
        except CancelledError:  # noqa: PERF203 - each task is a download
            continue
        except SourceFailure as failure:
            reason = str(failure)
            yield reason if name in reason else f"{name}: {reason}"
            if not isinstance(failure, UnusableAnswer) and failure.status not in OF_ONE_REQUEST:
                for other in tasks.values():
                    other.cancel()


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A file on its way into a folder; nothing more of it is read once ``stopped`` is set."""

    folder: Path
    file: BundleFile
    progress: ByteProgress
    stopped: Event

    @property
    def part(self) -> Path:
        return part(self.folder, self.file)


def _fetch(arrival: _Arrival, pool: RepositoryPool) -> None:
    file = arrival.file
    address, transport = _address(file, pool), _transport(file.key, pool)
    is_resumed = arrival.part.exists()
    _receive_all(address, arrival, transport)
    if is_finished(arrival.folder, file):
        return
    if is_resumed:  # its first bytes may be another index's
        _receive_all(address, arrival, transport)
        if is_finished(arrival.folder, file):
            return
    raise UnusableAnswer(f"{host(address)} returned a different {file.name} than the one pinned")


def _receive_all(address: str, arrival: _Arrival, transport: Transport) -> None:
    for left in reversed(range(TRIES)):
        try:
            _receive(address, arrival, transport)
        except _BROKEN as error:  # noqa: PERF203 - each try is a request
            if left == 0:
                raise explain(address, error) from None
        else:
            return


def is_finished(folder: Path, file: BundleFile) -> bool:
    """Give a file its name if it is whole; remove it if it is not the one pinned."""
    staged = part(folder, file)
    if not _is_pinned(staged, file):
        staged.unlink()
        return False
    staged.replace(folder / file.name)
    return True


def _receive(address: str, arrival: _Arrival, transport: Transport) -> None:
    """Receive a file, from where an earlier try ended."""
    held = arrival.part.stat().st_size if arrival.part.exists() else 0
    headers = {"Accept-Encoding": "identity", "Cache-Control": "no-store"}
    if held:
        headers["Range"] = f"bytes={held}-"
    response = transport.get(address, headers=headers, stream=True, raise_for_status=False)
    with response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # it may be whole; its hash says so
        if response.status_code >= requests.codes.bad_request:
            next(response.iter_content(CHUNK), b"")  # what caches answers waits for its end
            raise refused_status(address, response.status_code)
        _write(response, arrival)


def _write(response: requests.Response, arrival: _Arrival) -> None:
    expected, received = _size(response.headers), 0
    arrival.progress.expect(expected)
    is_rest = response.status_code == requests.codes.partial_content
    with arrival.part.open("ab" if is_rest else "wb") as file:
        for chunk in response.iter_content(CHUNK):
            if arrival.stopped.is_set():
                raise SourceFailure("the work was stopped")
            file.write(chunk)
            received += len(chunk)
            arrival.progress.arrive(len(chunk))
    if received < expected:
        raise requests.exceptions.ConnectionError("the connection was closed too early")


def _size(headers: Mapping[str, str]) -> int:
    with suppress(ValueError):
        return int(headers.get("Content-Length", "0"))
    return 0


def _address(file: BundleFile, pool: RepositoryPool) -> str:
    source = file.key[1][1]
    if isinstance(source, Url):
        return source.url.partition("#")[0]
    found = links(pool, *file.key).get(file.name)
    if found is None:
        raise UnusableAnswer(f"no index has {file.name}")
    return found


def _transport(key: Key, pool: RepositoryPool) -> Transport:
    """Return the transport of the pin's own index, or of the first one."""
    source = key[1][1]
    name = source.name if isinstance(source, Index) else "PyPI"
    caching = [one for one in pool.all_repositories if isinstance(one, CachingRepository)]
    named = (one for one in caching if one.name.lower() == name.lower())
    chosen = next(named, None) or next(iter(caching), None)
    if chosen is None:
        raise SourceFailure("no index is configured")
    return chosen.transport
