"""An index that is against us costs neither memory nor time, and learns no password."""

from __future__ import annotations

import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from index import status
from poetry.config.config import Config

from poetry_lockguard.index.failures import SourceFailure
from poetry_lockguard.index.network import Network
from poetry_lockguard.index.transport import LARGEST, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from index import Index, Serve
    from index.fixtures import Authority

    Answer = Callable[[BaseHTTPRequestHandler], None]

BLOCK = bytes(1 << 20)


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """Serve one kind of answer, and yield the server's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def headed(request: BaseHTTPRequestHandler, **headers: str) -> None:
    request.send_response(200)
    for name, value in {"Content-Type": "text/html", **headers}.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()


def a_gigabyte(request: BaseHTTPRequestHandler) -> None:
    headed(request, Content_Length=str(1 << 30))
    for _ in range(1 << 10):
        request.wfile.write(BLOCK)


def a_bomb(request: BaseHTTPRequestHandler) -> None:
    content = gzip.compress(bytes(LARGEST + (1 << 20)), 1)
    headed(request, Content_Encoding="gzip", Content_Length=str(len(content)))
    request.wfile.write(content)


def transport(**terms: Any) -> Transport:
    return Transport(Config.create(), Network(**terms), cache_id=None, disable_cache=True)


@pytest.mark.parametrize("answer", [a_gigabyte, a_bomb])
def test_an_answer_without_end_is_left_unread(answer: Answer) -> None:
    with served(answer) as url, pytest.raises(SourceFailure, match="more than 64 MB"):
        transport().get(f"{url}/matrix/")


def a_trickle(request: BaseHTTPRequestHandler) -> None:
    headed(request, Content_Length=str(1 << 20))
    while True:
        request.wfile.write(b"<")
        time.sleep(0.02)


def a_trickle_of_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        request.wfile.write(b"x")
        time.sleep(0.02)


def a_status_that_trickles(request: BaseHTTPRequestHandler) -> None:
    while True:
        request.wfile.write(b"H")
        time.sleep(0.02)


TRICKLES = [a_trickle, a_trickle_of_headers, a_status_that_trickles]


@pytest.mark.parametrize("answer", TRICKLES)
def test_a_trickle_ends_with_the_time(answer: Answer) -> None:
    start = time.monotonic()

    with served(answer) as url, pytest.raises(SourceFailure):
        transport(retries=0, deadline=start + 0.5).get(f"{url}/matrix/")

    assert time.monotonic() - start < 15  # a chunk of it takes more than 20 minutes


@pytest.mark.parametrize("answer", TRICKLES)
def test_a_trickle_ends_without_a_limit_of_time_and_is_not_asked_again(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("poetry_lockguard.index.hanging_up.LONGEST", 0.5)
    asked = []

    def counted(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        answer(request)

    with served(counted) as url, pytest.raises(SourceFailure, match="too slowly"):
        transport(retries=4).get(f"{url}/matrix/")

    assert asked == ["/matrix/"]


@pytest.mark.parametrize("answer", TRICKLES)
def test_a_trickle_in_another_thread_ends_when_the_work_is_stopped(answer: Answer) -> None:
    slow = transport(retries=0)
    with served(answer) as url, ThreadPoolExecutor() as pool:
        asked = pool.submit(slow.get, f"{url}/matrix/")
        time.sleep(0.3)
        slow.stop()

        assert isinstance(asked.exception(timeout=30), SourceFailure)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_away_from_https_is_refused(
    code: int, index: Index, serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.path))
    index.add("matrix", "1.0")
    plain, sealed = serve(index), serve(index, tls=True)
    sealed.fault("/", status(code, headers={"Location": f"{plain.url}/matrix/"}))

    with pytest.raises(SourceFailure, match="redirects to an address without https") as failure:
        transport().get(f"{sealed.url}/matrix/".replace("://", "://me:hush@"))

    assert plain.asked == []
    assert "hush" not in str(failure.value)


def a_slow_circle(request: BaseHTTPRequestHandler) -> None:
    time.sleep(0.3)
    request.send_response(302)
    request.send_header("Location", f"/{time.monotonic()}/")
    request.send_header("Content-Length", "0")
    request.end_headers()


def test_slow_redirects_without_end_end_with_the_time() -> None:
    start = time.monotonic()

    with served(a_slow_circle) as url, pytest.raises(SourceFailure):
        transport(retries=0, deadline=start + 0.5).get(f"{url}/matrix/")

    assert time.monotonic() - start < 5


def test_a_redirect_to_another_host_takes_no_password_along(index: Index, serve: Serve) -> None:
    index.add("matrix", "1.0")
    other, first = serve(index), serve(index)
    first.fault("/", status(302, headers={"Location": f"{other.url}/matrix/"}))
    url = first.url.replace("://", "://me:hush@")

    transport().get(f"{url}/matrix/")

    ((_, _, asked),) = first.asked
    ((_, _, followed),) = other.asked
    assert "Authorization" in asked
    assert "Authorization" not in followed


@pytest.mark.parametrize("kind", ["file://", "ftp://127.0.0.1", "data:text/html,"])
def test_a_redirect_to_something_else_is_not_followed(
    kind: str, index: Index, serve: Serve, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush")
    server = serve(index)
    server.fault("/", status(302, headers={"Location": f"{kind}{secret}"}))

    with pytest.raises(SourceFailure) as failure:
        transport(retries=0).get(f"{server.url}/matrix/")

    assert "hush" not in str(failure.value)
