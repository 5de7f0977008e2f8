"""Index pages (PEP 503 HTML, PEP 691 JSON) as Poetry's link sources, read lazily.

Poetry's own page does all its work in advance: html.parser walks every tag, and every file becomes
a Link with its URL split and cleaned (numpy: 4,000 files, a tenth of a second). Here one regular
expression finds the files, each distinct version is parsed once, and the links of a version are
made when the version is requested, by Poetry's own page over just that version's part of the text.
A page in an unusual format is read by Poetry as a whole.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version
from poetry.core.packages.utils.link import Link

from poetry_lockguard.index import html_links
from poetry_lockguard.index.failures import of_page, wrong_content
from poetry_lockguard.poetry_api.imports.link_sources import HTMLPage, LinkSource, SimpleJsonPage
from poetry_lockguard.poetry_api.imports.utilities import sdist_file_re, wheel_file_re
from poetry_lockguard.urls import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import requests
    from packaging.utils import NormalizedName

_WHEEL_PARTS = 5  # name, version, Python, ABI and platform
JSON = "application/vnd.pypi.simple.v1+json"
_KINDS: dict[str, type | tuple[type, ...]] = {
    "hashes": dict,
    "requires-python": (str, type(None)),
    "yanked": (bool, str, type(None)),
    "upload-time": (str, type(None)),
    "size": (int, type(None)),
}
PREFER_JSON = {"Accept": f"{JSON}, text/html;q=0.2, */*;q=0.1"}


class IndexPage(LinkSource):
    """A page whose links are made only for requested versions.

    ``files`` are (file name, raw) pairs in the page's order, ``expand`` makes Poetry's own page of
    some raws, and ``has_yank`` returns whether a raw could be of a yanked file.
    """

    def __init__(
        self,
        url: str,
        files: Iterable[tuple[str, Any]],
        expand: Callable[[list[Any]], LinkSource],
        has_yank: Callable[[Any], bool],
    ) -> None:
        super().__init__(url)
        self._expand = expand
        self._has_yank = has_yank
        self._raws: dict[NormalizedName, dict[Version, list[Any]]] = {}
        self._links: dict[tuple[NormalizedName, Version], list[Link]] = {}
        self._sorted: dict[NormalizedName, list[Version]] = {}
        release = Releases()
        last: tuple[NormalizedName, Version] | None = None
        raws: list[Any] = []
        with of_page(url):
            for filename, raw in files:
                if (found := release(filename)) is None:
                    continue
                if found is not last:  # most pages list a version's files together
                    last, (name, version) = found, found
                    raws = self._raws.setdefault(name, {}).setdefault(version, [])
                raws.append(raw)

    def versions(self, name: NormalizedName) -> Iterator[Version]:
        """Yield the versions of ``name``, in the page's order."""
        yield from self._raws.get(name, ())

    def newest_first(self, name: NormalizedName) -> list[Version]:
        """Return the sorted versions of ``name``; the result is cached, because sorting is slow."""
        if name not in self._sorted:
            self._sorted[name] = sorted(self._raws.get(name, ()), reverse=True)
        return self._sorted[name]

    def uploaded(self, name: NormalizedName, version: Version) -> list[str | None]:
        """Return when each file of a version was uploaded (PEP 700), if the page says so."""
        raws = self._raws.get(name, {}).get(version, [])
        return [raw.get("upload-time") if isinstance(raw, dict) else None for raw in raws]

    def told(self, name: NormalizedName, version: Version) -> dict[str, dict[str, Any]]:
        """Return the files of a version as a JSON page gives them, by name."""
        raws = self._raws.get(name, {}).get(version, [])
        return {raw["filename"]: raw for raw in raws if isinstance(raw, dict)}

    @property
    def links(self) -> Iterator[Link]:
        """Yield every link, grouped as Poetry groups them."""
        for name, versions in self._raws.items():
            for version in versions:
                yield from self.links_for_version(name, version)

    def links_for_version(self, name: NormalizedName, version: Version) -> Iterator[Link]:
        """Yield the links of one version; they are created on first use."""
        links = self._links.get((name, version))
        if links is None:
            raws = self._raws.get(name, {}).get(version, [])
            with of_page(self._url):
                links = list(self._expand(raws).links) if raws else []
            self._links[name, version] = links
        yield from links

    def yanked(self, name: NormalizedName, version: Version) -> str | bool:
        """Return whether (and why) the version is yanked, as Poetry does."""
        raws = self._raws.get(name, {}).get(version, [])
        if raws and not all(map(self._has_yank, raws)):
            return False
        return super().yanked(name, version)


class Releases:
    """Finds a file's name and version as Poetry does, parsing each distinct text once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[NormalizedName, Version] | None] = {}

    def __call__(self, filename: str) -> tuple[NormalizedName, Version] | None:
        """Return name and version, or None for a file that is not a release."""
        texts = _texts(filename)
        if texts is None:
            return _asking_poetry(filename)
        if texts not in self._known:
            name, version = texts
            parsed = _version(version)
            self._known[texts] = None if parsed is None else (canonicalize_name(name), parsed)
        return self._known[texts]


def _texts(filename: str) -> tuple[str, str] | None:
    """Return a file's name and version as they are written; None for unusual names."""
    if filename.endswith(".whl"):
        parts = filename.removesuffix(".whl").split("-")
        if len(parts) == _WHEEL_PARTS and all(parts) and parts[1][0].isdecimal():
            return parts[0], parts[1]  # without a build number: faster than an expression
    match = wheel_file_re.match(filename) or sdist_file_re.match(filename)
    return None if match is None else (match["name"], match["ver"])


@lru_cache(maxsize=1 << 15)
def _version(text: str) -> Version | None:
    """Parse a version; packages share many of their texts."""
    try:
        return Version.parse(text)
    except ValueError:
        return None


def _asking_poetry(filename: str) -> tuple[NormalizedName, Version] | None:
    link = Link(f"https://index.invalid/{filename}")
    if link.ext not in LinkSource.SUPPORTED_FORMATS:
        return None
    package = LinkSource.link_package_data(link)
    return None if package is None else (package.name, package.version)


def read(response: requests.Response) -> LinkSource:
    """Read a page; raises SourceFailure when it is not a page of an index."""
    url = parse(response.url).url
    kind = response.headers.get("Content-Type", "").split(";")[0].strip()
    if kind in {JSON, "application/json"}:
        try:
            content = json.loads(response.content)
        except ValueError:
            raise wrong_content(url, "an index page", "truncated JSON") from None
        except RecursionError:
            raise wrong_content(url, "an index page", "JSON that is nested too deeply") from None
        return from_json(url, content)
    with of_page(url):
        return from_html(url, response.text)


def from_html(url: str, text: str) -> LinkSource:
    """Read a PEP 503 page."""
    found = html_links.scan(text)
    if found is not None:
        return IndexPage(url, found, lambda raws: HTMLPage(url, "".join(raws)), html_links.has_yank)
    page = HTMLPage(url, text)
    links = [*page.links]  # all are made, so that none fails later
    if not links and html_links.is_login_page(text):
        raise wrong_content(url, "an index page", "a web page (a login?)")
    return page


def _sound(file: dict[str, Any]) -> dict[str, Any]:
    """Return a file of a PEP 691 page; raises TypeError if a value is not of its type."""
    wrong = [
        key for key, kinds in _KINDS.items() if key in file and not isinstance(file[key], kinds)
    ]
    hashes = file.get("hashes", {})
    if wrong or not all(isinstance(one, str) for one in (file["url"], *hashes.values())):
        raise TypeError(f"values of other types: {wrong or ['url', 'hashes']}")
    return file


def from_json(url: str, content: Any) -> LinkSource:
    """Read a PEP 691 page that is already decoded."""
    files = content.get("files") if isinstance(content, dict) else None
    if not isinstance(files, list):
        raise wrong_content(url, "an index page", "invalid JSON")
    url = parse(url).url
    return IndexPage(
        url,
        ((file["filename"], file) for file in files),
        lambda raws: SimpleJsonPage(url, {"files": [*map(_sound, raws)]}),
        lambda file: file.get("yanked", False) is not False,
    )
