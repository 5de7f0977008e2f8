"""Credentials inside URLs: found, so that they can be reported, and hidden in every message."""

from __future__ import annotations

import re

_URL = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?P<rest>[^\s\"'<>]+)")
_TOKEN_KEY = re.compile(
    r"(?P<key>[?&](?:[\w.-]*token|api[_-]?key|password|passwd|secret|sig|X-Amz-Signature))"
    r"=(?P<value>[^&#\s\"']+)",
    re.IGNORECASE,
)
_TOKEN_USER = re.compile(
    r"gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{10,}|pypi-[\w-]{16,}|[0-9a-fA-F]{32,}"
)
_PLACEHOLDER = re.compile(r"\$\{?\w+\}?|\{+\w+\}+|%\w+%|\*+|<\w+>|x-oauth-basic")


def holds_secret(text: str) -> bool:
    """Return whether any URL in ``text`` carries a password or a token.

    A bare user name (``ssh://git@…``) and a variable's name (``${TOKEN}``) are no secrets.
    """
    return redacted(text) != text


def redacted(text: str) -> str:
    """Return ``text`` with every password and token in its URLs replaced by ``***``."""
    text = _URL.sub(_without_userinfo, text)
    return _TOKEN_KEY.sub(_without_value, text)


def _without_userinfo(match: re.Match[str]) -> str:
    rest = match["rest"]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    userinfo, at, _ = authority.rpartition("@")
    if not at:
        return match[0]
    user, colon, password = userinfo.partition(":")
    hidden = user
    if colon and password and not _PLACEHOLDER.fullmatch(password):
        hidden = "***"
    elif _TOKEN_USER.fullmatch(user):
        hidden = "***" + colon + password
    if hidden == user:
        return match[0]
    return f"{match['scheme']}://{hidden}{rest[len(userinfo) :]}"


def _without_value(match: re.Match[str]) -> str:
    if _PLACEHOLDER.fullmatch(match["value"]):
        return match[0]
    return f"{match['key']}=***"
