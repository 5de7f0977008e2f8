"""The only place that parses, compares and redacts URLs.

``redact`` is for any text, ``shown`` for one URL. Both hide user and password, the query and the
fragment: a token can be in any of them. The user name ``git`` is not secret, nor are fragments such
as ``#sha256=…``. A password that is not percent-encoded may contain ``/``, ``@``, ``:`` or ``?``:
text before an ``@`` that does not look like a host counts as a part of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from poetry_lockguard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    #: given scheme, user part (or None) and the rest of a URL, return its new text
    Rewrite = Callable[[str, "str | None", str], str]

HIDDEN = "***"  #: in place of hidden text
_ENCODE = "percent-encode / ? # @ : and % in its user and password (/ as %2F)"
_MOST = 100  # URLs without a space between them that are read
_KNOWN_USERS = frozenset({"git", "hg"})  # the account of ssh at a forge, which all users share
# Patterns that few texts need are compiled when one does; that is slow.
# A backslash and the next character belong together, so that JSON stays valid.
_RUN = re.compile(r"(?:[^\s\"'<>\\]|\\[^\s\"'<>])+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,40}(?=:?$)")
_BEGINS = re.compile(r"(?:([A-Za-z][\w+.-]{0,40}):)?//")
_HOST = re.compile(r"(\[[^\]@]{0,99}\]|[^/?#:@\[]*)(:\d*)?(?=[/?#]|$)")
_DOMAIN = re.compile(
    r"(?:(?:[\w-]{1,63}\.){1,9}(?:[A-Za-z][\w-]*|(?<=\d\.)\d+)|localhost)(?::\d*)?(?=[/?#]|$)"
)
_NO_PORT = r"[^/?#:\[]*:(?!\d*(?:[/?#]|$))[^/?#]*"
_ENDS = re.compile(r"[/?#]|$")
_ENDS_STRICTLY = re.compile(r"[/?#\\]")
_SHELL = r"(?:[^@/:\s]{1,99}@)?([^/:\s]{2,253}):"  # git's own host:path
_PORTS = {"http": ":80", "https": ":443", "ssh": ":22"}
_BARE = r"(?P<before>(?:[^:@]*[=(,])?)(?P<user>[^/:@(=,]+:(?!//|\\).*)@(?P<rest>.+)"
_SCP = r"(?P<before>(?:[^:@]*[=(,])?)(?P<user>[^/:@(=,]+)@(?P<rest>[\w.-]+:(?!//)\S.*)"
_REPOSITORY = r"((?:[\w.-]{1,99}@)?[\w.-]{2,253}):(?!//)(.+)"
_TAIL = ")]}.,;:!`"  # belongs to the sentence around a URL, or to Markdown
_SAFE = r"(?i)(?:(?:sha\d+|md5|blake2[bs]|egg|subdirectory)=[^&=?@:]*(?:&|$))+|\*\*\*"
_SENSITIVE_KEY = (
    r"(?i)(?:^|[-_.])(?:token|jwt|api[_-]?key|key|pass(?:word|wd|phrase)?|pwd|secret|sig|signature"
    r"|credentials?|auth|authorization|session(?:id)?)$"
)
_USER_OF_FORGE = (
    r"gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{10,}|pypi-[\w-]{16,}|[0-9a-fA-F]{32,}"
)
_PLACEHOLDER = r"\$\{?\w+\}?|\{+\w+\}+|%\w+%|\*+|<\w+>|x-oauth-basic"
_ROUNDS = 5


class Address(NamedTuple):
    """The URL of an index: ``url`` without credentials, and the credentials."""

    url: str
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Return a representation without the credentials."""
        return f"Address(url={self.url!r})"

    @property
    def netloc(self) -> str:
        """Host and port, as in requests to this index."""
        from urllib.parse import urlsplit

        return urlsplit(self.url).netloc


def redact(text: str) -> str:
    """Return ``text`` without the secrets of any URL in it. Doing it twice changes nothing."""
    hidden = _rewritten(text, _hidden)
    for _ in range(_ROUNDS):  # the rewritten text may look like a URL again
        if (again := _rewritten(hidden, _hidden)) == hidden:
            break
        hidden = again
    return hidden


def shown(url: str) -> str:
    """Return one URL without its secrets, whatever else is in it (spaces, quotes)."""
    return _in_run(url.strip(), _hidden)


def without_secrets(url: str) -> str:
    """Return a URL for others to use: without the user of a web server, password and token."""
    begins = _BEGINS.match(url)
    if begins is None:
        return url
    return begins[0] + _cleaned((begins[1] or "").lower(), *_split(url[begins.end() :]))


def holds_secret(text: str) -> bool:
    """Whether any URL in ``text`` contains a password or a token.

    A bare user name (``ssh://git@…``) and a variable's name (``${TOKEN}``) are not secrets.
    """
    return _any(text, lambda _, user, rest: _is_secret(user) or _has_secret_key(rest))


def has_credentials(text: str) -> bool:
    """Whether any URL in ``text`` contains a user of a web server, a password or a token."""

    def is_one(scheme: str, user: str | None, rest: str) -> bool:
        is_web = user is not None and scheme.rpartition("+")[2] in {"http", "https"}
        return is_web or _is_secret(user) or _has_secret_key(rest)

    return _any(text, is_one)


def host(url: str) -> str:
    """Return the host of a URL, with its port, and without credentials."""
    from urllib.parse import urlsplit

    clean = shown(url)
    try:
        return urlsplit(clean).netloc.rpartition("@")[2] or clean
    except ValueError:
        return clean


def parse(url: str) -> Address:
    """Split a URL into a clean one and its decoded user and password (RFC 3986)."""
    from urllib.parse import unquote, urlsplit, urlunsplit

    parts = urlsplit(url.strip())
    userinfo, at, netloc = parts.netloc.rpartition("@")
    clean = urlunsplit(parts._replace(netloc=netloc))
    if not at:
        return Address(url=clean)
    username, _, password = userinfo.partition(":")
    return Address(url=clean, username=unquote(username), password=unquote(password))


def flaw(url: str) -> str | None:
    """Return why this cannot be the URL of an index, without repeating it; None if it can."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in {"http", "https"}:
            return "is not an http or https URL"
        clean = urlsplit(parse(url).url)
        is_whole = bool(clean.hostname) and (clean.port is None or clean.port > 0)
    except ValueError:
        return f"is not a valid URL; {_ENCODE}" if "@" in url else "is not a valid URL"
    if not is_whole or re.search(r"\s", url):
        return "is not a URL with a host"
    if clean.netloc != host(url):
        return f"is not a URL with a host; {_ENCODE}"
    if clean.query or clean.fragment:
        return "has a ? or #, so no package name can be appended"
    return None


def sound(urls: Iterable[str], place: str) -> tuple[str, ...]:
    """Return the URLs unchanged; raise UsageError, naming ``place``, if one is invalid.

    The error does not repeat what may be a secret.
    """
    urls = tuple(urls)
    for url in urls:
        if reason := flaw(url.strip()):
            it = shown(url) or "an empty URL"
            raise UsageError(f"{place}: {it} {reason}; give the http or https URL of an index")
    return urls


def same_index(one: str, other: str) -> bool:
    """Whether two URLs are the same index; a slash at the end and credentials do not matter."""
    return comparable(one).lower() == comparable(other).lower()


def comparable(url: str) -> str:
    """Return a URL in a normal form, which is the same for equal URLs.

    Credentials, a slash at the end, a fragment, the scheme's default port and the case of scheme
    and host do not matter. Nor does the host ``None`` that poetry-core gives to files.
    """
    begins = _BEGINS.match(url.strip())
    if begins is None:
        return url.strip().rstrip("/")
    scheme = (begins[1] or "").lower()
    _, rest = _split(url.strip()[begins.end() :])
    rest = rest.partition("#")[0].rstrip("/")
    end = _ENDS.search(rest)
    authority = rest[: end.start()].lower() if end else rest.lower()
    path = rest[len(authority) :]
    port = _PORTS.get(scheme.rpartition("+")[2], "")
    host = "" if scheme.endswith("file") and authority == "none" else authority.removesuffix(port)
    return f"{scheme}://{host}{path}"


def authority(url: str) -> str | None:
    """Return the host that a client connects to, and its port unless it is the scheme's own.

    In lower case; None for a path. Nothing is guessed about passwords here: the host ends at the
    first ``/``, ``?``, ``#`` or backslash, as it does for those who connect (RFC 3986).
    """
    text = url.strip()
    begins = _BEGINS.match(text)
    if begins is None:
        shell = re.match(_SHELL, text)
        return shell[1].lower() if shell else None
    scheme = (begins[1] or "").lower().rpartition("+")[2]
    end = _ENDS_STRICTLY.search(text, begins.end())
    whole = text[begins.end() : end.start() if end else len(text)]
    host = whole.rpartition("@")[2].lower()
    return host.removesuffix(_PORTS.get(scheme, "")) or None


def has_scheme(url: str) -> bool:
    """Whether a text is a URL, as opposed to a path."""
    return "://" in url


def repository(url: str) -> str:
    """Return the address of a repository as a URL: git's own ``host:path`` is not one."""
    match = re.fullmatch(_REPOSITORY, url)
    return f"ssh://{match[1]}/{match[2].lstrip('/')}" if match else url


def _rewritten(text: str, rewrite: Rewrite) -> str:
    if "@" not in text and "?" not in text and "//" not in text:
        return text
    return _RUN.sub(lambda run: _in_run(run[0], rewrite), text)


def _any(text: str, is_one: Callable[[str, str | None, str], bool]) -> bool:
    found = False

    def look(scheme: str, user: str | None, rest: str) -> str:
        nonlocal found
        found = found or is_one(scheme, user, rest)
        return rest

    _rewritten(text, look)
    return found


def _in_run(run: str, rewrite: Rewrite) -> str:
    """Rewrite the URLs in a run of characters without a space or quote."""
    at = run.find("//")
    while at > 0 and run[at - 1] not in ":(=,;[{|":
        at = run.find("//", at + 1)
    if at < 0:
        return _plain(run, rewrite)
    begin = _begin(run, at)
    parts = [_plain(run[:begin], rewrite)]
    for _ in range(_MOST):
        scheme, body = run[begin : max(begin, at - 1)].lower(), run[at + 2 :]
        user, rest = _split(body)
        end, following = _next(rest)
        parts += [run[begin : at + 2], rewrite(scheme, user, rest[:end])]
        if following < 0:
            return "".join(parts)
        run, begin, at = rest, end, following
    return "".join([*parts, HIDDEN])


def _begin(run: str, at: int) -> int:
    """Return where the scheme before ``//`` begins."""
    scheme = _SCHEME.search(run, max(0, at - 42), at)
    return scheme.start() if scheme else at


def _next(rest: str) -> tuple[int, int]:
    """Return where another URL begins in a path, and its ``//``; the end and -1 for none."""
    at = rest.find("://") + 1
    if not at or "?" in rest[:at] or "#" in rest[:at]:
        return len(rest), -1
    return _begin(rest, at), at


def _plain(run: str, rewrite: Rewrite) -> str:
    """Rewrite text without ``//``: ``user:password@host``, or a path with a query."""
    if "@" in run and not run.startswith("pkg:") and (found := re.fullmatch(_BARE, run)):
        return found["before"] + rewrite("", found["user"], found["rest"])
    if "@" in run and re.fullmatch(_SCP, run):
        return ",".join(_scp(part, rewrite) for part in run.split(","))
    path, mark, query = run.partition("?")
    return rewrite("", None, run) if mark and ("/" in path or "=" in query) else run


def _scp(text: str, rewrite: Rewrite) -> str:
    found = re.fullmatch(_SCP, text)
    return found["before"] + rewrite("ssh", found["user"], found["rest"]) if found else text


def _split(body: str) -> tuple[str | None, str]:
    """Split the text after ``//`` into its user part, or None, and the rest."""
    if body.startswith("/"):  # the URL of a file
        return None, body
    end = _end_of_authority(body)
    cut = body.rfind("@", 0, end) + 1
    while not _is_host(body, cut) and (at := body.find("@", cut)) >= 0:
        cut = at + 1
    cut = _past_port(body, cut)
    if cut:
        return body[: cut - 1], body[cut:]
    if re.match(_NO_PORT, body):  # cut off before its @
        return body[:end], body[end:]
    return None, body


def _end_of_authority(body: str) -> int:
    found = _ENDS.search(body)
    return found.start() if found else len(body)


def _is_host(body: str, at: int) -> bool:
    found = _HOST.match(body, at)
    return found is not None and (found[1] == "localhost" or found[1][:1] == "[" or "." in found[1])


def _past_port(body: str, cut: int) -> int:
    """Skip ``first.last:12/password@`` before a host; it looks like a host with a port."""
    path = re.search("[?#]|$", body)
    end = path.start() if path else len(body)
    found = _HOST.match(body, cut)
    while found and found[2] and (at := body.find("@", found.end(), end)) >= 0:
        if not _DOMAIN.match(body, at + 1):
            break
        cut = at + 1
        found = _HOST.match(body, cut)
    return cut


def _hidden(_: str, user: str | None, rest: str) -> str:
    before = "" if user is None else f"{user if user in _KNOWN_USERS else HIDDEN}@"
    at = re.search(r"[?#]", rest)
    path = rest if at is None else rest[: at.start()]
    after = "" if at is None else rest[at.start() :]
    query, mark, fragment = after.partition("#")
    return f"{before}{path}{_query(query)}{mark}{_fragment(fragment)}"


def _query(query: str) -> str:
    values = query[1:].rstrip(_TAIL)
    return f"?{HIDDEN}{query[1 + len(values) :]}" if values else query


def _fragment(fragment: str) -> str:
    value = fragment.rstrip(_TAIL)
    is_harmless = not value or re.fullmatch(_SAFE, value)
    return fragment if is_harmless else f"{HIDDEN}{fragment[len(value) :]}"


def _cleaned(scheme: str, user: str | None, rest: str) -> str:
    is_web = scheme.rpartition("+")[2] in {"http", "https"}
    name = "" if user is None or is_web else user.partition(":")[0]
    path, mark, fragment = rest.partition("#")
    path, question, query = path.partition("?")
    kept = [part for part in query.split("&") if not _is_secret_parameter(part)]
    kept_after = [part for part in fragment.split("&") if not _is_secret_parameter(part)]
    after = f"{question}{'&'.join(kept)}" if kept else ""
    ending = f"{mark}{'&'.join(kept_after)}" if kept_after else ""
    return f"{name}{'@' if name else ''}{path}{after}{ending}"


def _is_secret(user: str | None) -> bool:
    """Whether a user part is more than a name."""
    if user is None:
        return False
    name, colon, password = user.partition(":")
    if colon and password:
        return re.fullmatch(_PLACEHOLDER, password) is None
    return re.fullmatch(_USER_OF_FORGE, name) is not None


def _has_secret_key(rest: str) -> bool:
    after = re.split(r"[?#]", rest, maxsplit=1)[1:]
    return any(_is_secret_parameter(text) for part in after for text in re.split(r"[&#;]", part))


def _is_secret_parameter(text: str) -> bool:
    key, equals, value = text.partition("=")
    if not equals or not value or re.search(_SENSITIVE_KEY, key) is None:
        return False
    return re.fullmatch(_PLACEHOLDER, value) is None
