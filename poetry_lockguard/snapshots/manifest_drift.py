"""What the manifest says now that it did not say when the snapshot was made, and vice versa."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from poetry_lockguard.outcomes import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.snapshots.document import Project

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def drift(old: Project, new: Project, file: str) -> tuple[Problem, ...]:
    """Compare requirement by requirement; ``file`` is what messages call the snapshot."""
    found = [*_requirements(old, new, file), *_python(old, new, file)]
    if not found and old.content_hash != new.content_hash:
        found.append(
            Problem(
                code="content-hash",
                message="pyproject.toml changed since the snapshot was made, though no"
                " requirement did (sources, extras or groups may have)",
                requested=new.content_hash,
                locked=old.content_hash,
                file=file,
            )
        )
    return tuple(found)


def _requirements(old: Project, new: Project, file: str) -> Iterator[Problem]:
    for group in sorted({*old.requirements, *new.requirements}):
        before, after = _by_name(old, group), _by_name(new, group)
        for name in sorted({*before, *after}):
            was, now = before.get(name), after.get(name)
            if was != now:
                yield _changed(group, name, (was, now), file)


def _changed(group: str, name: str, texts: tuple[str | None, str | None], file: str) -> Problem:
    was, now = texts
    where = "" if group == "main" else f" (group {group})"
    if was is None:
        code, what = "requirement-added", f"{now} is required now"
    elif now is None:
        code, what = "requirement-removed", f"{was} is no longer required"
    else:
        code, what = "requirement-changed", f"{was} -> {now}"
    return Problem(
        code=code,
        message=f"{what}{where}",
        package=name,
        group=group,
        requested=now,
        locked=was,
        file=file,
    )


def _python(old: Project, new: Project, file: str) -> Iterator[Problem]:
    if old.requires_python != new.requires_python:
        yield Problem(
            code="python-changed",
            message=f"Python {old.requires_python or 'any'} -> {new.requires_python or 'any'}",
            requested=new.requires_python,
            locked=old.requires_python,
            file=file,
        )


def _by_name(project: Project, group: str) -> dict[str, str]:
    """Join the texts of one name: it may be required several times, under several markers."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in project.requirements.get(group, ()):
        match = _NAME.match(text)
        name = canonicalize_name(match.group() if match else text)
        found[name].append(text)
    return {name: ", ".join(sorted(texts)) for name, texts in found.items()}
