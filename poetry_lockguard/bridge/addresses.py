"""Index addresses as people may see them: never with a credential in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

_USERINFO = re.compile(r"(?<=://)[^/\s?#]*@")


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
    """Give ``text`` without the user and password of any URL in it."""
    return _USERINFO.sub("", text)


def host(url: str) -> str:
    """Give the host, with a port that is not the scheme's own, of an address."""
    return urlsplit(redact(url)).netloc or redact(url)


def parse(url: str) -> Address:
    """Take an address apart; user and password come out decoded (RFC 3986)."""
    parts = urlsplit(url.strip())
    userinfo, at, netloc = parts.netloc.rpartition("@")
    clean = urlunsplit(parts._replace(netloc=netloc))
    if not at:
        return Address(url=clean)
    username, _, password = userinfo.partition(":")
    return Address(url=clean, username=unquote(username), password=unquote(password))
