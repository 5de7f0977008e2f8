"""One project's endpoints, for checking the pins of its lock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from poetry_lockguard import files
from poetry_lockguard.freshness.releases.answers import Unreached
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.repositories import CachingRepository
from poetry_lockguard.index.transport import Transport
from poetry_lockguard.manifest.requirements import silent_about_missing_paths
from poetry_lockguard.mirrors.failover import Endpoints
from poetry_lockguard.online import archives
from poetry_lockguard.online.endpoints import SourceEndpoint, SourceEndpoints
from poetry_lockguard.online.git_remotes import Repositories
from poetry_lockguard.poetry_api.project import declare_index, load
from poetry_lockguard.settings import parse as parse_settings
from poetry_lockguard.targets.declared import own_sources
from poetry_lockguard.urls import host, shown

if TYPE_CHECKING:
    from typing import Any

    from poetry_lockguard.freshness.releases.answers import Archive
    from poetry_lockguard.index.network import Network
    from poetry_lockguard.lockfile.document import Source as Origin
    from poetry_lockguard.manifest.document import Manifest
    from poetry_lockguard.mirrors.failover import Endpoint
    from poetry_lockguard.poetry_api.imports.repository_pools import Repository
    from poetry_lockguard.settings import Settings

    Sources = dict[tuple[Any, ...], SourceEndpoints]

_UNDECLARED = "pyproject.toml does not declare it, or leaves it to a plugin; declare it"


def setup(manifest: Manifest, settings: Settings) -> tuple[Any, ...]:
    """Return the configuration that decides whether two projects can share endpoints."""
    declared = json.dumps(manifest.poetry.get("source"), sort_keys=True, default=str)
    own = own_sources(manifest, settings)
    return declared, own, settings.mirrors, settings.timeout, _local(manifest)


def _local(manifest: Manifest) -> bytes:
    """Return the project's own configuration, which may contain certificates and credentials."""
    path = manifest.folder / "poetry.toml"
    return files.read(path) if path.is_file() else b""


class ProjectSources:
    """A project as Poetry sees it, with a connection to each of its sources.

    Nothing is cached on disk: earlier answers of an index do not count.
    """

    def __init__(self, manifest: Manifest, network: Network) -> None:
        with silent_about_missing_paths():
            poetry = load(manifest, disable_cache=True)
        settings = parse_settings(manifest.settings, str(manifest.path))
        for _, source in own_sources(manifest, settings):
            declare_index(poetry, source.name, source.url)
        self.local = _local(manifest)
        self._mirrors = network.settings_mirrors
        self._pool_endpoint = Endpoints(poetry, network)
        self._open = [*self._pool_endpoint]
        self._transport = Transport(poetry.config, network, cache_id=None, disable_cache=True)
        self._repositories = Repositories(network, self._transport)

    def source(self, origin: Origin | None, known: Sources) -> SourceEndpoints:
        """Return the source from which an install takes a pin; ``known`` sources are shared."""
        name = "PyPI" if origin is None else f"source {origin.reference or shown(origin.url)}"
        endpoints = [
            (pool_endpoint.name, _repository(pool_endpoint, origin)) for pool_endpoint in self._open
        ]
        first = next((one for _, one in endpoints if one is not None), None)
        if first is None:
            reasons = (
                tuple(self._pool_endpoint.reasons) if not endpoints else ((name, _UNDECLARED),)
            )
            return known.setdefault((name, self.local), SourceEndpoints(name=name, reasons=reasons))
        if not first.plays_pypi:
            key: tuple[Any, ...] = (first.name.lower(), first.address.url, self.local)
            return known.setdefault(
                key, SourceEndpoints(name=name, endpoints=(SourceEndpoint(name, name, first),))
            )
        return known.setdefault(
            ("PyPI", self._mirrors, self.local),
            SourceEndpoints(
                name=name,
                endpoints=tuple(
                    SourceEndpoint(endpoint, _called(one, first), one)
                    for endpoint, one in endpoints
                    if one is not None
                ),
                reasons=tuple(self._pool_endpoint.reasons),
                is_sure=True,
            ),
        )

    def refs(self, url: str) -> dict[str, str] | Unreached:
        """Return a repository's branches and tags."""
        try:
            return self._repositories.refs(url)
        except SourceFailure as failure:
            return Unreached(where=shown(url), reason=str(failure))

    def archive(self, url: str) -> Archive | Unreached:
        """Return whether an archive still exists."""
        try:
            return archives.ask(url, self._transport)
        except SourceFailure as failure:
            return Unreached(where=shown(url), reason=str(failure))

    def close(self) -> None:
        """Close the connections, and start no more requests."""
        self._repositories.stop()
        self._transport.stop()
        self._transport.close()
        self._pool_endpoint.close()


def _called(repository: CachingRepository, pypi: CachingRepository) -> str:
    """Return the name of an index that answers for PyPI: its host unless it is PyPI itself."""
    own, other = host(pypi.address.url), host(repository.address.url)
    return "PyPI" if other == own else f"{other} (for PyPI)"


def _repository(pool_endpoint: Endpoint, origin: Origin | None) -> CachingRepository | None:
    """Choose the source as Poetry's installer does; None if the endpoint cannot query it."""
    pool = pool_endpoint.pool
    found: Repository | None = None
    if origin is not None:
        name = origin.reference or ""
        found = pool.repository(name) if pool.has_repository(name) else None
    elif pool.has_repository("PyPI"):
        found = pool.repository("PyPI")
    else:
        found = next(iter(pool.repositories), None)
    return found if isinstance(found, CachingRepository) else None
