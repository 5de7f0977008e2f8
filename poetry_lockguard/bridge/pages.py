"""Index pages (PEP 503 HTML, PEP 691 JSON) as Poetry's link sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from poetry.repositories.link_sources.html import HTMLPage
from poetry.repositories.link_sources.json import SimpleJsonPage

from poetry_lockguard.bridge.addresses import redact
from poetry_lockguard.bridge.failures import wrong_content

if TYPE_CHECKING:
    import requests
    from poetry.repositories.link_sources.base import LinkSource

JSON = "application/vnd.pypi.simple.v1+json"
PREFER_JSON = {"Accept": f"{JSON}, text/html;q=0.2, */*;q=0.1"}


def read(response: requests.Response) -> LinkSource:
    """Read a page; raises SourceFailure when it is not a page of an index."""
    url = redact(response.url)
    kind = response.headers.get("Content-Type", "").split(";")[0].strip()
    if kind in {JSON, "application/json"}:
        try:
            content = json.loads(response.content)
            _ = content["files"]
        except (ValueError, KeyError, TypeError):
            raise wrong_content(url, "an index page", "JSON that is none") from None
        return SimpleJsonPage(url, content)
    text = response.text
    if _is_login(text):
        raise wrong_content(url, "an index page", "a page to log in")
    return HTMLPage(url, text)


def _is_login(text: str) -> bool:
    """Tell a page for people from an index page: it asks for a password, or has a form."""
    head = text[:20_000].lower()
    return "<form" in head or 'type="password"' in head


def from_json(url: str, content: dict[str, object]) -> LinkSource:
    """Read a PEP 691 page that is JSON already."""
    if not isinstance(content.get("files"), list):
        raise wrong_content(url, "an index page", "JSON that is none")
    return SimpleJsonPage(redact(url), content)
