"""Manifests that name sources, folders, files, repositories and URLs, and edits of all kinds."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import origins
from hypothesis import strategies as st
from origins import Origin
from worlds import (
    CONSTRAINTS,
    EDITS,
    EXTRAS,
    MARKERS,
    NAMES,
    Wanted,
    manifests,
    rarely,
    sometimes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Table = dict[str, Any]

SOURCES = ("corp", "firm")
_PLACES = ("index", "corp", *origins.KINDS)
_PLACED = ("source", "origin")


@st.composite
def wide_manifests(draw: st.DrawFn) -> Wanted:
    """Requirements as in ``manifests``, some from elsewhere, some with several constraints."""
    wanted = draw(manifests())
    wanted.sources = ("corp",)
    for group in ("main", "dev"):
        for name in wanted.groups[group]:
            if draw(sometimes):
                _place(draw, wanted, name, group)
    if draw(rarely):
        _VERSIONED["multi-constraint"](draw, wanted, min(wanted.groups["main"]))
    if draw(rarely):
        wanted.groups["docs"] = {draw(st.sampled_from(NAMES)): [{"version": "*"}]}
    return wanted


@st.composite
def _origins(draw: st.DrawFn, name: str, kind: str) -> Origin:
    later = NAMES[NAMES.index(name) + 1 :]
    requires = [other for other in later if draw(sometimes)]
    if draw(sometimes) and later:
        requires.append(
            f"{draw(st.sampled_from(later))} ; extra == '{draw(st.sampled_from(EXTRAS))}'"
        )
    version = draw(st.sampled_from(("1.0", "2.0")))
    return Origin(kind=kind, name=name, version=version, requires=tuple(requires))


def _place(draw: st.DrawFn, wanted: Wanted, name: str, group: str) -> None:
    """Let a requirement be served from somewhere."""
    (table, *_) = wanted.groups[group][name]
    _move_to(draw, wanted, table, name, draw(st.sampled_from(_PLACES)))


def _move_to(draw: st.DrawFn, wanted: Wanted, table: Table, name: str, place: str) -> None:
    for key in (*_PLACED, "version"):
        table.pop(key, None)
    if place in origins.KINDS:
        table["origin"] = draw(_origins(name, place))
        return
    table["version"] = draw(st.sampled_from(CONSTRAINTS))
    if place != "index":
        table["source"] = wanted.sources[0]


def _move(draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    """Take a requirement from where it is to another place, wherever it is required."""
    place = draw(st.sampled_from(_PLACES))
    for requirements in wanted.groups.values():
        if name in requirements:
            requirements[name] = requirements[name][:1]
            requirements[name][0].pop("python", None)
            _move_to(draw, wanted, requirements[name][0], name, place)


def _rename_source(_draw: st.DrawFn, wanted: Wanted, _name: str) -> None:
    wanted.sources = ("firm",)
    for table in _tables(wanted):
        if "source" in table:
            table["source"] = "firm"


def _tables(wanted: Wanted) -> list[Table]:
    return [
        table
        for requirements in wanted.groups.values()
        for tables in requirements.values()
        for table in tables
    ]


def _re_mark(draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    table = wanted.groups["main"][name][0]
    if table.pop("markers", None) is None or draw(st.booleans()):
        table["markers"] = draw(st.sampled_from(MARKERS))


def _re_optional(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    """Require what an extra brought, or leave to an extra what is required."""
    tables = wanted.groups["main"][name]
    if name in wanted.extras.get("feature", ()):
        wanted.extras = {}
    else:
        wanted.extras = {"feature": [name]}
    for requirements in wanted.groups["main"].values():
        for table in requirements:
            table.pop("optional", None)
    if wanted.extras:
        for table in tables:
            table["optional"] = True


def _list_in_extra(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    """List a requirement in an extra, which is not marked optional."""
    wanted.extras = {**wanted.extras, "more": [name]}


def _rename_group(_draw: st.DrawFn, wanted: Wanted, _name: str) -> None:
    wanted.groups["test"] = wanted.groups["dev"]
    wanted.groups["dev"] = {}


def _to_main(draw: st.DrawFn, wanted: Wanted, _name: str) -> None:
    if wanted.groups["dev"]:
        moved = draw(st.sampled_from(sorted(wanted.groups["dev"])))
        wanted.groups["main"].setdefault(moved, wanted.groups["dev"].pop(moved))


def _share(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    """Require in a group, too, what the project requires, without what it asks for there."""
    wanted.groups["dev"][name] = [
        {key: value for key, value in table.items() if key not in {"optional", "extras"}}
        for table in wanted.groups["main"][name][:1]
    ]


def _single(_draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    """Require one version where several were required, or several where one was."""
    tables = wanted.groups["main"][name]
    if len(tables) > 1:
        wanted.groups["main"][name] = [{**tables[1], "version": "*"}]
        wanted.groups["main"][name][0].pop("python")
    else:
        _VERSIONED["multi-constraint"](_draw, wanted, name)


def _twice(draw: st.DrawFn, wanted: Wanted, name: str) -> None:
    for kind in draw(st.lists(st.sampled_from(sorted(WIDE_EDITS)), min_size=2, max_size=2)):
        if kind != "two at once" and (there := wanted.groups["main"]):
            WIDE_EDITS[kind](draw, wanted, name if name in there else min(there))


def _versioned(edit: Callable[[st.DrawFn, Wanted, str], None]) -> Callable[..., None]:
    """Let an edit of a version be made only where a requirement has one."""

    def made(draw: st.DrawFn, wanted: Wanted, name: str) -> None:
        found = [n for n, (table, *_) in wanted.groups["main"].items() if "version" in table]
        if found:
            edit(draw, wanted, name if name in found else found[0])

    return made


_VERSIONED = {kind: _versioned(EDITS[kind]) for kind in ("tighten", "loosen", "multi-constraint")}
WIDE_EDITS: dict[str, Callable[[st.DrawFn, Wanted, str], None]] = {
    **EDITS,
    **_VERSIONED,
    "move to another source": _move,
    "rename source": _rename_source,
    "change marker": _re_mark,
    "make optional": _re_optional,
    "list in extra": _list_in_extra,
    "rename group": _rename_group,
    "move to main": _to_main,
    "require in two groups": _share,
    "join constraints": _versioned(_single),
    "two at once": _twice,
}


@st.composite
def wide_edited(draw: st.DrawFn, wanted: Wanted, kind: str) -> Wanted:
    """The manifest after one edit of a kind."""
    after = copy.deepcopy(wanted)
    if not after.groups["main"]:
        return after
    WIDE_EDITS[kind](draw, after, draw(st.sampled_from(sorted(after.groups["main"]))))
    return after
