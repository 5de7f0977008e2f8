"""Compares a locked release with what its index offers today; makes no requests itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from poetry_lockguard.freshness.releases.answers import (
    LOCK,
    UNREACHABLE,
    Absent,
    Archive,
    PageAnswer,
    normal_hash,
    own_offers,
)
from poetry_lockguard.outcomes import Problem, Severity
from poetry_lockguard.plurals import first_few
from poetry_lockguard.printable import short_hash, tamed

if sys.version_info >= (3, 11):
    from typing import assert_never
else:
    from typing_extensions import assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poetry_lockguard.freshness.releases.answers import Asked, Unreached
    from poetry_lockguard.lockfile.document import File

_SHOWN = 3  # names that a message lists


def problems(asked: Asked, answer: PageAnswer | Absent | Archive) -> Iterator[Problem]:
    """Yield the problems of one pin.

    A file that can no longer be downloaded, or that has changed, is an error. A yanked release can
    still be installed from a lock: a warning.
    """
    match answer:
        case Absent(where=where):
            yield _problem(
                asked,
                "file-gone",
                f"locked at {asked.version}, but {where} no longer has a package of that name;"
                " declare the source that has it, or remove the requirement",
            )
        case Archive(where=where, is_there=is_there):
            if not is_there:
                yield _problem(
                    asked,
                    "file-gone",
                    f"its archive {where} no longer exists; declare another address",
                )
        case PageAnswer():
            yield from _files(asked, answer)
            yield from _yanked(asked, answer)
            yield from _status(asked, answer)
        case _:
            assert_never(answer)


def unreachable(asked: Iterable[Asked], outcome: Unreached) -> Problem:
    """Return one problem for all pins of a source that could not be checked."""
    pins = [*asked]
    names = sorted({pin.name for pin in pins})
    reason = tamed(outcome.reason, 800)
    return Problem(
        code=UNREACHABLE,
        message=f"{outcome.where} could not be asked about {_listed(names)}: {reason}",
        package=names[0] if len(names) == 1 else None,
        locked=pins[0].version if len(pins) == 1 else None,
        line=pins[0].line if len(pins) == 1 else None,
        file=pins[0].held_in,
    )


def unlooked(reason: str) -> Problem:
    """Return the problem that no index could be asked about a project's pins."""
    message = f"no index could be asked about its pins: {tamed(reason, 800)}"
    return Problem(code=UNREACHABLE, message=message, file="pyproject.toml")


def _files(asked: Asked, page: PageAnswer) -> Iterator[Problem]:
    gone, untold = [], []
    for file in asked.files:
        if any(normal_hash(file.hash) in offer.hashes for offer in page.offers):
            continue  # under any name: an install compares the hash
        same_name = [offer for offer in page.offers if offer.name == file.name]
        now = {hash_ for offer in same_name for hash_ in offer.hashes if _alike(hash_, file.hash)}
        if not same_name:
            gone.append(file)
        elif not now:
            untold.append(file)
        else:
            yield _changed(asked, file, page.where, min(now))
    if gone and len(gone) == len(asked.files):
        yield _release_gone(asked, page)
    elif gone:
        shown = _listed([file.name for file in gone])
        verb = "is" if len(gone) == 1 else "are"
        yield _problem(
            asked,
            "file-gone",
            f"locked at {asked.version}, but {shown} of its {len(asked.files)} files {verb} no"
            f" longer offered by {page.where}; {_advice(asked)}",
        )
    elif not asked.files and not page.offers:
        yield _release_gone(asked, page)
    if untold:
        yield _untold(asked, page, untold)


def _release_gone(asked: Asked, page: PageAnswer) -> Problem:
    is_shut = page.status == "quarantined"
    why = ", which has quarantined the project" if is_shut else ""
    return _problem(
        asked,
        "file-gone",
        f"{asked.version} is no longer offered by {page.where}{why}: none of its files exists;"
        f" {_advice(asked)}",
    )


def _changed(asked: Asked, file: File, where: str, now: str) -> Problem:
    return _problem(
        asked,
        "file-changed",
        f"{_shown(file.name)} of {asked.version} is offered by {where} with a different hash"
        f" ({short_hash(now)}, locked {short_hash(normal_hash(file.hash))});"
        f" find out why before you trust it, then {_advice(asked)}",
    )


def _untold(asked: Asked, page: PageAnswer, files: list[File]) -> Problem:
    return _problem(
        asked,
        "hash-untold",
        f"{page.where} gives no hash for {_listed([file.name for file in files])} of"
        f" {asked.version}, so only an install can compare it with the lock",
        Severity.NOTE,
    )


def _yanked(asked: Asked, page: PageAnswer) -> Iterator[Problem]:
    own = own_offers(asked, page)
    yanked = [offer for offer in own if offer.yanked is not None]
    if not yanked:
        return
    reasons = sorted({tamed(offer.yanked or "") for offer in yanked} - {""})
    reason = f': "{tamed("; ".join(reasons))}"' if reasons else ", without a reason"
    what = f"{asked.version} was yanked"
    if len(yanked) < len(own):
        what = f"{_listed([offer.name for offer in yanked])} of {asked.version} was yanked"
    yield _problem(
        asked, "yanked", f"{what} from {page.where}{reason}; {_advice(asked)}", Severity.WARNING
    )


def _status(asked: Asked, page: PageAnswer) -> Iterator[Problem]:
    """Yield the project's status if its owners or its index have changed it (PEP 792)."""
    if page.status in {"", "active"}:
        return
    reason = f': "{tamed(page.status_reason)}"' if page.status_reason.strip() else ""
    severity = Severity.WARNING if page.status == "quarantined" else Severity.NOTE
    message = f"{page.where} calls the project {tamed(page.status, 40)}{reason}"
    advice = "find out why before you install it" if severity is Severity.WARNING else ""
    yield _problem(asked, "project-status", message + (f"; {advice}" if advice else ""), severity)


def _problem(asked: Asked, code: str, what: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(
        code=code,
        severity=severity,
        message=f"{asked.name}: {what}",
        package=asked.name,
        locked=asked.version,
        line=asked.line,
        file=asked.held_in,
    )


def _advice(asked: Asked) -> str:
    if asked.held_in == LOCK:
        return f"run `poetry update {asked.name}`"
    return f"run `poetry lockguard snapshot upgrade {asked.name}`"


def _alike(one: str, other: str) -> bool:
    return one.partition(":")[0] == normal_hash(other).partition(":")[0]


def _shown(name: str) -> str:
    return tamed(name, 120)


def _listed(names: list[str]) -> str:
    return first_few([*map(_shown, names)], _SHOWN)
