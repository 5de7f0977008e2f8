"""Credentials, certificates, keyrings and waiting: the terms of a run, kept."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from index import status
from poetry.config.config import Config
from solving import load, lock, project, solve, stock_lock

from poetry_lockguard.index import certificates
from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.network import Network, is_unattended
from poetry_lockguard.index.transport import Transport
from poetry_lockguard.mirrors.failover import Endpoints, NoEndpointError
from poetry_lockguard.urls import flaw, host, parse, redact, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Result
    from index import Index, Pypi, Serve
    from index.fixtures import Authority

    Run = Callable[[str, Path], Result]

SECRET = "s3cr:et/@"
QUOTED = "s3cr%3Aet%2F%40"


@pytest.fixture
def matrix(index: Index) -> Index:
    index.add("matrix", "1.0", requires=["sound32>=1"])
    index.add("sound32", "1.2")
    return index


def with_credentials(url: str) -> str:
    return url.replace("://", f"://user:{QUOTED}@")


def transport(network: Network) -> Transport:
    return Transport(Config.create(), network, cache_id=None, disable_cache=True)


def test_a_mirror_with_credentials_opens_and_leaves_no_trace(
    matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pypi(matrix, here=True).server.fault("/", status(403))
    guarded = serve(matrix, credentials=("user", SECRET))
    folder = project(tmp_path / "story", "matrix")

    text, ways = lock(folder, Network(mirrors=(with_credentials(guarded.url),)))

    seen = [text, caplog.text, repr(ways.reasons)]
    seen += [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
    home = os.environ["POETRY_CACHE_DIR"]
    seen += [str(path) for path, *_ in os.walk(home)]
    assert not [one for one in seen if QUOTED in one or SECRET in one]


def test_a_mirror_that_denies_is_named_without_its_credentials(
    matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path
) -> None:
    pypi(matrix, here=True).server.fault("/", status(403))
    guarded = serve(matrix, credentials=("user", "another"))

    with pytest.raises(NoEndpointError) as caught:
        lock(
            project(tmp_path / "story", "matrix"),
            Network(mirrors=(with_credentials(guarded.url),), retries=0),
        )

    assert "401 Unauthorized" in str(caught.value)
    assert QUOTED not in f"{caught.value!r} {caught.value.reasons}"


def source(url: str) -> str:
    return f'[[tool.poetry.source]]\nname = "own"\nurl = "{url}"\n'


def test_credentials_of_a_source_come_from_poetrys_variables(
    matrix: Index, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = serve(matrix, credentials=("user", SECRET))
    monkeypatch.setenv("POETRY_HTTP_BASIC_OWN_USERNAME", "user")
    monkeypatch.setenv("POETRY_HTTP_BASIC_OWN_PASSWORD", SECRET)

    text, _ = lock(project(tmp_path / "story", "matrix", more=source(guarded.url)))

    assert 'name = "sound32"' in text


def test_credentials_of_a_source_come_from_netrc(
    matrix: Index, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = serve(matrix, credentials=("user", "secret"))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    text, _ = lock(project(tmp_path / "story", "matrix", more=source(guarded.url)))

    assert 'name = "sound32"' in text


def test_credentials_in_the_address_of_a_source_are_not_written(
    matrix: Index, serve: Serve, tmp_path: Path, run: Run
) -> None:
    guarded = serve(matrix, credentials=("user", "s3cret"))
    address = guarded.url.replace("//", "//user:s3cret@")
    folder = project(tmp_path / "story", "matrix", more=source(address))

    result = run("lockguard fix", folder)

    text = (folder / "poetry.lock").read_text()
    assert result.code == 0
    assert f'url = "{guarded.url.rstrip("/")}"' in text
    assert "s3cret" not in text + result.out + result.err
    assert run("lockguard check", folder).out == "poetry.lock: fresh\n"
    assert run("lockguard fix", folder).out == "poetry.lock: fresh, left alone\n"


def test_an_explicit_source_locks_as_stock_poetry_does(
    matrix: Index, serve: Serve, tmp_path: Path
) -> None:
    folder = project(tmp_path / "story", "matrix", more=source(serve(matrix).url))
    expected = stock_lock(folder, os.environ)
    (folder / "poetry.lock").unlink()

    text, _ = lock(folder)

    assert text == expected
    assert 'reference = "own"' in text


URLS = {
    "https://user:pw@mirror.example/simple": "https://***@mirror.example/simple",
    "via https://t0ken@mirror.example:80/x now": "via https://***@mirror.example:80/x now",
    "https://a:b@c:d@mirror.example/": "https://***@mirror.example/",
    "https://mirror.example/a@b": "https://mirror.example/a@b",
    "https://dev.example/feed@Local/simple": "https://dev.example/feed@Local/simple",
    "file:///home/a@b": "file:///home/a@b",
    "git@forge.example:a/b@main": "git@forge.example:a/b@main",
    "nothing here": "nothing here",
}
RAW = {
    "slash": "http://user:s3cr/et@127.0.0.1:9/simple",
    "digits and a slash": "http://user:12/s3cret@mirror.example/simple",
    "question mark": "http://user:s3cr?et@127.0.0.1:9/simple",
    "number sign": "http://user:#s3cret@127.0.0.1:9/simple",
    "at and slash": "http://user:s3@cr/et@mirror.example/simple",
    "token in the query": "https://mirror.example/simple?token=s3cret",
    "no scheme": "user:s3cr/et@127.0.0.1:9/simple",
    "slashes only": "//user:s3cr/et@127.0.0.1:9/simple",
    "two slashes": "user:s3cr//et@127.0.0.1:9/simple",
    "cut at a space": "http://user:s3cr",
}


@pytest.mark.parametrize(("text", "clean"), URLS.items(), ids=[*URLS.values()])
def test_redacting_takes_user_and_password_and_nothing_else(text: str, clean: str) -> None:
    assert redact(text) == clean
    assert urlsplit(parse(text).url).username is None


@pytest.mark.parametrize("url", RAW.values(), ids=RAW)
def test_an_address_that_cannot_be_asked_is_shown_without_its_secret(url: str) -> None:
    for text in (redact(url), redact(f"{url}: Failed"), shown(url), host(url), str(flaw(url))):
        assert not re.search("s3|cr|et@|user:", text)
    assert flaw(url)


PIECES = st.text("/?#@:%a1-_~!$&()*+,;=", max_size=6)


@given(before=PIECES, after=PIECES)
def test_no_password_is_shown_whatever_surrounds_it(before: str, after: str) -> None:
    url = f"https://user:{before}S3CRET{after}@mirror.example/simple"

    for text in (redact(url), redact(f"cannot ask {url}, sorry"), shown(url), host(url)):
        assert "S3CRET" not in text
        assert "mirror.example" in text


FLAWS = {
    "foo": "is not an http or https URL",
    "": "is not an http or https URL",
    "ftp://mirror.example/": "is not an http or https URL",
    "http:///simple": "is not a URL with a host",
    "http://mirror.example:99999/": "is not a valid URL",
    "http://[half/": "is not a valid URL",
    "http://two words/": "is not a URL with a host",
    "https://mirror.example/simple#a": "has a ? or #, so no package name can be appended",
}


@pytest.mark.parametrize(("url", "reason"), FLAWS.items(), ids=[*FLAWS])
def test_the_flaw_of_an_address_is_told(url: str, reason: str) -> None:
    assert flaw(url) == reason


SOUND = [
    "http://mirror/simple",
    "https://[::1]:8443/simple/",
    f"https://user:{QUOTED}@mirror.example/feed@Local/simple",
]


@pytest.mark.parametrize("url", SOUND)
def test_a_sound_address_has_no_flaw(url: str) -> None:
    assert flaw(url) is None


@pytest.mark.parametrize("command", ["fix", "install"])
@pytest.mark.parametrize("url", [*RAW.values(), "foo"], ids=[*RAW, "word"])
def test_a_mirror_that_is_no_address_is_a_mistake_of_usage(
    url: str, command: str, tmp_path: Path, run: Run
) -> None:
    folder = project(tmp_path / "story", "matrix")

    result = run(f"lockguard {command} --mirror '{url}'", folder)

    assert result.code == 2
    assert "--mirror: " in result.err
    assert "give the http or https URL of an index" in " ".join(result.err.split())
    assert not re.search("s3cr|et@|Failed to parse", result.out + result.err)


@pytest.mark.parametrize("url", [*RAW.values(), "foo"], ids=[*RAW, "word"])
def test_what_is_no_address_in_the_environment_is_passed_over(
    url: str, matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path
) -> None:
    pypi(matrix, here=True).server.fault("/", status(403))
    environ = {"PIP_INDEX_URL": url, "UV_INDEX_URL": serve(matrix).url}

    text, ways = lock(
        project(tmp_path / "story", "matrix"), Network(retries=0, environ=os.environ | environ)
    )

    name, reason = ways.reasons[-1]
    assert 'name = "sound32"' in text
    assert name.endswith(" (PIP_INDEX_URL)")
    assert reason.startswith(("it is not ", "it has a ?"))
    assert not re.search("s3cr|et@", f"{ways.reasons}")


def test_a_request_that_cannot_be_made_is_a_failure_of_its_source() -> None:
    with pytest.raises(SourceFailure, match="its address or credentials are not valid") as caught:
        transport(Network()).get("http://user:s3cr/et@127.0.0.1:9/simple")

    assert "s3cr" not in str(caught.value)


def test_hosts_are_named_with_their_ports() -> None:
    assert host("https://u:p@mirror.example:8443/simple/") == "mirror.example:8443"


def test_a_private_authority_is_trusted_by_name(
    matrix: Index, serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = serve(matrix, tls=True)
    for name in (*certificates.FIRST, *certificates.OTHERS):
        monkeypatch.delenv(name, raising=False)
    for name in (*certificates.FIRST, *certificates.OTHERS):
        spoken = transport(Network(environ={name: str(authority.path)}))

        assert spoken.get(f"{secure.url}/matrix/").status_code == 200
        spoken.close()


def test_an_unknown_authority_fails_at_once_and_says_what_to_set(
    matrix: Index, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure = serve(matrix, tls=True)
    for name in (*certificates.FIRST, *certificates.OTHERS):
        monkeypatch.delenv(name, raising=False)
    began = time.monotonic()

    with pytest.raises(
        SourceFailure,
        match=r"localhost:\d+: TLS failed: its certificate is not trusted .*REQUESTS_CA_BUNDLE",
    ):
        transport(Network(environ={})).get(f"{secure.url}/matrix/")

    assert time.monotonic() - began < 3


def test_a_source_may_have_its_own_certificate(
    matrix: Index,
    serve: Serve,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (*certificates.FIRST, *certificates.OTHERS):
        monkeypatch.delenv(name, raising=False)
    secure = serve(matrix, tls=True)
    folder = project(tmp_path / "story", "matrix", more=source(secure.url))
    (folder / "poetry.toml").write_text(f'[certificates.own]\ncert = "{authority.path}"\n')

    text, _ = lock(folder, Network(environ={}))

    assert 'name = "sound32"' in text


@pytest.mark.parametrize("name", [*certificates.FIRST, *certificates.OTHERS])
def test_a_certificate_that_does_not_exist_is_named_with_its_variable(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(NoEndpointError, match=f"{name} names /nowhere.pem, which does not exist"):
        lock(
            project(tmp_path / "story", "matrix"),
            Network(environ={name: "/nowhere.pem"}),
        )


def test_the_first_certificate_that_exists_is_taken(authority: Authority) -> None:
    environ = {"SSL_CERT_FILE": "/nowhere.pem", "PIP_CERT": str(authority.path)}

    assert certificates.bundle(environ) == str(authority.path)


HANGING_KEYRING = """
import keyring.backend, pathlib, time

class Hanging(keyring.backend.KeyringBackend):
    priority = 20

    def get_password(self, service, username):
        pathlib.Path({mark!r}).touch()
        time.sleep(60)

    def set_password(self, service, username, password):
        time.sleep(60)

    def delete_password(self, service, username):
        time.sleep(60)
"""


def test_unattended_no_keyring_is_asked(
    matrix: Index, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring

    mark = tmp_path / "asked"
    space: dict[str, Any] = {}
    exec(HANGING_KEYRING.format(mark=str(mark)), space)
    before = keyring.get_keyring()
    keyring.set_keyring(space["Hanging"]())
    monkeypatch.delenv("POETRY_KEYRING_ENABLED")
    try:
        folder = project(tmp_path / "story", "matrix", more=source(serve(matrix).url))
        lock(folder, Network(unattended=True))
    finally:
        keyring.set_keyring(before)
        sys.modules.pop("hanging", None)

    assert not mark.exists()


@pytest.mark.parametrize(
    ("environ", "interactive", "expected"),
    [({"CI": "true"}, True, True), ({"CI": "1"}, True, True), ({}, False, True)],
    ids=["CI", "CI as a number", "no interaction"],
)
def test_nobody_watches(environ: dict[str, str], *, interactive: bool, expected: bool) -> None:
    assert is_unattended(environ, interactive=interactive) is expected


def test_retry_after_is_bounded_by_the_deadline(matrix: Index, serve: Serve) -> None:
    busy = serve(matrix)
    busy.fault("/", status(429, headers={"Retry-After": "20"}))
    began = time.monotonic()

    with pytest.raises(SourceFailure, match="answered 429, and no time is left"):
        transport(Network(deadline=began + 3)).get(f"{busy.url}/matrix/")

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("code", [429, 503])
def test_a_host_that_asks_for_an_hour_is_asked_once(code: int, matrix: Index, serve: Serve) -> None:
    busy = serve(matrix)
    busy.fault("/", status(code, headers={"Retry-After": "3600"}))

    with pytest.raises(SourceFailure, match=f"answered {code} and asks to wait 3600 s; try later"):
        transport(Network()).get(f"{busy.url}/matrix/")

    assert len(busy.asked) == 1


def test_an_endless_redirect_is_followed_once(matrix: Index, serve: Serve) -> None:
    turning = serve(matrix)
    turning.fault("/", status(302, headers={"Location": "/simple/matrix/"}))

    with pytest.raises(SourceFailure, match="redirects endlessly; check the address"):
        transport(Network()).get(f"{turning.url}/matrix/")

    assert len(turning.asked) == 31


def test_a_solver_run_prints_nothing(
    matrix: Index, pypi: Pypi, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pypi(matrix, here=True)
    poetry = load(project(tmp_path / "story", "matrix"))

    with Endpoints(poetry, Network()) as ways:
        ways.first(lambda route: solve(poetry, route))

    assert capfd.readouterr() == ("", "")


def test_credentials_of_a_sources_address_are_used_and_not_written(
    matrix: Index, serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(matrix, credentials=("me", "to:ken"))
    url = server.url.replace("://", "://me:to%3Aken@")
    source = f'[[tool.poetry.source]]\nname = "our-corp"\nurl = "{url}"\n'
    folder = project(tmp_path / "story", "matrix", more=source)

    result = run("lockguard fix", folder)

    text = (folder / "poetry.lock").read_text()
    assert result.code == 0, result.err
    assert "ken" not in text
    assert f'url = "{server.url}"\nreference = "our-corp"' in text
    assert result.err.count("poetry config http-basic.our-corp USER PASSWORD") == 1
    assert "POETRY_HTTP_BASIC_OUR_CORP_PASSWORD" in result.err
    assert "ken" not in result.err
    assert run("lockguard check", folder).code == 0
    assert run("lockguard fix", folder).out == "poetry.lock: fresh, left alone\n"
    assert run("lockguard install --dry-run", folder).code == 0
    assert run("install --dry-run --no-root", folder).code == 0
    project(folder, "matrix", "sound32", more=source)
    again = run("lockguard fix", folder)
    assert again.code == 0, again.err
    assert "ken" not in (folder / "poetry.lock").read_text()
