"""The sources a project configures: the indexes in its manifest, and PyPI through its own API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

from poetry_lockguard.index import pages
from poetry_lockguard.index.failures import SourceFailure, refused_status, wrong_content
from poetry_lockguard.index.repositories import NOT_FOUND, CachingRepository
from poetry_lockguard.poetry_api.imports.remote_repositories import LegacyRepository, PyPiRepository
from poetry_lockguard.poetry_api.imports.repository_errors import PackageNotFoundError
from poetry_lockguard.urls import parse

if TYPE_CHECKING:
    from packaging.utils import NormalizedName
    from poetry.core.constraints.version import Version

    from poetry_lockguard.index.network import Network
    from poetry_lockguard.poetry_api.imports.config import Config
    from poetry_lockguard.poetry_api.imports.link_sources import LinkSource

DENIED = frozenset({401, 403})


class Explicit(CachingRepository, LegacyRepository):
    """An index in the manifest; its packages name it in the lock, as Poetry writes it.

    Credentials in its URL are used for requests but left out of the lock, which is shared.
    """

    def __init__(self, name: str, url: str, *, config: Config, disable_cache: bool = False) -> None:
        address = parse(url)
        LegacyRepository.__init__(
            self, name, address.url, config=config, disable_cache=disable_cache
        )
        self.address = address

    def equip(
        self, config: Config, network: Network, *, disable_cache: bool, is_patient: bool
    ) -> None:
        """Use this run's transport; pass the password on to what Poetry starts itself.

        The configuration changes only in this process; it is never written.
        """
        super().equip(config, network, disable_cache=disable_cache, is_patient=is_patient)
        if self.address.username is not None:
            login = {"username": self.address.username, "password": self.address.password}
            known = {"repositories": {self.name: {"url": self.address.url}}}
            config.merge({**known, "http-basic": {self.name: login}})

    def _fetch_page(self, name: NormalizedName) -> LinkSource | None:
        try:
            return super()._fetch_page(name)
        except SourceFailure as failure:
            if failure.status not in DENIED:
                raise
            # Poetry goes on to the next source, and so does this; see ``Pool``
            self.denied[name] = failure
            return None


class PyPiApi(CachingRepository, PyPiRepository):
    """PyPI through its own API, as Poetry uses it."""

    plays_pypi = True
    has_release_api = True

    def _look(self, name: NormalizedName) -> LinkSource | None:
        content = self._get(f"simple/{name}/", headers={"Accept": pages.JSON})
        if content is None:
            return None
        return self._found(pages.from_json(f"{self._base_url}simple/{name}/", content))

    def _get(self, endpoint: str, headers: dict[str, str] | None = None) -> dict[str, Any] | None:
        url = self._base_url + endpoint
        response = self._transport.get(url, raise_for_status=False, headers=headers)
        if response.status_code in NOT_FOUND:
            return None
        if response.status_code >= requests.codes.bad_request:
            raise refused_status(url, response.status_code)
        try:
            content = response.json()
        except (ValueError, RecursionError):
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
