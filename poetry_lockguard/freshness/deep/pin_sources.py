"""Where pins come from: indexes nobody declared, commits that are none, secrets in plain sight."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.urls import holds_secret, redact, same_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poetry_lockguard.freshness.project_state import ProjectState
    from poetry_lockguard.lockfile.document import Pin, Source

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)


def problems(here: ProjectState) -> Iterator[Problem]:
    """Yield ``source-unknown``, ``vcs-reference`` and ``credential``.

    A source whose name nobody declared is an error (Poetry cannot install from it), one that is
    declared at another address a warning. So is a commit that is not spelled out: it installs,
    but not always the same. A credential is an error: it has been published already.
    """
    for pin in here.lock.pins:
        match pin.source:
            case source if source is not None and source.kind == "legacy":
                yield from _unknown(here, pin, source)
            case source if source is not None and source.kind == "git":
                yield from _loose(pin, source)
    yield from _in_manifest(here)
    yield from _in_lock(here)


def _unknown(here: ProjectState, pin: Pin, source: Source) -> Iterator[Problem]:
    url = here.declared.source_url(source.reference or "")
    if url is not None and (not url or same_index(url, source.url)):
        return
    known = "declares at another address" if url else "does not declare"
    yield Problem(
        code="source-unknown",
        severity=Severity.WARNING if url else Severity.ERROR,
        message=(
            f"{pin.name}: locked at {pin.version} from source {source.reference or 'without name'}"
            f" ({redact(source.url)}), which pyproject.toml {known};"
            " declare it, or `poetry lockguard fix`"
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


def _in_manifest(here: ProjectState) -> Iterator[Problem]:
    manifest = here.manifest
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
                    f"pyproject.toml: {place} holds a credential in {redact(text)};"
                    " take it out, revoke it, and use `poetry config http-basic.…`"
                ),
                file="pyproject.toml",
            )


def _in_lock(here: ProjectState) -> Iterator[Problem]:
    for pin in here.lock.pins:
        for text in sorted({*_secrets(pin.raw)}):
            yield Problem(
                code="credential",
                message=(
                    f"{pin.name}: the lock holds a credential in {redact(text)};"
                    " take it out, revoke it, and use `poetry config http-basic.…`"
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
