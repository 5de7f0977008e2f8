"""Reads only the locked files of an index page, which may list thousands.

No version is parsed and no link is made for the rest. An ordinary HTML page is cut into its anchors
by ``html_links.scan``; any other page goes through an HTML parser as a whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name
from poetry.core.constraints.version import Version

from poetry_lockguard.freshness.releases.answers import Offer, PageAnswer
from poetry_lockguard.index import html_links, pages
from poetry_lockguard.index.failures import of_page, wrong_content
from poetry_lockguard.policy.admission import moment
from poetry_lockguard.urls import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import requests

    Named = tuple[str, Any]  # a file's name, and what the page says about it

_NEWEST = 1  # major version of the index interface (PEP 629, PEP 691)
_INDEX = re.compile(
    r"pypi:repository-version|\blinks\s+(?:for|in)\b|\.(?:whl|egg|exe|zip|tgz|tar\.[a-z0-9]+)\b",
    re.IGNORECASE,
)
_HASH = re.compile(r"(?:^|&)([a-z0-9_]+)=([0-9a-fA-F]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the pins of one package contain: file names, their digests, and their versions.

    ``versions`` are those of pins that list no files.
    """

    name: str
    files: frozenset[tuple[str, str]] = field(default=frozenset())
    versions: frozenset[str] = field(default=frozenset())


def read(response: requests.Response, wanted: Wanted, where: str) -> PageAnswer:
    """Read a page; raises SourceFailure when it is not a page of an index."""
    url = parse(response.url).url
    kind, _, more = response.headers.get("Content-Type", "").partition(";")
    with of_page(url):
        if kind.strip() in {pages.JSON, "application/json"}:
            return _from_json(url, response.content, wanted, where)
        return _from_html(url, _text(response.content, more), wanted, where)


def _text(content: bytes, parameters: str) -> str:
    """Decode a page, as UTF-8 unless a header says otherwise."""
    charset = re.search(r"charset=[\"']?([\w.-]+)", parameters, re.IGNORECASE)
    try:
        return content.decode(charset[1] if charset else "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _from_html(url: str, text: str, wanted: Wanted, where: str) -> PageAnswer:
    found = html_links.scan(text)
    tags = _Tags()
    if found is None:
        tags.feed(text)
    else:
        kept = _kept(found, wanted, lambda anchor, digest: digest in anchor.lower())
        tags.feed(text[: text.find("<a ")] + "".join(anchor for _, anchor in kept))
    tags.close()
    _must_be_known(url, tags.metas.get("pypi:repository-version", ""))
    named = [(_filename(attributes.get("href", "")), attributes) for attributes in tags.anchors]
    kept = _kept(named, wanted, lambda attributes, digest: digest in attributes["href"].lower())
    offers = tuple(_anchored(name, attributes) for name, attributes in kept)
    if not offers and _INDEX.search(text) is None:
        got = "a web page (a login?)" if html_links.is_login_page(text) else "another page"
        raise wrong_content(url, "an index page", got)
    return PageAnswer(
        where=where,
        offers=offers,
        status=tags.metas.get("pypi:project-status", "active").strip().lower(),
        status_reason=tags.metas.get("pypi:project-status-reason", ""),
    )


class _Tags(HTMLParser):
    """The anchors and the named meta tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[dict[str, str]] = []
        self.metas: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in reversed(attrs)}
        if tag == "a" and attributes.get("href"):
            self.anchors.append(attributes)
        elif tag == "meta" and "name" in attributes:
            self.metas.setdefault(attributes["name"].lower(), attributes.get("content", ""))


def _filename(href: str) -> str:
    try:
        return unquote(urlsplit(href).path.rpartition("/")[2])
    except ValueError:
        return ""


def _anchored(name: str, attributes: dict[str, str]) -> Offer:
    fragment = attributes["href"].partition("#")[2]
    return Offer(
        name=name,
        hashes=frozenset(
            f"{algorithm}:{digest}".lower() for algorithm, digest in _HASH.findall(fragment)
        ),
        yanked=attributes.get("data-yanked"),
    )


def _from_json(url: str, content: bytes, wanted: Wanted, where: str) -> PageAnswer:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise wrong_content(url, "an index page", "truncated JSON") from None
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, list):
        raise wrong_content(url, "an index page", "invalid JSON")
    _must_be_known(url, _text_in(document.get("meta"), "api-version"))
    named = [
        (file["filename"], file)
        for file in files
        if isinstance(file, dict) and isinstance(file.get("filename"), str)
    ]
    kept = _kept(named, wanted, lambda file, digest: digest in str(file.get("hashes")).lower())
    status = document.get("project-status")
    return PageAnswer(
        where=where,
        offers=tuple(_listed(name, file) for name, file in kept),
        status=(_text_in(status, "status") or "active").strip().lower(),
        status_reason=_text_in(status, "reason"),
    )


def _listed(name: str, file: dict[str, Any]) -> Offer:
    hashes = file.get("hashes")
    yanked = file.get("yanked", False)
    return Offer(
        name=name,
        hashes=frozenset(
            f"{algorithm}:{digest}".lower()
            for algorithm, digest in (hashes.items() if isinstance(hashes, dict) else ())
            if isinstance(digest, str)
        ),
        yanked=yanked if isinstance(yanked, str) else "" if yanked else None,
        uploaded=moment(file.get("upload-time")),
    )


def _text_in(table: object, key: str) -> str:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, str) else ""


def _must_be_known(url: str, version: str) -> None:
    """Reject a page of an unknown version of the index interface (PEP 629)."""
    major = version.strip().partition(".")[0]
    if major.isascii() and major.isdigit() and int(major) > _NEWEST:
        got = f"version {major} of the index interface"
        raise wrong_content(url, f"version {_NEWEST}", got)


def _kept(
    named: Iterable[Named], wanted: Wanted, has_digest: Callable[[Any, str], bool]
) -> list[Named]:
    """Keep the files that a pin names, and those with the same content under another name."""
    named = [*named]
    names = {name for name, _ in wanted.files}
    kept = [one for one in named if one[0] in names]
    there = {name for name, _ in kept}
    renamed = {_digest(hash_) for name, hash_ in wanted.files if name not in there} - {""}
    kept += [
        one
        for one in (named if renamed else ())
        if one[0] not in names and any(has_digest(one[1], digest) for digest in renamed)
    ]
    if wanted.versions:
        known = {name for name, _ in kept}
        kept += [one for one in named if one[0] not in known and _is_of(one[0], wanted)]
    return kept


def _digest(hash_: str) -> str:
    return hash_.rpartition(":")[2].lower()


def _is_of(filename: str, wanted: Wanted) -> bool:
    release = pages.Releases()(filename)
    if release is None:
        return False
    name, version = release
    versions = {Version.parse(text) for text in wanted.versions}
    return name == canonicalize_name(wanted.name) and version in versions
