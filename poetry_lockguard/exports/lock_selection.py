"""Which pins of a lock some groups and extras install, and under which marker each.

A lock of format 2.1 contains this. For an older one it is computed from the requirements: a pin is
installed where a chain of requirements leads to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from poetry_lockguard.errors import LockguardError, UsageError
from poetry_lockguard.exports import marker_trees
from poetry_lockguard.exports.lock_entries import entry_of
from poetry_lockguard.exports.marker_trees import ALWAYS, NEVER
from poetry_lockguard.freshness.locked_package import marker_text
from poetry_lockguard.nearest_names import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from poetry_lockguard.exports.marker_trees import MarkerTree
    from poetry_lockguard.lockfile.document import Lock, Pin
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.snapshots.document import PackageEntry
    from poetry_lockguard.targets.target import Target

    Trees = Mapping[str, MarkerTree]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChoice:
    """What is exported: these groups and extras, for every environment or for one ``target``."""

    groups: tuple[str, ...] = ("main",)
    extras: tuple[str, ...] = ()
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPin:
    """One pin, and the marker under which it is installed; empty if it always is."""

    pin: Pin
    entry: PackageEntry
    marker: str


class UnclearError(LockguardError):
    """The lock does not say where a pin is installed, and it cannot be computed."""


def checked_choice(manifest: Manifest, lock: Lock, choice: ExportChoice) -> ExportChoice:
    """Return the choice with normalized names; UsageError for a group or extra that is unknown.

    What a lock of this manifest has is known; for the rest poetry-core reads the manifest.
    """
    groups, extras = _normal(choice.groups), _normal(choice.extras)
    locked = {"main", *_normal(group for pin in lock.pins for group in pin.groups)}
    if not (locked.issuperset(groups) and {*_normal(lock.extras)}.issuperset(extras)):
        from poetry_lockguard.manifest.requirements import declaration

        declared = declaration(manifest)
        _must_be_known(groups, {*declared.groups, "main"}, "group")
        _must_be_known(extras, {*declared.extras}, "extra")
    return ExportChoice(groups=groups, extras=extras, target=choice.target)


def _normal(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({str(canonicalize_name(name)) for name in names}))


def _must_be_known(names: Iterable[str], known: set[str], kind: str) -> None:
    for name in names:
        if name not in known:
            near = suggestion(name, known, most=1, none=f"it declares no {kind}s")
            raise UsageError(f"the project has no {kind} {name}{near}")


def placed(manifest: Manifest, lock: Lock, choice: ExportChoice) -> list[PlacedPin]:
    """Return the pins that the choice installs, by name, the latest version first.

    Raises UnclearError.
    """
    extras = {*choice.extras}
    return placed_where(
        manifest,
        lock,
        lambda trees: marker_trees.any_of(
            tree for group, tree in trees.items() if group in choice.groups
        ),
        lambda name: ALWAYS if str(canonicalize_name(name)) in extras else NEVER,
        choice.target,
    )


def placed_where(
    manifest: Manifest,
    lock: Lock,
    united: Callable[[Trees], MarkerTree],
    extra: Callable[[str], MarkerTree],
    target: Target | None = None,
) -> list[PlacedPin]:
    """Return the pins, with the markers of their groups ``united`` and each ``extra`` decided."""
    found = []
    for pin, trees in zip(lock.pins, _trees(manifest, lock), strict=True):
        tree = marker_trees.with_extras(united(trees), extra)
        text = marker_trees.text(tree)
        if tree == NEVER or (target is not None and not _holds(text, target)):
            continue
        marker = "" if target is not None else text
        found.append(PlacedPin(pin=pin, entry=entry_of(pin), marker=marker))
    found.sort(key=lambda one: _age(one.pin), reverse=True)
    return sorted(found, key=lambda one: one.pin.name)


def _age(pin: Pin) -> tuple[Version, str]:
    try:
        return Version(pin.version), pin.version
    except ValueError:
        return Version("0"), pin.version


def _holds(marker: str, target: Target) -> bool:
    from packaging.markers import Marker

    return not marker or Marker(marker).evaluate({**target.markers, "extra": ""})


def _trees(manifest: Manifest, lock: Lock) -> Iterator[Trees]:
    """Yield each pin's marker by group, in the lock's order."""
    if not any(pin.groups for pin in lock.pins):
        yield from _worked_out(manifest, lock)
        return
    for pin in lock.pins:
        yield {
            str(canonicalize_name(group)): _parsed(marker_text(pin, group), pin)
            for group in pin.groups
        }


def _parsed(text: str, pin: Pin) -> MarkerTree:
    try:
        return marker_trees.parse(text)
    except marker_trees.OddMarkerError as error:
        raise UnclearError(f"poetry.lock: {pin.name}: cannot read its marker {text!r}") from error


def _worked_out(manifest: Manifest, lock: Lock) -> Iterator[Trees]:
    from poetry_lockguard.lockfile.notation import UnreadableError
    from poetry_lockguard.repair.keep.kept_project import project
    from poetry_lockguard.repair.keep.markers import Markers
    from poetry_lockguard.repair.keep.reachable import REQUIRED

    kept = project(manifest, lock, None)
    reach = kept.reach
    if reach is None:
        raise UnclearError(_UNCLEAR.format("some packages"))
    markers = Markers(kept, reach)
    for node in kept.all_nodes:
        trees: dict[str, MarkerTree] = {}
        for group in sorted(reach.of(node).keys() - {REQUIRED}):
            try:
                marker = markers.of(node, group)
            except (KeyError, UnreadableError) as error:
                raise UnclearError(_UNCLEAR.format(node.name)) from error
            if marker is None:
                raise UnclearError(_UNCLEAR.format(node.name))
            trees[group] = _parsed("" if marker.is_any() else str(marker), node.locked.pin)
        yield trees


_UNCLEAR = (
    "poetry.lock: this lock format does not say where {} belongs; `poetry lock` writes a format"
    " that does, and for one configuration, `poetry lockguard snapshot sync` works it out as"
    " Poetry does: run `poetry lockguard snapshot export --config NAME` then"
)
