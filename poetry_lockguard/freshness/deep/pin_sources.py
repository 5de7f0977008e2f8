"""Where pins come from: undeclared indexes, references that are not commits, and credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.urls import holds_secret, redact, same_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.lockfile.document import Pin, Source

_ABSOLUTE = re.compile(r"file:|[/\\]|[a-z]:[/\\]", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)


def problems(state: ProjectState) -> Iterator[Problem]:
    """Yield ``source-unknown``, ``vcs-reference``, ``absolute-path`` and ``credential``.

    An undeclared source is an error (Poetry cannot install from it); one that is declared with
    another URL is a warning. So is a reference that is not a full commit: it may install something
    else later. A credential is an error: it has been published already.
    """
    for pin in state.lock.pins:
        if pin.source is not None and _ABSOLUTE.match(pin.source.url):
            yield _of_one_machine(pin, pin.source)
        match pin.source:
            case source if source is not None and source.kind == "legacy":
                yield from _unknown(state, pin, source)
            case source if source is not None and source.kind == "git":
                yield from _loose(pin, source)
    yield from _in_manifest(state)
    yield from _in_lock(state)


def _unknown(state: ProjectState, pin: Pin, source: Source) -> Iterator[Problem]:
    url = state.declared.source_url(source.reference or "")
    if url is not None and (not url or same_index(url, source.url)):
        return
    known = "declares with another URL" if url else "does not declare"
    yield Problem(
        code="source-unknown",
        severity=Severity.WARNING if url else Severity.ERROR,
        message=(
            f"{pin.name}: locked at {pin.version} from source"
            f" {source.reference or 'without a name'} ({redact(source.url)}),"
            f" which pyproject.toml {known};"
            " declare it, or run `poetry lockguard fix`"
        ),
        package=pin.name,
        requested=redact(url) if url else None,
        locked=redact(source.url),
        line=pin.line,
    )


def _loose(pin: Pin, source: Source) -> Iterator[Problem]:
    commit = source.resolved_reference or source.reference or ""
    if not _COMMIT.fullmatch(commit):
        yield Problem(
            code="vcs-reference",
            severity=Severity.WARNING,
            message=(
                f"locked at git reference {commit or 'none'!r}, which is not a full"
                " commit and may move; `poetry lockguard fix`"
            ),
            package=pin.name,
            locked=commit or None,
            line=pin.line,
        ).about(pin.name)


def _of_one_machine(pin: Pin, source: Source) -> Problem:
    return Problem(
        code="absolute-path",
        severity=Severity.WARNING,
        message=(
            f"locked from {redact(source.url)}, an absolute path of one machine;"
            " declare it relative to the project"
        ),
        package=pin.name,
        locked=pin.version,
        line=pin.line,
    ).about(pin.name)


def _in_manifest(state: ProjectState) -> Iterator[Problem]:
    manifest = state.manifest
    tables = {
        "[project]": manifest.project,
        "[dependency-groups]": manifest.data.get("dependency-groups"),
        "[tool.poetry]": manifest.poetry,
        "[tool.lockguard]": manifest.settings,
    }
    for place, table in tables.items():
        for text in sorted({*_secrets(table)}):
            yield Problem(
                code="credential",
                message=(
                    f"pyproject.toml: {place} contains a credential in {redact(text)};"
                    " remove it, revoke it, and use `poetry config http-basic.…`"
                ),
                file="pyproject.toml",
            )


def _in_lock(state: ProjectState) -> Iterator[Problem]:
    for pin in state.lock.pins:
        for text in sorted({*_secrets(pin.raw)}):
            yield Problem(
                code="credential",
                message=(
                    f"{pin.name}: the lock contains a credential in {redact(text)};"
                    " remove it, revoke it, and use `poetry config http-basic.…`"
                ),
                package=pin.name,
                locked=pin.version,
                line=pin.line,
            )


def _secrets(value: Any) -> Iterator[str]:
    match value:
        case str() if "://" in value:
            if holds_secret(value):
                yield value
        case dict():
            for each in value.values():
                yield from _secrets(each)
        case list():
            for each in value:
                yield from _secrets(each)
