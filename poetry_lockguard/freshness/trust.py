"""Whether a lock contains only what somebody asked for: a poisoned lock can be fresh, too.

A pin may have a direct origin (``url``, ``git``, ``file``, ``directory``) if the manifest asks for
that address, or a pin does that has a direct origin itself. A pin of an index must be of one that
the manifest declares. Plain values in, problems out: uses neither poetry-core nor the network.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from poetry_lockguard.names import normalized
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.printable import tamed
from poetry_lockguard.reachability import reachable
from poetry_lockguard.urls import (
    authority,
    comparable,
    redact,
    repository,
    same_index,
    without_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from poetry_lockguard.lockfile.document import Lock, Pin, Source
    from poetry_lockguard.manifest.document import Manifest

    #: read the manifest of a folder; None if there is no readable one
    ReadManifest = Callable[[Path], "Manifest | None"]

CODE, UNNEEDED = "source-undeclared", "unneeded-pin"
NO_COMMIT = "vcs-reference"
CODES = frozenset({CODE, UNNEEDED, NO_COMMIT})
_DIRECT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]{0,999}\]\s*)?@\s*(\S+)")
_KEYS = ("git", "url", "path", "file")
_MAIN = "main"  # the group that every install has
_CONDITIONS = ("markers", "python", "platform")
_VCS = re.compile(r"git\+", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_SHELL = re.compile(r"(?:[^@/:\s]{1,99}@)?[^/:\s]{2,253}:")  # git's own host:path
LOCK = "poetry.lock"
_RENEW = {LOCK: "poetry lock"}  # what makes a file anew; anything else is a snapshot


class RequestedOrigin(NamedTuple):
    """A package that is required from a direct origin; ``commit`` and ``below`` None mean any.

    ``below`` is the folder within a repository or an archive, "" for its top.
    """

    name: str
    address: str
    commit: str | None = None
    below: str | None = None


class BoundSource(NamedTuple):
    """An index that a configuration takes a package from; its ``url`` is "" for PyPI."""

    name: str
    url: str


class Asks(NamedTuple):
    """What a manifest asks for: direct origins, names bound to indexes, and all names."""

    addresses: frozenset[RequestedOrigin]
    bound: dict[str, frozenset[str | None]]  # to the names of sources; None for any
    names: frozenset[str]
    conditional: frozenset[str]  # names that are required under markers only


def problems(  # noqa: PLR0913 - two positions, the rest by keyword
    manifest: Manifest,
    lock: Lock,
    read: ReadManifest,
    *,
    is_in_step: bool,
    held_in: str = LOCK,
    bound: Mapping[str, BoundSource] | None = None,
) -> Iterator[Problem]:
    """Yield ``source-undeclared`` for each pin whose source nobody asked for.

    ``held_in`` is the file that holds the pins: the lock, or a snapshot read as one. In one that is
    not in step, only pins that a fix would keep are reported: not those of names that the manifest
    requires itself, which must fit it, nor those that nothing needs any more. ``bound`` are the
    sources, by name of package, that the settings declare for the configuration whose pins these
    are; they replace the manifest's.
    """
    sourced = [pin for pin in lock.pins if pin.source is not None]
    if not (sourced or bound):
        return
    asks = _freed(of_manifest(manifest), manifest, lock.pins)
    own = {name: frozenset({source.name.lower()}) for name, source in (bound or {}).items()}
    asks = asks._replace(bound={**asks.bound, **own})
    asked = asks.addresses
    knows_folders = _brings_all(lock.lock_version)
    if not knows_folders:
        asked = _with_tops(asked)
    trusted = _trusted(asked, sourced, manifest.folder, read, knows_folders=knows_folders)
    written = {*_written(manifest, [pin for pin in sourced if id(pin) in trusted])}
    settled = frozenset() if is_in_step else asks.names | unreached(asks.names, lock.pins)
    elsewhere = _bound_elsewhere(sourced, trusted, manifest.folder, read)
    indexes = _Indexes(manifest, asks, elsewhere, (bound or {}).values())
    for pin in sourced:
        source = pin.source
        if source is None or pin.name in settled:
            continue
        if source.kind != "legacy":
            if id(pin) not in trusted:
                yield _problem(pin, source, _why_foreign(pin, asks, manifest.folder), held_in)
            elif is_in_step:
                yield from _inexact(pin, source, written, held_in)
        elif is_in_step and (reason := indexes.flaw(pin, source)):
            yield _problem(pin, source, reason, held_in)
    if is_in_step:
        yield from _unbound(lock.pins, asks, held_in)


def foreign(manifest: Manifest, pins: Iterable[Pin], read: ReadManifest) -> tuple[Pin, ...]:
    """Return the pins with direct origins that nobody asks for."""
    direct = [pin for pin in pins if pin.source is not None and pin.source.kind != "legacy"]
    if not direct:
        return ()
    asked = _with_tops(of_manifest(manifest).addresses)
    trusted = _trusted(asked, direct, manifest.folder, read, knows_folders=False)
    return tuple(pin for pin in direct if id(pin) not in trusted)


def _inexact(pin: Pin, source: Source, written: Collection[str], held_in: str) -> Iterator[Problem]:
    """Yield a problem if a trusted pin is not spelled as required, or not fixed to a commit.

    An address in another spelling is not what Poetry locks, and may lead elsewhere.
    """
    if _is_remote(source.url) and _spelling(source) not in written:
        reason = "in another spelling than where it is required"
        yield _problem(pin, source, reason, held_in)
    elif source.kind == "git" and not _is_commit(source):
        yield _loose(pin, source, held_in)


def _with_tops(asked: frozenset[RequestedOrigin]) -> frozenset[RequestedOrigin]:
    """Return the origins with those at their top: an older Poetry wrote no folder."""
    return asked | {origin._replace(below="") for origin in asked}


def _why_foreign(pin: Pin, asks: Asks, folder: Path) -> str:
    """Return what is wrong with a pin from a direct origin that is not trusted."""
    origin = origin_of(pin, folder)
    if origin in {*map(_anywhere, asks.addresses)}:
        return "in another commit or folder than pyproject.toml requires"
    return "which nobody asked for"


def _is_commit(source: Source) -> bool:
    """Whether a git source names a full commit, as all that Poetry locks do."""
    return _COMMIT.fullmatch(source.resolved_reference or source.reference or "") is not None


def _loose(pin: Pin, source: Source, held_in: str) -> Problem:
    reference = tamed(source.resolved_reference or source.reference or "none")
    return Problem(
        code=NO_COMMIT,
        message=(
            f"{pin.name}: locked at git reference {reference!r}, which is not a full commit and may"
            f" move; {_next(held_in)}"
        ),
        package=pin.name,
        locked=reference,
        line=_line(pin, held_in),
        file=held_in,
    )


def _written(manifest: Manifest, trusted: Iterable[Pin]) -> Iterator[str]:
    """Yield the addresses that the manifest and trusted pins require, with and without secrets.

    Each is spelled as Poetry copies it into a lock; a path is in none of them.
    """
    texts = (_DIRECT.match(text) for text in requirement_texts(manifest))
    tables = (table for _, table in requirement_tables(manifest))
    needed = (
        constraint
        for pin in trusted
        for constraints in pin.dependencies.values()
        for constraint in constraints
    )
    found = [text[2] for text in texts if text]
    for constraint in (*tables, *needed):
        if isinstance(constraint, dict):
            found += [constraint[key] for key in ("git", "url") if key in constraint]
        elif text := _DIRECT.match(constraint):
            found.append(text[2])
    for address in found:
        if isinstance(address, str):
            for one in {address, without_secrets(address)}:
                yield from _spellings(one)


def _spellings(address: str) -> Iterator[str]:
    """Yield how Poetry may spell the address of a requirement in a lock."""
    plain = address.partition("#")[0]
    for one in {address, plain, _without_revision(plain) if _VCS.match(plain) else plain}:
        scheme, colon, rest = one.partition(":")
        yield from (one, f"{scheme.lower()}{colon}{rest}", _spelled_repository(one))


def _is_remote(url: str) -> bool:
    return bool(authority(url)) and not _VCS.sub("", url, count=1).lower().startswith("file:")


def _spelling(source: Source) -> str:
    return _spelled_repository(source.url) if source.kind == "git" else source.url


def _spelled_repository(url: str) -> str:
    return repository(_VCS.sub("", url, count=1)).removesuffix(".git")


def _unbound(pins: Iterable[Pin], asks: Asks, held_in: str) -> Iterator[Problem]:
    """Yield a problem for each pin from PyPI that the manifest binds to another source."""
    for pin in pins:
        bound = asks.bound.get(pin.name, frozenset())
        if pin.source is None and bound and None not in bound and "pypi" not in bound:
            wanted = ", ".join(sorted(name for name in bound if name))
            yield Problem(
                code=CODE,
                message=(
                    f"{pin.name}: locked at {pin.version} from PyPI, but pyproject.toml binds it to"
                    f" the source {tamed(wanted)}; {_next(held_in)}"
                ),
                package=pin.name,
                requested=wanted,
                locked=pin.version,
                line=_line(pin, held_in),
                file=held_in,
            )


def _freed(asks: Asks, manifest: Manifest, pins: Iterable[Pin]) -> Asks:
    """Return what is asked for, with names unbound that are bound under markers only.

    Where the markers do not apply, a package that another pin needs comes from any index: that is
    how Poetry locks variants of PyTorch. A pin from a bound source must be there, too, so that an
    exchanged source is still reported.
    """
    if not (names := asks.conditional & asks.bound.keys()):
        return asks
    pins = [*pins]
    needed = {name for pin in pins for name in pin.dependencies if name != pin.name}
    held = {pin.name for pin in pins if _is_bound(pin, manifest, asks)}
    bound: dict[str, frozenset[str | None]] = {
        name: asks.bound[name] | {None} for name in names & needed & held
    }
    return asks._replace(bound={**asks.bound, **bound})


def _is_bound(pin: Pin, manifest: Manifest, asks: Asks) -> bool:
    """Whether a pin comes from an index that its requirement names."""
    source = pin.source
    return source is not None and any(
        isinstance(table, dict)
        and str(table.get("name", "")).lower() in asks.bound.get(pin.name, ())
        and same_index(str(table.get("url", "")), source.url)
        for table in manifest.poetry.get("source", [])
    )


def unneeded(
    lock: Lock,
    reached: Callable[[], Mapping[str, Collection[str]]],
    never_locked: Iterable[str] = (),
) -> Iterator[Problem]:
    """Yield ``unneeded-pin`` for each pin that an install would add although nothing needs it.

    From format 2.1 on, Poetry installs what the lock contains, whether it is needed or not.
    ``reached`` returns the names that each group needs. What another group needs is a warning in
    any group but the main one: Dependabot adds the group ``dev`` to what it updates.
    """
    if not _brings_all(lock.lock_version):
        return
    needed, passed = reached(), {*never_locked}
    everywhere = passed.union(*needed.values())
    for pin in lock.pins:
        if pin.name not in everywhere:
            yield _unneeded(pin, "nothing needs it, and an install would add it")
            continue
        for group in pin.groups:
            if group in needed and pin.name not in needed[group] and pin.name not in passed:
                yield _unneeded(
                    pin,
                    f"nothing in the group {tamed(group)} needs it, and an install of that group"
                    " would add it",
                    Severity.ERROR if group == _MAIN else Severity.WARNING,
                )


def _unneeded(pin: Pin, why: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(
        code=UNNEEDED,
        severity=severity,
        message=(
            f"{pin.name}: locked at {tamed(pin.version)}, but {why}; restore poetry.lock from git,"
            " or run `poetry lock`"
        ),
        package=pin.name,
        locked=pin.version,
        line=pin.line,
    )


def _brings_all(lock_version: str) -> bool:
    numbers = re.findall(r"\d{1,9}", lock_version)[:2]
    return [*map(int, numbers)] >= [2, 1]


def of_manifest(manifest: Manifest) -> Asks:
    """Return what a manifest asks for, in all groups and extras."""
    addresses: set[RequestedOrigin] = set()
    bound: dict[str, set[str | None]] = {}
    names: set[str] = set()
    always: set[str] = set()
    for text in requirement_texts(manifest):
        names.add(normalized(re.split(r"[^\w.-]", text.strip(), maxsplit=1)[0]))
        if found := _DIRECT.match(text):
            addresses.add(_of_text(normalized(found[1]), found[2], manifest.folder))
    for key, table in requirement_tables(manifest):
        name = normalized(key)
        names.add(name)
        if not any(table.get(condition) for condition in _CONDITIONS):
            always.add(name)
        source = table.get("source")
        if address := _of_table(table, manifest.folder):
            addresses.add(RequestedOrigin(name, address, *_exactly(table)))
        elif "version" in table or source:
            bound.setdefault(name, set()).add(source.lower() if isinstance(source, str) else None)
    return Asks(
        frozenset(addresses),
        {name: frozenset(sources) for name, sources in bound.items()},
        frozenset(names),
        frozenset(bound.keys() - always),
    )


def _trusted(
    asked: frozenset[RequestedOrigin],
    pins: list[Pin],
    folder: Path,
    read: ReadManifest,
    *,
    knows_folders: bool,
) -> set[int]:
    """Return the ids of the pins whose direct origins are asked for, starting from the manifest."""
    waiting = [pin for pin in pins if pin.source is not None and pin.source.kind != "legacy"]
    known: set[RequestedOrigin] = {*asked}
    trusted: set[int] = set()
    while found := [pin for pin in waiting if not known.isdisjoint(_fitting(pin, folder))]:
        trusted |= {id(pin) for pin in found}
        waiting = [pin for pin in waiting if id(pin) not in trusted]
        for pin in found:
            known |= _asked_by(pin, folder, read, knows_folders=knows_folders)
    return trusted


def _fitting(pin: Pin, folder: Path) -> Iterator[RequestedOrigin]:
    """Yield the requirements that a pin with a direct origin may be there for."""
    origin, source = origin_of(pin, folder), pin.source
    if origin is None or source is None:
        return
    commit = (source.resolved_reference or source.reference or "").lower()
    below = _folder(source.subdirectory)
    yield origin
    yield origin._replace(below=below)
    yield origin._replace(below=below, commit=commit)


def _anywhere(origin: RequestedOrigin) -> RequestedOrigin:
    """Return an origin without the commit and the folder."""
    return RequestedOrigin(origin.name, origin.address)


def _asked_by(
    pin: Pin, folder: Path, read: ReadManifest, *, knows_folders: bool
) -> set[RequestedOrigin]:
    """Return the origins that a pin asks for; a folder's manifest, if any, must agree.

    Unless the lock ``knows_folders``, a table in it may leave them out.
    """
    source = pin.source
    is_folder = source is not None and source.kind == "directory"
    home = folder / source.url if source is not None and is_folder else folder
    asked = {
        origin if knows_folders or origin.below else origin._replace(below=None)
        for name, constraints in pin.dependencies.items()
        for constraint in constraints
        for base in dict.fromkeys((home, folder))
        if (origin := _of_constraint(name, constraint, base))
    }
    own = read(home / "pyproject.toml") if is_folder and asked else None
    if own is None:
        return asked
    return {
        both
        for one in asked
        for other in of_manifest(own).addresses
        if (both := _common(one, other)) is not None
    }


def _common(one: RequestedOrigin, other: RequestedOrigin) -> RequestedOrigin | None:
    """Return what two requirements of one pin have in common; None if they contradict."""
    if _anywhere(one) != _anywhere(other):
        return None
    commits = {one.commit, other.commit} - {None}
    folders = {one.below, other.below} - {None}
    if len(commits) > 1 or len(folders) > 1:
        return None
    return one._replace(commit=next(iter(commits), None), below=next(iter(folders), None))


def _bound_elsewhere(
    pins: list[Pin], trusted: set[int], folder: Path, read: ReadManifest
) -> dict[str, set[str]]:
    """Return the names that folders in use bind to sources in their own manifests."""
    found: dict[str, set[str]] = {}
    for pin in pins:
        if id(pin) in trusted and pin.source is not None and pin.source.kind == "directory":
            own = read(folder / pin.source.url / "pyproject.toml")
            for name, sources in (of_manifest(own).bound if own else {}).items():
                found.setdefault(name, set()).update(source for source in sources if source)
    return found


class _Indexes:
    """The indexes that a manifest declares, and which packages may come from which."""

    def __init__(
        self,
        manifest: Manifest,
        asks: Asks,
        elsewhere: dict[str, set[str]],
        more: Iterable[BoundSource],
    ) -> None:
        tables = manifest.poetry.get("source", [])
        self._tables = [table for table in tables if isinstance(table, dict)]
        self._tables += [{**one._asdict(), "priority": "explicit"} for one in more if one.url]
        self._asks = asks
        self._elsewhere = elsewhere

    def flaw(self, pin: Pin, source: Source) -> str | None:
        """Return why a pin may not come from its index, or None if it may."""
        matching = [table for table in self._tables if self._is(table, source)]
        if not matching:
            return "which pyproject.toml does not declare"
        names = {str(table.get("name", "")).lower() for table in matching}
        if source.reference and source.reference.lower() not in names:
            return "whose name is not that of this address in pyproject.toml"
        bound = self._asks.bound.get(pin.name, frozenset())
        if bound and None not in bound:
            wanted = ", ".join(sorted(name for name in bound if name))
            called = {source.reference.lower()} if source.reference else set()
            return None if called & bound else f"but pyproject.toml binds it to {tamed(wanted)}"
        is_explicit = all(
            str(table.get("priority", "")).lower() == "explicit" for table in matching
        )
        if is_explicit and not names & (bound | self._elsewhere.get(pin.name, set())):
            return "which is explicit, but no requirement binds the package to it"
        return None

    @staticmethod
    def _is(table: dict[str, Any], source: Source) -> bool:
        url = table.get("url")
        return isinstance(url, str) and same_index(url, source.url)


def unreached(names: Iterable[str], pins: Iterable[Pin]) -> frozenset[str]:
    """Return the names of pins that no requirement leads to, ignoring markers and extras."""
    below: dict[str, set[str]] = {}
    for pin in pins:
        below.setdefault(pin.name, set()).update(pin.dependencies)
    reached: tuple[str, ...] = reachable(names, lambda name: below.get(name, ()))
    return frozenset(below).difference(reached)


def origin_of(pin: Pin, folder: Path) -> RequestedOrigin | None:
    """Return where a pin with a direct origin comes from; equal places give equal values."""
    source = pin.source
    if source is None:
        return None
    if source.kind in {"file", "directory"}:
        return RequestedOrigin(pin.name, _path(folder, source.url))
    url = source.url if source.kind == "url" else _git(source.url, folder)
    return RequestedOrigin(pin.name, comparable(url) if source.kind == "url" else url)


def _of_constraint(
    name: str, constraint: str | dict[str, Any], base: Path
) -> RequestedOrigin | None:
    """Return the origin in a requirement: a lock's table, or a snapshot's PEP 508 text."""
    if isinstance(constraint, dict):
        address = _of_table(constraint, base)
        commit, folder = _exactly(constraint)
        # of an archive, a lock does not say which folder is required
        below = folder if "git" in constraint or folder else None
        return RequestedOrigin(name, address, commit, below) if address else None
    found = _DIRECT.match(constraint)
    return _of_text(name, found[2], base) if found else None


def _of_table(table: dict[str, Any], base: Path) -> str | None:
    """Return the address in a requirement's table, in the one form that equal addresses share."""
    for key in _KEYS:
        value = table.get(key)
        if isinstance(value, str):
            if key in {"path", "file"}:
                return _path(base, value)
            return _git(value, base) if key == "git" else comparable(value)
    return None


def _of_requirement(address: str, base: Path) -> str:
    """Return the address in a PEP 508 requirement, in the same form."""
    if _VCS.match(address):
        return _git(_without_revision(address.partition("#")[0])[4:], base)
    if address.lower().startswith("file:"):
        return _path(base, _of_file(address))
    return comparable(address) if "://" in address else _path(base, address)


def _without_revision(address: str) -> str:
    """Return the address of a repository without ``@`` and a revision at its end."""
    head, at, tail = address.rpartition("@")
    is_revision = at and "/" not in tail.partition(":")[0] and "/" in head.partition("://")[2]
    return head if is_revision else address


def _of_text(name: str, address: str, base: Path) -> RequestedOrigin:
    """Return the origin in a PEP 508 requirement of a manifest."""
    plain, _, fragment = address.partition("#")
    below = next(
        (part[13:] for part in fragment.split("&") if part.startswith("subdirectory=")), None
    )
    rev = plain.rpartition("@")[2] if _VCS.match(plain) else None
    return RequestedOrigin(
        name, _of_requirement(address, base), *_exactly({"rev": rev, "subdirectory": below})
    )


def _exactly(table: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the commit that a requirement names, None for a branch or tag, and the folder."""
    rev, below = table.get("rev"), table.get("subdirectory")
    is_commit = isinstance(rev, str) and _COMMIT.fullmatch(rev) is not None
    return (str(rev).lower() if is_commit else None), _folder(below)


def _folder(below: object) -> str:
    """Return the folder within a repository or an archive, in one spelling; "" for the top."""
    parts = below.split("/") if isinstance(below, str) else []
    return "/".join(part for part in parts if part not in {"", "."})


def _git(url: str, base: Path) -> str:
    """Return a repository's address, with scp syntax converted and without a final ``.git``.

    A repository on this disk is its path, however it is written.
    """
    plain = _VCS.sub("", url, count=1)
    if plain.lower().startswith("file:"):
        return _path(base, _of_file(plain))
    if "://" not in plain and not _SHELL.match(plain):
        return _path(base, plain)
    return comparable(repository(plain)).removesuffix(".git")


def _of_file(url: str) -> str:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return url2pathname(urlsplit(url).path)


def _path(base: Path, path: str) -> str:
    return os.path.realpath(base / path)


def _problem(pin: Pin, source: Source, reason: str, held_in: str) -> Problem:
    where = tamed(redact(source.url))
    name = f" {tamed(source.reference)}" if source.kind == "legacy" and source.reference else ""
    kind = "source" if source.kind == "legacy" else source.kind
    return Problem(
        code=CODE,
        message=(
            f"{pin.name}: locked at {tamed(pin.version)} from the {kind}{name} ({where}),"
            f" {reason}; {_next(held_in)}"
        ),
        package=pin.name,
        locked=where,
        line=_line(pin, held_in),
        file=held_in,
    )


def _next(held_in: str) -> str:
    renew = _RENEW.get(held_in, "poetry lockguard snapshot create")
    return f"restore {held_in} from git, or declare it in pyproject.toml and run `{renew}`"


def _line(pin: Pin, held_in: str) -> int | None:
    return pin.line if held_in == LOCK else None


def requirement_texts(manifest: Manifest) -> Iterator[str]:
    """Yield the requirements that are PEP 508 strings."""
    project = manifest.project
    several = (
        {"": project.get("dependencies")},
        project.get("optional-dependencies"),
        manifest.data.get("dependency-groups"),
    )
    for table in several:
        for values in table.values() if isinstance(table, dict) else ():
            if isinstance(values, list):
                yield from (text for text in values if isinstance(text, str))


def requirement_tables(manifest: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the requirements in Poetry's own tables; several of one name follow one another."""
    poetry = manifest.poetry
    groups = poetry.get("group")
    owners = [poetry, *(groups.values() if isinstance(groups, dict) else ())]
    named = [owner.get("dependencies") for owner in owners if isinstance(owner, dict)]
    for table in (*named, poetry.get("dev-dependencies")):
        for key, value in table.items() if isinstance(table, dict) else ():
            for entry in value if isinstance(value, list) else [value]:
                yield key, entry if isinstance(entry, dict) else {"version": entry}
