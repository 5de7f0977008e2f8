"""Reads the ``[[package]]`` tables of a lock, in every form in which Poetry has written them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from poetry_lockguard.lockfile.document import File, Pin, Source
from poetry_lockguard.lockfile.fields import Fields, is_list_of
from poetry_lockguard.lockfile.formats import has_groups
from poetry_lockguard.lockfile.readable_versions import (
    is_address,
    is_constraint,
    is_marker,
    is_repository,
    is_requirement,
    is_url,
    is_version,
    marker_flaw,
)
from poetry_lockguard.names import normalized
from poetry_lockguard.printable import tamed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poetry_lockguard.outcomes import Problem

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*package[ \t]*\]\]", re.MULTILINE)
_LONGEST = 200  # characters of a text in a message
_WITHOUT_FILES = ("git", "directory", "url")


def pins(
    data: dict[str, Any], version: str, text: str
) -> tuple[tuple[Pin, ...], tuple[Problem, ...]]:
    """Return all pins of a lock, and what is wrong with them."""
    top = Fields(data, "the lock")
    if "package" not in data:
        top.wrong('"package" is missing')
    tables = top.tables("package") or []
    lines = package_lines(text, len(tables))
    metadata = Fields(data["metadata"], "[metadata]")
    files = _FilesElsewhere(metadata)
    is_grouped = has_groups(version)
    if not is_grouped:
        _leave_out_groups(tables)
    readers = [
        _Package(table, line, number, files, grouped=is_grouped)
        for number, (table, line) in enumerate(zip(tables, lines, strict=True), start=1)
    ]
    found = tuple(reader.pin() for reader in readers)
    problems = [problem for reader in readers for problem in reader.fields.problems]
    return found, (*top.problems, *metadata.problems, *problems)


def _leave_out_groups(tables: Iterable[dict[str, Any]]) -> None:
    """Remove what Poetry does not read before format 2.1, and merges of both formats leave."""
    for table in tables:
        for key in ("groups", "markers"):
            table.pop(key, None)


def package_lines(text: str, count: int) -> list[int]:
    """Return the line of each ``[[package]]``, from 1.

    If the lock does not have Poetry's layout, so that the lines are unknown, all are 1.
    """
    lines, line, last = [], 1, 0
    for header in _HEADER.finditer(text):
        line += text.count("\n", last, header.start())
        last = header.start()
        lines.append(line)
    return lines if len(lines) == count else [1] * count


class _FilesElsewhere:
    """Files and hashes of locks before 2.0, which are listed under ``[metadata]``."""

    def __init__(self, metadata: Fields) -> None:
        self.hashes = metadata.lists_of_text("hashes")
        self.files = metadata.within("files")
        self.has_hashes = "hashes" in metadata.values


class _Package:
    def __init__(
        self,
        table: dict[str, Any],
        line: int,
        number: int,
        files: _FilesElsewhere,
        *,
        grouped: bool,
    ) -> None:
        name = table.get("name")
        label = f"package {name}" if isinstance(name, str) else f"package number {number}"
        self.fields = Fields(table, label, line)
        self.elsewhere = files
        self.grouped = grouped

    def pin(self) -> Pin:
        fields = self.fields
        name = fields.text("name")
        fields.text("description", required=False)
        source = self._source()
        return Pin(
            name=normalized(name),
            version=self._version(),
            source=source,
            python_versions=self._python_versions(),
            optional=fields.flag("optional"),
            groups=fields.texts("groups", required=self.grouped),
            markers=self._markers(),
            files=self._files(name, source),
            dependencies=self._dependencies(),
            extras=self._extras(),
            line=fields.line or 1,
            raw=fields.values,
        )

    def _version(self) -> str:
        version = self.fields.text("version")
        if isinstance(self.fields.values.get("version"), str) and not is_version(version):
            self.fields.wrong(f'"{_cut(version)}" is not a version')
        return version

    def _python_versions(self) -> str:
        constraint = self.fields.text("python-versions")
        is_text = isinstance(self.fields.values.get("python-versions"), str)
        if is_text and not is_constraint(constraint):
            self.fields.wrong(f'python-versions "{_cut(constraint)}" is not a valid constraint')
        return constraint

    def _source(self) -> Source | None:
        table = self.fields.within("source")
        if not table:
            return None
        source = Fields(table, f"{self.fields.place}: source", self.fields.line)
        parsed = Source(
            kind=source.text("type"),
            url=source.text("url"),
            reference=source.optional_text("reference"),
            resolved_reference=source.optional_text("resolved_reference"),
            subdirectory=source.optional_text("subdirectory"),
        )
        self.fields.problems += source.problems
        if not is_address(parsed.url):
            from poetry_lockguard.urls import shown

            self.fields.wrong(f'its source "{tamed(shown(parsed.url))}" is not a valid URL')
        return parsed

    def _extras(self) -> dict[str, tuple[str, ...]]:
        found = self.fields.lists_of_text("extras")
        for name, texts in found.items():
            if odd := [text for text in texts if not is_requirement(text)]:
                self.fields.wrong(f'extra {name}: "{_cut(tamed(odd[0]))}" cannot be understood')
        return found

    def _markers(self) -> str | dict[str, str] | None:
        match self.fields.values.get("markers"):
            case None:
                return None
            case str() as marker:
                self._must_be_markers([marker])
                return marker
            case dict() as by_group if all(isinstance(text, str) for text in by_group.values()):
                self._must_be_markers(by_group.values())
                return by_group
        self.fields.wrong('"markers" is neither a string nor a table of strings')
        return None

    def _must_be_markers(self, texts: Iterable[str]) -> None:
        flaws = ((text, marker_flaw(text)) for text in texts)
        if odd := next(((text, flaw) for text, flaw in flaws if flaw), None):
            self.fields.wrong(f'marker "{_cut(tamed(odd[0]))}" {odd[1]}')

    def _files(self, name: str, source: Source | None) -> tuple[File, ...]:
        if "files" in self.fields.values:
            return self._listed(self.fields.tables("files") or ())
        if self.elsewhere.has_hashes:
            return tuple(File(name=hash_, hash=hash_) for hash_ in self._hashes(name))
        if source is not None and source.kind in _WITHOUT_FILES:
            return ()
        elsewhere = self.elsewhere.files.get(name)
        if elsewhere is None:
            self.fields.wrong("its files are not listed")
            return ()
        listed = Fields({"files": elsewhere}, f"[metadata.files] of {name}", self.fields.line)
        files = self._listed(listed.tables("files") or ())
        self.fields.problems += listed.problems
        return files

    def _hashes(self, name: str) -> tuple[str, ...]:
        if name not in self.elsewhere.hashes:
            self.fields.wrong("its hashes are not listed")
        return self.elsewhere.hashes.get(name, ())

    def _listed(self, tables: list[dict[str, Any]] | tuple[()]) -> tuple[File, ...]:
        files = []
        for table in tables:
            match table:
                case {"file": str(file), "hash": str(hash_)}:
                    files.append(File(name=file, hash=hash_))
                case _:
                    self.fields.wrong(f"a file without name or hash ({table})")
        return tuple(files)

    def _dependencies(self) -> dict[str, tuple[str | dict[str, Any], ...]]:
        found: dict[str, tuple[str | dict[str, Any], ...]] = {}
        for name, value in self.fields.within("dependencies").items():
            constraints = value if isinstance(value, list) else [value]
            if not all(isinstance(constraint, (str, dict)) for constraint in constraints):
                self.fields.wrong(f'"dependencies.{name}" is neither a version nor a table')
                continue
            if invalid := [
                text for text in map(_version_of, constraints) if not is_constraint(text)
            ]:
                self.fields.wrong(
                    f'"{_cut(invalid[0])}" of dependency {name} is not a valid constraint'
                )
            if flaw := next(filter(None, map(_flaw, constraints)), None):
                self.fields.wrong(f"dependency {name}: {flaw}")
            if not all(map(_has_readable_extras, constraints)):
                self.fields.wrong(f'"dependencies.{name}.extras" is not a list of strings')
            key = normalized(name)
            found[key] = (*found.get(key, ()), *constraints)
        return found


def _has_readable_extras(constraint: str | dict[str, Any]) -> bool:
    """Whether Poetry can read the extras; it reads a string as a list of its characters."""
    extras = [] if isinstance(constraint, str) else constraint.get("extras", [])
    return isinstance(extras, str) or is_list_of(extras, str)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _flaw(constraint: str | dict[str, Any]) -> str | None:
    """Return what Poetry could not read of the marker and the address of a dependency."""
    table: dict[str, Any] = {} if isinstance(constraint, str) else constraint
    marker = table.get("markers")
    if isinstance(marker, str) and (flaw := marker_flaw(marker)):
        return f'markers "{_cut(tamed(marker))}" {flaw}'
    checks = {"markers": is_marker, "git": is_repository, "url": is_url}
    for key, is_readable in checks.items():
        value = table.get(key)
        if value is not None and not (isinstance(value, str) and is_readable(value)):
            from poetry_lockguard.urls import shown

            text = _cut(tamed(shown(value))) if isinstance(value, str) else "no string"
            return f'{key} "{text}" cannot be understood'
    return None


def _version_of(constraint: str | dict[str, Any]) -> str:
    """Return the version constraint; git, path and url dependencies have none, hence ``*``."""
    text = constraint if isinstance(constraint, str) else constraint.get("version", "*")
    return text if isinstance(text, str) else ""
