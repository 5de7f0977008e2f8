"""Lets Poetry's own commands reach PyPI through mirrors, if the project asks for it.

Only the project's pool is replaced. Everything that Poetry derives from it (solver, chooser,
executor, build environments) then uses the project's mirrors in place of PyPI.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cleo.formatters.formatter import Formatter
from cleo.io.outputs.output import Verbosity

from poetry_lockguard.errors import UsageError
from poetry_lockguard.index.configured_sources import PyPiApi
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.mirror_repository import MirrorRepository
from poetry_lockguard.index.network import Network, is_unattended
from poetry_lockguard.index.repositories import expected
from poetry_lockguard.mirrors.artifact_cache import MirrorPool
from poetry_lockguard.mirrors.candidates import API, VARIABLE, chosen
from poetry_lockguard.mirrors.mirrored_pypi import MirroredPyPi
from poetry_lockguard.mirrors.request_failover import Mirror, RequestFailover
from poetry_lockguard.poetry_api import build_isolation, private
from poetry_lockguard.poetry_api.imports.remote_repositories import PyPiRepository
from poetry_lockguard.urls import flaw, redact, shown, sound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cleo.io.io import IO

    from poetry_lockguard.mirrors.candidates import Candidate
    from poetry_lockguard.poetry_api.imports.poetry_project import Poetry
    from poetry_lockguard.settings import Settings

RETRIES = 4  #: of the last mirror; the others are tried only once more
IMPATIENT = 1


def reach_through_mirrors(
    poetry: Poetry, settings: Settings, environ: Mapping[str, str], io: IO
) -> None:
    """Replace the project's pool by one that reaches PyPI through mirrors, if configured.

    Call it before anything uses the pool. Failovers are reported on the stderr of ``io``. Raises
    UsageError for an invalid URL in LOCKGUARD_MIRRORS and for a certificate file that does not
    exist.
    """
    unattended = is_unattended(environ, interactive=io.is_interactive())
    network = Network(
        settings_mirrors=settings.mirrors,
        retries=RETRIES,
        unattended=unattended,
        environ=environ,
    )
    pypi = next((r for r in poetry.pool.all_repositories if isinstance(r, PyPiRepository)), None)
    if pypi is None or isinstance(pypi, MirroredPyPi):
        return
    base = private.base_url(pypi)
    named = [one for one in chosen(base, pypi.url, network) if _is_sound(one)]
    if not named:
        return
    if unattended:
        poetry.config.merge({"keyring": {"enabled": False}})
    mirrors = tuple(
        _mirror(one, poetry, _terms(network, is_last=one is named[-1])) for one in named
    )
    _exchange(poetry, base, RequestFailover(mirrors, _advice(poetry), _told(io)))


def _is_sound(candidate: Candidate) -> bool:
    """Return whether a URL can be that of an index; mistakes of the project are errors."""
    if candidate.by_auto:
        return flaw(candidate.url) is None
    return bool(sound((candidate.url,), candidate.origin))


def _terms(network: Network, *, is_last: bool) -> Network:
    return network if is_last else replace(network, retries=IMPATIENT)


def _mirror(candidate: Candidate, poetry: Poetry, network: Network) -> Mirror:
    kind = PyPiApi if candidate.origin == API else MirrorRepository
    config, disable_cache = poetry.config, poetry.disable_cache
    source = kind(f"{candidate.url}/", config=config, disable_cache=disable_cache)
    is_patient = network.retries > IMPATIENT
    source.expected = expected(poetry.package)
    try:
        source.equip(config, network, disable_cache=disable_cache, is_patient=is_patient)
    except SourceFailure as failure:
        raise UsageError(str(failure)) from failure
    name = f"{shown(candidate.url)} ({candidate.origin})"
    return Mirror(name, source, by_auto=candidate.by_auto)


def _exchange(poetry: Poetry, pypi: str, failover: RequestFailover) -> None:
    mirrored = MirroredPyPi(
        pypi, failover, config=poetry.config, disable_cache=poetry.disable_cache
    )
    pool = MirrorPool(mirrored, poetry.config)
    for repository in poetry.pool.all_repositories:
        priority = poetry.pool.get_priority(repository.name)
        is_pypi = isinstance(repository, PyPiRepository)
        pool.add_repository(mirrored if is_pypi else repository, priority=priority)
    poetry.set_pool(pool)
    build_isolation.draw_on(pool)


def _advice(poetry: Poetry) -> str:
    return (
        f"Correct mirrors in [tool.lockguard] of {poetry.pyproject_path}, or {VARIABLE},"
        " or try again later"
    )


def _told(io: IO) -> Callable[[Mirror, str], None]:
    """Return a function that reports a mirror's failure; only with -v for automatic mirrors."""

    def tell(mirror: Mirror, reason: str) -> None:
        sentence = redact(f"lockguard: {mirror.name}: {reason}; continuing without it")
        verbosity = Verbosity.VERBOSE if mirror.by_auto else Verbosity.NORMAL
        io.write_error_line(f"<warning>{Formatter.escape(sentence)}</warning>", verbosity)

    return tell
