"""Fixes many projects (``fix -r``) one by one, in the order of their path dependencies."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from cleo.io.outputs.output import Type

from poetry_lockguard.errors import LockguardError, NotPoetrysError
from poetry_lockguard.manifest.document import read
from poetry_lockguard.manifest.project_order import ordered
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.relock.fix_outcomes import NotFixed
from poetry_lockguard.report.error_lines import unexpected
from poetry_lockguard.shown_paths import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from cleo.io.io import IO

    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.relock.fix_outcomes import FixOutcome
    from poetry_lockguard.report.fix import Told


def fix_in_order(
    paths: Iterable[Path], fix_one: Callable[[Manifest], FixOutcome], io: IO
) -> Iterator[Told]:
    """Yield each folder with its outcome, path dependencies before the projects that need them.

    Any failure in one project becomes its outcome, and the next project is tried.
    """
    manifests = []
    failed: dict[Path, Path] = {}
    for path in paths:
        try:
            manifest = read(path)
        except NotPoetrysError:  # noqa: PERF203 - reading is slower
            continue
        except LockguardError as error:
            failed[path.parent.resolve()] = path.parent
            yield path.parent, str(error)
        else:
            manifests += [manifest] if _is_to_be_fixed(manifest) else []
    order = ordered(manifests)
    for circle in order.circles:
        names = ", ".join(shown(manifest.folder) for manifest in circle)
        _warn(io, f"{names}: depend on each other by path; fixed one after the other")
    total = len(order.manifests)
    for number, manifest in enumerate(order.manifests, start=1):
        if total > 1:
            _warn(io, f"[{number}/{total}] {shown(manifest.folder)}")
        outcome = _fixed(manifest, fix_one, io)
        if isinstance(outcome, str | NotFixed):
            failed[manifest.folder.resolve()] = manifest.folder
        dependencies = [failed[folder] for folder in order.below(manifest) if folder in failed]
        yield manifest.folder, _with_failed(outcome, manifest, dependencies, io)


def is_poetrys(path: Path) -> bool:
    """Whether a manifest can be read, and is Poetry's beyond doubt."""
    try:
        return read(path).is_clearly_poetrys
    except LockguardError:
        return False


def _is_to_be_fixed(manifest: Manifest) -> bool:
    """Whether a project has a lock, or is to have one; what is not Poetry's has none."""
    if not manifest.is_clearly_poetrys:
        return False
    return manifest.lock_path.exists() or not _needs_none(manifest)


def _needs_none(manifest: Manifest) -> bool:
    """Whether the settings say that a project may have no lock."""
    settings = manifest.settings or {}
    return settings.get("lock") == "optional" or settings.get("install") == "snapshot"


def _fixed(
    manifest: Manifest, fix_one: Callable[[Manifest], FixOutcome], io: IO
) -> FixOutcome | str:
    try:
        return fix_one(manifest)
    except LockguardError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - no failure may stop the others
        if io.is_verbose():
            _warn(io, traceback.format_exc())
        return f"{manifest.path}: {unexpected(error)}"


def _with_failed(
    outcome: FixOutcome | str, manifest: Manifest, failed: Iterable[Path], io: IO
) -> FixOutcome | str:
    """Add the path dependencies that could not be fixed to a project's outcome."""
    for folder in failed:
        message = f"its path dependency {shown(folder)} could not be fixed"
        _warn(io, f"{shown(manifest.lock_path)}: {message}")
        if not isinstance(outcome, str):
            problem = Problem(code="path-dependency", severity=Severity.WARNING, message=message)
            outcome = outcome._replace(problems=(*outcome.problems, problem))
    return outcome


def _warn(io: IO, line: str) -> None:
    io.error_output.write_line(line, type=Type.RAW)
