"""Read ``lockguard.lock``; report all mistakes at once, each with its place.

What can be read may still be sealed wrongly: that is for the reader of the reading to judge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from poetry_lockguard import conflicts
from poetry_lockguard.errors import UsageError
from poetry_lockguard.snapshots.damage import (
    MERGE_STEP,
    NewerSnapshotError,
    SealError,
    SnapshotError,
)
from poetry_lockguard.snapshots.document import FORMAT, ConfigurationEntry, Snapshot
from poetry_lockguard.snapshots.format import canonical, checks, parts
from poetry_lockguard.snapshots.format.canonical import Seal
from poetry_lockguard.snapshots.format.table import Table, Twice, shown
from poetry_lockguard.snapshots.selection import named

_UNSEALED = (
    "so it may not be what was resolved; restore it from git, or resolve it again with"
    " `poetry lockguard snapshot create`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A snapshot as it was found: its values, the state of its seal, its bytes and its name."""

    snapshot: Snapshot
    seal: Seal
    content: bytes
    where: str

    def must_be_sealed(self, refusal: str) -> None:
        """Raise a SealError that begins with ``refusal`` unless the seal is right."""
        if self.seal is not Seal.OK:
            raise SealError(f"{self.where}: {refusal}: {self.flaw}")

    @property
    def flaw(self) -> str:
        """What a missing or wrong seal means, and what to do."""
        return f"its seal is {self.seal.value}, {_UNSEALED}"

    def entry(self, name: str) -> ConfigurationEntry:
        """Return the configuration of this name; raise a UsageError with the nearest ones."""
        try:
            return named(self.snapshot, name)
        except UsageError as error:
            raise UsageError(f"{self.where}: {error}") from error


def parse(content: bytes, where: str) -> Reading:
    """Parse a snapshot's bytes; ``where`` is the file that messages name.

    Raises SnapshotError that lists all mistakes, NewerSnapshotError for a format of the future.
    """
    data, seal = _load(content, where)
    return Reading(snapshot=built(data, where), seal=seal, content=content, where=where)


def built(data: Any, where: str) -> Snapshot:
    """Return the values of a file that is JSON; raises as ``parse`` does."""
    mistakes: list[str] = []
    top = Table(data, mistakes)
    _check_format(top, where)
    top.only(
        "lockguard_version",
        "sha256",
        "generated",
        "generator",
        "project",
        "configurations",
        "packages",
    )
    project, levels = parts.project(top.table("project"))
    before = len(mistakes)
    packages = parts.packages(top.table("packages"), levels)
    held = packages if len(mistakes) == before else None
    configurations = {
        name: parts.configuration(table, held, levels)
        for name, table in top.table("configurations").tables(checks.text)
    }
    generated = top.optional_text("generated", checks.moment)
    generator = {}
    if top.values.get("generator") is not None:
        generator = top.table("generator").text_values(checks.text)
    top.optional_text("sha256")
    if mistakes:
        raise SnapshotError(where, tuple(mistakes))
    return Snapshot(
        project=project,
        configurations=configurations,
        packages=packages,
        generated=generated,
        generator=generator,
    )


def _check_format(top: Table, where: str) -> None:
    version = top.values.get("lockguard_version")
    if "lockguard_version" not in top.values:
        if top.is_table:
            top.wrong("is missing", "lockguard_version")
    elif type(version) is not int or version < FORMAT:
        top.wrong(f"expected {FORMAT}, not {shown(version)}", "lockguard_version")
    elif version > FORMAT:
        raise NewerSnapshotError(where, version, FORMAT)


def _load(content: bytes, where: str) -> tuple[Any, Seal]:
    text = _decode(content, where)
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
        seal = canonical.state(data) if isinstance(data, dict) else Seal.MISSING
    except json.JSONDecodeError as error:
        raise _unreadable(text, error, where) from error
    except RecursionError as error:
        raise SnapshotError(where, ("nested too deeply to be a snapshot",)) from error
    except UnicodeEncodeError as error:
        raise SnapshotError(where, ("contains half of a surrogate pair",)) from error
    except ValueError as error:
        raise SnapshotError(where, (f"invalid JSON: {error}",)) from error
    return data, seal


def _decode(content: bytes, where: str) -> str:
    if not content.strip():
        raise SnapshotError(where, ("empty, as after an interrupted write",))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SnapshotError(where, (f"not UTF-8 (byte {error.start})",)) from error
    if text.startswith("\ufeff"):
        raise SnapshotError(where, ("begins with a byte order mark",))
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Twice(pairs)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _unreadable(text: str, error: json.JSONDecodeError, where: str) -> SnapshotError:
    if found := conflicts.lines(text):
        return SnapshotError(where, (conflicts.said(found),), MERGE_STEP)
    reason = error.msg[:1].lower() + error.msg[1:]
    is_cut = error.pos >= len(text.rstrip()) or "Unterminated" in error.msg
    what = "ends too early: " if is_cut else "invalid JSON: "
    return SnapshotError(where, (f"line {error.lineno}: {what}{reason}",))
