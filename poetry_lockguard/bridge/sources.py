"""Poetry's own repositories, asked on this run's terms and by many threads at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poetry.repositories.exceptions import PackageNotFoundError
from poetry.repositories.http_repository import HTTPRepository
from poetry.repositories.legacy_repository import LegacyRepository
from poetry.repositories.pypi_repository import PyPiRepository

from poetry_lockguard.bridge import pages
from poetry_lockguard.bridge.addresses import parse
from poetry_lockguard.bridge.failures import refused_status, wrong_content
from poetry_lockguard.bridge.once import Once
from poetry_lockguard.bridge.transport import Transport

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from poetry.config.config import Config
    from poetry.core.constraints.version import Version
    from poetry.inspection.info import PackageInfo
    from poetry.repositories.link_sources.base import LinkSource

    from poetry_lockguard.bridge.network import Network

NOT_FOUND = frozenset({404, 410})


class Quick(HTTPRepository):
    """What every source shares: one transport, and each page and release asked for once."""

    def equip(self, config: Config, network: Network, *, disable_cache: bool) -> None:
        """Speak through this run's transport from now on."""
        self._transport = Transport(
            config, network, cache_id=self.name, disable_cache=disable_cache
        )
        self._authenticator = self._transport
        self._transport.add_repository(self.name, self.url)
        self._transport.open_with(parse(self.url))
        self._max_retries = network.retries
        self._pages: Once[LinkSource | None] = Once()
        self._releases: Once[PackageInfo] = Once()

    @property
    def transport(self) -> Transport:
        """What this source's requests go through."""
        return self._transport

    def get_release_info(self, name: NormalizedName, version: Version) -> PackageInfo:
        """Give a release's metadata; concurrent askers wait for the first."""
        ask = super().get_release_info
        return self._releases.get((name, version), lambda: ask(name, version))

    def _get_page(self, name: NormalizedName) -> Any:
        page = self._pages.get(name, lambda: self._fetch_page(name))
        if page is None:
            raise PackageNotFoundError(f"Package [{name}] not found.")
        return page

    def _fetch_page(self, name: NormalizedName) -> LinkSource | None:
        url = f"{self.url.rstrip('/')}/{name}/"
        response = self._transport.get(url, raise_for_status=False, headers=pages.PREFER_JSON)
        if response.status_code in NOT_FOUND:
            return None
        if response.status_code >= 400:
            raise refused_status(url, response.status_code)
        return pages.read(response)


class Explicit(Quick, LegacyRepository):
    """An index the manifest names; its packages carry it in the lock, as Poetry writes it."""


class PyPiApi(Quick, PyPiRepository):
    """PyPI through its own API, as Poetry asks it."""

    def _fetch_page(self, name: NormalizedName) -> LinkSource | None:
        url = f"{self._base_url}simple/{name}/"
        content = self._get(f"simple/{name}/", headers={"Accept": pages.JSON})
        return None if content is None else pages.from_json(url, content)

    def _get(self, endpoint: str, headers: dict[str, str] | None = None) -> dict[str, Any] | None:
        url = self._base_url + endpoint
        response = self._transport.get(url, raise_for_status=False, headers=headers)
        if response.status_code in NOT_FOUND:
            return None
        if response.status_code >= 400:
            raise refused_status(url, response.status_code)
        try:
            content = response.json()
        except ValueError:
            kind = response.headers.get("Content-Type", "").split(";")[0]
            raise wrong_content(url, "JSON", kind) from None
        if not isinstance(content, dict):
            raise wrong_content(url, "a JSON object", "other JSON")
        return content

    def _get_release_info(self, name: NormalizedName, version: Version) -> dict[str, Any]:
        try:
            return super()._get_release_info(name, version)
        except PackageNotFoundError:
            page = self._pages.get(name, lambda: self._fetch_page(name))
            if page is not None and version in set(page.versions(name)):
                url = f"{self._base_url}pypi/{name}/{version}/json"
                raise refused_status(url, 404) from None
            raise
