"""Index addresses as people may see them: never with a credential in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from poetry_lockguard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCHEME = r"(?P<scheme>[A-Za-z][\w+.-]*://|(?<![^\s\"'(=])//)"
_URL = re.compile(rf"{_SCHEME}(?P<rest>[^\s\"'<>]*)")
_BARE = re.compile(r"(?<![^\s\"'(=])(?P<rest>[^\s\"'/:@(=]+:(?!//|\\)[^\s\"']*@[^\s\"']+)")
_HOST = re.compile(r"(?:[^/?#:@]*\.[^/?#:@]*|localhost|\[[^\]@]*\])(?::\d*)?(?=[/?#]|$)")
_NO_PORT = re.compile(r"[^/?#:\[]*:(?!\d*(?:[/?#]|$))[^/?#]*")
_QUERY = re.compile(r"\?[^#]+")
_ENCODE = "write / ? # @ : and % of its user and password percent-encoded (/ as %2F)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An index address taken apart: ``url`` is clean, the rest opens the door."""

    url: str
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def netloc(self) -> str:
        """Host and port, as requests to this index carry them."""
        return urlsplit(self.url).netloc


def redact(text: str) -> str:
    """Return ``text`` without the user, password and query of any URL in it.

    A password that was not percent-encoded may hold anything, an @ or a slash: what stands
    before an @ and does not look like a host is taken for a part of it.
    """
    text = _URL.sub(lambda match: match["scheme"] + _opened(match["rest"]), text)
    return _BARE.sub(lambda match: _opened(match["rest"]), text)


def _opened(rest: str) -> str:
    """Take user, password and query from what follows the scheme."""
    if rest.startswith("/"):  # a file's
        return _QUERY.sub("?***", rest)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    rest = rest[authority.rfind("@") + 1 :]
    while "@" in rest and not _HOST.match(rest):
        rest = rest[rest.index("@") + 1 :]
    return _QUERY.sub("?***", _NO_PORT.sub("***", rest, count=1) if _NO_PORT.match(rest) else rest)


def shown(url: str) -> str:
    """Return one address without user, password and query, whatever else is in it."""
    scheme = re.match(r"([A-Za-z][\w+.-]*:)?//|", url.strip())
    before = scheme[0] if scheme else ""
    return before + _opened(url.strip()[len(before) :])


def host(url: str) -> str:
    """Return the host, with a port that is not the scheme's own, of an address."""
    clean = shown(url)
    try:
        return urlsplit(clean).netloc or clean
    except ValueError:
        return clean


def parse(url: str) -> Address:
    """Take an address apart; user and password come out decoded (RFC 3986)."""
    parts = urlsplit(url.strip())
    userinfo, at, netloc = parts.netloc.rpartition("@")
    clean = urlunsplit(parts._replace(netloc=netloc))
    if not at:
        return Address(url=clean)
    username, _, password = userinfo.partition(":")
    return Address(url=clean, username=unquote(username), password=unquote(password))


def flaw(url: str) -> str | None:
    """Say, without repeating it, why no index can be asked at this address; None if one can."""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in {"http", "https"}:
            return "is no http or https URL"
        clean = urlsplit(parse(url).url)
        is_whole = bool(clean.hostname) and (clean.port is None or clean.port > 0)
    except ValueError:
        return f"is no URL; {_ENCODE}" if "@" in url else "is no URL"
    if not is_whole or re.search(r"\s", url):
        return "is no URL of a host"
    if clean.netloc != host(url):
        return f"is no URL of a host; {_ENCODE}"
    if clean.query or clean.fragment:
        return "has a ? or #, after which no package's name can follow"
    return None


def sound(urls: Iterable[str], place: str) -> tuple[str, ...]:
    """Give the addresses as they are; raises UsageError, naming ``place``, for one that is none."""
    urls = tuple(urls)
    for url in urls:
        if reason := flaw(url.strip()):
            it = shown(url) or "an empty address"
            raise UsageError(f"{place}: {it} {reason}; give the http or https address of an index")
    return urls
