"""Poetry's cache of downloaded files, with failed downloads retried on the next mirror.

Every executor, including that of an isolated build, downloads through the cache of its pool, which
is therefore the one place where every download can fail over.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from poetry_lockguard.poetry_api import private
from poetry_lockguard.poetry_api.imports.caches import ArtifactCache
from poetry_lockguard.poetry_api.imports.repository_pools import RepositoryPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import requests
    from poetry.core.packages.utils.link import Link

    from poetry_lockguard.mirrors.mirrored_pypi import MirroredPyPi
    from poetry_lockguard.poetry_api.imports.authentication import Authenticator
    from poetry_lockguard.poetry_api.imports.config import Config


class MirroredArtifactCache(ArtifactCache):
    """The cache; what is no file of the mirrors is Poetry's own business."""

    def __init__(self, mirrored: MirroredPyPi, folder: Path) -> None:
        super().__init__(cache_dir=folder)
        self._mirrored = mirrored

    def get_cached_archive_for_link(  # type: ignore[override]  # Poetry overloads it
        self,
        link: Link,
        *,
        download_func: Callable[[str, Path], None] | None = None,
        **options: Any,
    ) -> Path | None:
        """Return a file that is cached, or downloaded now if there is something to do it with."""
        if download_func is not None and self._mirrored.offers(link):
            _redirect(download_func, self._mirrored)
            download_func = partial(self._fetch, link, download_func)
        return super().get_cached_archive_for_link(link, download_func=download_func, **options)

    def _fetch(
        self, link: Link, download: Callable[[str, Path], None], _: str, target: Path
    ) -> None:
        self._mirrored.fetch(link, target, download)


class MirrorPool(RepositoryPool):
    """A pool whose downloads fall over from one mirror to the next."""

    def __init__(self, mirrored: MirroredPyPi, config: Config) -> None:
        super().__init__(config=config)
        self._artifact_cache = MirroredArtifactCache(mirrored, config.artifacts_cache_directory)


class Speaker:
    """Asks for each file what knows its host's certificates and credentials."""

    def __init__(self, own: Authenticator, mirrored: MirroredPyPi) -> None:
        self._own = own
        self._mirrored = mirrored

    def get(self, url: str, **options: Any) -> requests.Response:
        """Send a request; the answer's body is read as it comes."""
        return (self._mirrored.transport(url) or self._own).get(url, **options)


def _redirect(download: Callable[[str, Path], None], mirrored: MirroredPyPi) -> None:
    """Have the executor that downloads, and shows its progress, speak through the mirrors."""
    from poetry_lockguard.poetry_api.imports.installation import Executor

    executor = getattr(getattr(download, "func", None), "__self__", None)
    if isinstance(executor, Executor):
        private.wrap_authenticator(executor, lambda own: Speaker(own, mirrored), Speaker)
