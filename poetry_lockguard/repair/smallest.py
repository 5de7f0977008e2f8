"""Makes the smallest change: a new lock that differs from the old one only in what it means.

Poetry writes a lock as a whole, in the notation of its own release. But a reviewer wants to see
only real changes, and a colleague with another Poetry needs a lock in the dialect of the project.
So entries that mean the same keep their bytes, others change only in the lines that differ, and
format and header stay as long as both releases of Poetry accept them.

Only a byte order mark is removed: no Poetry reads a lock that has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard.lockfile import notation
from poetry_lockguard.manifest.content_hash import shared_hash
from poetry_lockguard.repair import equal_meaning
from poetry_lockguard.repair.compose import Dialect, composed, is_same_version, translated
from poetry_lockguard.repair.lock_text import Block, LockText, OddLayout
from poetry_lockguard.repair.without_groups import why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from poetry_lockguard.repair.equal_meaning import Need


WITHOUT_GROUPS, WITH_GROUPS = KEPT = ("2.0", "2.1")  #: the formats that are kept
_PLACE = ("type", "url", "subdirectory", "resolved_reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """The facts about a project that are needed beside its locks.

    ``data`` is its manifest, ``poetry`` the running Poetry's version. ``roots`` returns the
    requirements by normalized name, with the markers of their extras.
    """

    data: dict[str, Any]
    poetry: str
    roots: Callable[[], Mapping[str, Sequence[Need]]] = dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Smallest:
    """The text and, if the format could not be kept, the old and the new format and the reason."""

    text: str
    moved_up: tuple[str, str] | None = None
    reason: str = ""


def smallest(old_text: str, new_text: str, project: ProjectFacts) -> Smallest:
    """Return a lock that means what ``new_text`` means, with as much of ``old_text`` as possible.

    ``new_text`` is a lock that the running Poetry made for the project. It is returned unchanged
    if one of the two does not have Poetry's layout.
    """
    try:
        return _smallest(old_text, new_text, project)
    except (ValueError, KeyError):  # not valid TOML after all, or not a lock
        return Smallest(text=new_text)


def _smallest(old_text: str, new_text: str, project: ProjectFacts) -> Smallest:
    old = LockText.parse(old_text)
    if isinstance(old, OddLayout):
        return Smallest(text=new_text)
    plain = new_text.replace("\r\n", "\n").replace("\n", old.newline)
    new = LockText.parse(plain)
    if isinstance(new, OddLayout) or not _is_known(old, new):
        return Smallest(text=new_text)
    return _Change(old, new, project).made()


@dataclass(frozen=True, slots=True)
class _Change:
    old: LockText
    new: LockText
    project: ProjectFacts

    def made(self) -> Smallest:
        before = self.old.metadata.get("lock-version", "")
        reason = self._why_up(before)
        after = self.new.metadata["lock-version"] if reason else before
        dialect = Dialect(
            has_groups=after == WITH_GROUPS,
            has_category=after != WITH_GROUPS and has_categories(self.old),
            python=self._python,
        )
        lock = self.old._replace(bom="").with_blocks(self._blocks(dialect))
        is_kept = before in KEPT or before == after
        lock = self._with_tail(lock) if is_kept else lock._replace(tail=self.new.tail)
        lock = self._with_header(lock, moves=before != after)
        moved = (before, after) if before != after else None
        return Smallest(text=lock.render(), moved_up=moved, reason=reason if moved else "")

    @property
    def _python(self) -> Any:
        return notation.constraint(self.new.metadata.get("python-versions", "*"))

    def _why_up(self, before: str) -> str:
        """Return why the lock cannot stay in its format, or ``""``."""
        if before == self.new.metadata["lock-version"]:
            return ""
        if before != WITHOUT_GROUPS and not self._moves_no_pin:
            return f"format {before} is kept only if no pin has to change"
        entries = [block.entry_without_files for block in self.new.blocks]
        name = why_not(entries, self.project.roots(), self._python)
        return f"format {before} cannot record where each version of {name} applies" if name else ""

    @property
    def _moves_no_pin(self) -> bool:
        """Whether each new pin is an old one whose row of files can stay as it is."""
        rows = self.old.files_elsewhere
        known = {_pin(block) for block in self.old.blocks}
        return all(
            _pin(block) in known
            and equal_meaning.keeps_files(
                rows.get(canonicalize_name(block.name), ()), block.entry.get("files", ())
            )
            for block in self.new.blocks
        )

    def _with_header(self, lock: LockText, *, moves: bool) -> LockText:
        shared = None
        if not moves:
            shared = shared_hash(self.project.data, self.old.generator, self.project.poetry)
        if shared is not None:
            return lock.with_metadata("content-hash", shared)
        for key in ("lock-version", "content-hash") if moves else ("content-hash",):
            lock = lock.with_metadata(key, self.new.metadata[key])
        return lock.with_generator(self.new.before.text.splitlines()[0])

    def _with_tail(self, lock: LockText) -> LockText:
        before, after = (lock.metadata.get("python-versions", "*") for lock in (self.old, self.new))
        if not notation.same_constraints(before, after):
            lock = lock.with_metadata("python-versions", after)
        left = {canonicalize_name(block.name) for block in lock.blocks}
        lock = lock.without_files(
            {row.key for name, row in lock.file_rows.items() if name not in left}
        )
        known = self.old.extras
        return lock.with_extras(
            {
                name: known[name] if _is_same_set(known.get(name), names) else names
                for name, names in self.new.extras.items()
            }
        )

    def _blocks(self, dialect: Dialect) -> list[Block]:
        """Return the packages: old ones in their old order, new ones where they sort."""
        latest = self.new.blocks
        if self.old.has_files_elsewhere and not dialect.has_groups:
            latest = tuple(block.without_line("files") for block in latest)
        pairs = [*_pairs(self.old.blocks, latest)]
        versions = [canonicalize_name(block.name) for block in self.new.blocks]
        stays: dict[int, Block] = {}
        comes: list[Block] = []
        for old, new in pairs:
            if old is None:
                comes.append(translated(new, dialect))
                continue
            block = composed(old, new, dialect)
            is_moved = not is_same_version(old.version, new.version)
            if is_moved and versions.count(canonicalize_name(new.name)) > 1:
                comes.append(block)
            else:
                stays[id(old)] = block
        blocks = [stays[id(old)] for old in self.old.blocks if id(old) in stays]
        for block in comes:
            blocks.insert(_place(blocks, block), block)
        return blocks


def _is_known(old: LockText, new: LockText) -> bool:
    """Whether the new lock's format can be converted to the old one's."""
    before, after = (lock.metadata.get("lock-version") for lock in (old, new))
    return after == WITH_GROUPS or (before == after == WITHOUT_GROUPS)


def has_categories(lock: LockText) -> bool:
    """Whether entries have categories, as Poetry wrote them before groups."""
    return any("category" in block.own.pairs for block in lock.blocks)


def _is_same_set(old: Sequence[str] | None, new: Sequence[str]) -> bool:
    return old is not None and {*map(canonicalize_name, old)} == {*map(canonicalize_name, new)}


def _pairs(old: Sequence[Block], new: Sequence[Block]) -> Iterator[tuple[Block | None, Block]]:
    """Yield each new entry with the old one of the same pin, or else of the same package."""
    for identity, most in ((_pin, len(old)), (_release, 1), (_package, 1)):
        before, after = _grouped(old, identity), _grouped(new, identity)
        found = [
            (one, other)
            for key, others in after.items()
            for one, other in zip(before.get(key, ()), others, strict=False)
            if max(len(before[key]), len(others)) <= most
        ]
        yield from found
        gone = {id(block) for pair in found for block in pair}
        old = [block for block in old if id(block) not in gone]
        new = [block for block in new if id(block) not in gone]
    yield from ((None, block) for block in new)


def _grouped(
    blocks: Sequence[Block], identity: Callable[[Block], tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[Block]]:
    found: dict[tuple[Any, ...], list[Block]] = {}
    for block in blocks:
        found.setdefault(identity(block), []).append(block)
    return found


def _pin(block: Block) -> tuple[Any, ...]:
    source = block.source
    return (*_release(block), *(str(source.get(key, "")).rstrip("/") for key in _PLACE))


def _release(block: Block) -> tuple[Any, ...]:
    return canonicalize_name(block.name), _age(block.version)


def _package(block: Block) -> tuple[Any, ...]:
    return (canonicalize_name(block.name),)


def _age(version: str) -> tuple[bool, Version, str]:
    """Return a sort key for versions; invalid ones are older than all others."""
    try:
        return True, Version(version), ""
    except ValueError:
        return False, Version("0"), version


def _place(blocks: Sequence[Block], block: Block) -> int:
    """Return where a new entry goes: before the first that Poetry sorts after it."""
    key = _pin(block)
    return next((n for n, other in enumerate(blocks) if _pin(other) > key), len(blocks))
