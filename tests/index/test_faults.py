"""Each way an index can fail has its story: a sentence, a bounded time, and the next route."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from index import cut, hang, login, reset, slow, status
from poetry.core.constraints.version import parse_constraint
from poetry.core.constraints.version.exceptions import ParseConstraintError
from poetry.puzzle.exceptions import SolverProblemError
from poetry.vcs.git import Git
from solving import load, lock, project, solve

from poetry_lockguard.index.failures import SourceFailure, recognised
from poetry_lockguard.index.network import Network
from poetry_lockguard.mirrors.failover import Endpoints, NoEndpointError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index import Index, Pypi, Serve
    from index.faults import Fault


@pytest.fixture
def matrix(index: Index) -> Index:
    index.add("matrix", "1.0", requires=["sound32>=1"])
    index.add("sound32", "1.2")
    return index


STORIES: dict[str, tuple[Callable[[], Fault], str]] = {
    "unauthorized": (lambda: status(401), r"127\.0\.0\.1:\d+ answered 401 Unauthorized"),
    "forbidden": (lambda: status(403), r"answered 403 Forbidden"),
    "too many": (lambda: status(429, headers={"Retry-After": "0"}), r"answered 429 Too Many"),
    "server error": (lambda: status(503), r"answered 503 Service Unavailable"),
    "not an index": (lambda: status(404), r"answered 404 Not Found for /simple/\w+/; check"),
    "cut short": (cut, r"127\.0\.0\.1:\d+ closed the connection too early; try again"),
    "reset": (reset, r"127\.0\.0\.1:\d+ cannot be reached: .*; check the network"),
    "login page": (login, r"answered with a web page \(a login\?\) instead of an index page"),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "sentence"), STORIES.values(), ids=STORIES)
def test_a_broken_mirror_is_left_for_the_next(  # noqa: PLR0913, PLR0917 - fixtures
    fault: Callable[[], Fault],
    sentence: str,
    matrix: Index,
    serve: Serve,
    pypi: Pypi,
    tmp_path: Path,
) -> None:
    pypi(matrix, here=True).server.fault("/", status(403))
    broken, healthy = serve(matrix), serve(matrix)
    broken.fault("/simple/", fault())

    _, ways = lock(
        project(tmp_path / "story", "matrix"),
        Network(mirrors=(broken.url, healthy.url), retries=1),
    )

    name, reason = ways.reasons[-1]
    assert name == f"{broken.url} (--mirror)"
    assert re.search(sentence, reason)
    assert "sound32" in "".join(healthy.paths("/files/"))


def test_a_hanging_index_is_left_in_bounded_time(
    matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("poetry_lockguard.index.transport.REQUESTS_TIMEOUT", 1)
    pypi(matrix, here=True).server.fault("/", hang())
    healthy = serve(matrix)

    began = time.monotonic()
    _, ways = lock(project(tmp_path / "story", "matrix"), Network(mirrors=(healthy.url,)))

    assert time.monotonic() - began < 10
    assert all("did not answer in time" in reason for _, reason in ways.reasons)
    assert ways.reasons[-1][1] == "its host did not answer in time"  # it was not asked again


def test_the_deadline_ends_a_hang_and_leaves_no_thread(
    matrix: Index, pypi: Pypi, tmp_path: Path
) -> None:
    pypi(matrix, here=True).server.fault("/", hang())
    began = time.monotonic()

    with pytest.raises(NoEndpointError, match=r"did not answer in time|--timeout"):
        lock(project(tmp_path / "story", "matrix"), Network(deadline=began + 2))

    assert time.monotonic() - began < 6
    assert not [one for one in threading.enumerate() if one.name.startswith("lockguard")]


FAULTS: dict[str, Callable[[], Fault]] = {
    "503 twice": lambda: status(503, times=2),
    "429 with Retry-After": lambda: status(429, times=1, headers={"Retry-After": "1"}),
    "cut once": lambda: cut(times=1),
    "reset once": lambda: reset(times=1),
    "late": lambda: slow(0.5),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_what_passes_is_waited_for(
    fault: Callable[[], Fault], matrix: Index, pypi: Pypi, tmp_path: Path
) -> None:
    pypi(matrix, here=True).server.fault("/simple/matrix/", fault())

    text, ways = lock(project(tmp_path / "story", "matrix"))

    assert 'name = "sound32"' in text
    assert ways.reasons == []


@pytest.mark.parametrize("code", [401, 403, 404])
def test_what_does_not_pass_is_asked_once(
    code: int, matrix: Index, pypi: Pypi, tmp_path: Path
) -> None:
    run = pypi(matrix, here=True)
    run.server.fault("/", status(code))

    with pytest.raises(NoEndpointError):
        lock(project(tmp_path / "story", "matrix"))

    api_and_pages = 2
    assert len(run.server.paths("/simple/matrix/")) == api_and_pages


def test_a_failure_in_the_middle_of_solving_takes_the_next_route_with_it(
    matrix: Index, pypi: Pypi, serve: Serve, tmp_path: Path
) -> None:
    run = pypi(matrix, here=True)
    run.server.fault("/pypi/sound32/", status(404))
    run.server.fault("/simple/sound32/", status(500, times=None))
    healthy = serve(matrix)

    text, ways = lock(
        project(tmp_path / "story", "matrix"), Network(mirrors=(healthy.url,), retries=0)
    )

    assert 'name = "sound32"' in text
    assert len(ways.reasons) == 2


def test_an_index_without_release_documents_is_read_page_by_page(
    matrix: Index, pypi: Pypi, tmp_path: Path
) -> None:
    pypi(matrix, here=True, api=False)

    _, ways = lock(project(tmp_path / "story", "matrix"))

    assert re.search(r"answered 404 Not Found for /pypi/\w+/[\d.]+/json", ways.reasons[0][1])


def test_a_conflict_is_no_failure_of_the_network(
    matrix: Index, pypi: Pypi, serve: Serve, tmp_path: Path
) -> None:
    pypi(matrix, here=True)
    unasked = serve(matrix)

    with pytest.raises(SolverProblemError, match=r"sound32 \(<1\)"):
        lock(project(tmp_path / "story", "matrix", "sound32<1"), Network(mirrors=(unasked.url,)))

    assert unasked.asked == []


def test_offline_asks_nobody(matrix: Index, pypi: Pypi, tmp_path: Path) -> None:
    run = pypi(matrix, here=True)

    with pytest.raises(NoEndpointError, match="was not asked: --offline"):
        lock(project(tmp_path / "story", "matrix"), Network(offline=True))

    assert run.server.asked == []


def source(name: str, url: str, priority: str = "primary") -> str:
    return f'[[tool.poetry.source]]\nname = "{name}"\nurl = "{url}"\npriority = "{priority}"\n'


def test_a_project_that_replaces_pypi_has_one_route(
    matrix: Index, serve: Serve, tmp_path: Path
) -> None:
    own, other = serve(matrix), serve(matrix)
    own.fault("/simple/", status(500))
    folder = project(tmp_path / "story", "matrix", more=source("own", own.url))

    with pytest.raises(NoEndpointError) as caught:
        lock(folder, Network(mirrors=(other.url,), retries=0))

    assert [name for name, _ in caught.value.reasons] == ["the configured sources"]
    assert other.asked == []


@pytest.mark.parametrize("code", [401, 403])
def test_a_source_that_denies_is_passed_over_as_poetry_does(
    code: int, matrix: Index, serve: Serve, tmp_path: Path
) -> None:
    denying, open_to_all = serve(matrix), serve(matrix)
    denying.fault("/simple/", status(code))
    more = source("denying", denying.url) + source("open", open_to_all.url)

    text, _ = lock(project(tmp_path / "story", "matrix", more=more))

    assert text.count('reference = "open"') == 2


def test_denial_is_the_reason_when_no_source_has_the_package(
    matrix: Index, serve: Serve, tmp_path: Path
) -> None:
    denying = serve(matrix, credentials=("user", "secret"))
    folder = project(tmp_path / "story", "matrix", more=source("denying", denying.url))

    with pytest.raises(NoEndpointError, match=r"answered 401 Unauthorized .*; set its credentials"):
        lock(folder)


def test_work_goes_on_where_it_went_last(
    matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path
) -> None:
    run: Any = pypi(matrix, here=True)
    run.server.fault("/", status(403))
    poetry = load(project(tmp_path / "story", "matrix"))

    with Endpoints(poetry, Network(mirrors=(serve(matrix).url,), retries=0)) as ways:
        ways.first(lambda route: solve(poetry, route))
        asked = len(run.server.asked)
        ways.first(lambda route: solve(poetry, route))

    assert len(run.server.asked) == asked


def met(work: Callable[[], object]) -> SourceFailure | None:
    """Return what is recognised in the error that ``work`` ends with."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever Poetry or git raise
        return recognised(error)
    return None


GIT: dict[str, tuple[Callable[[], Fault], str]] = {
    "reset": (reset, r"127\.0\.0\.1:\d+ cannot be reached: .*; check the network"),
    "not found": (
        lambda: status(404),
        r"http://\*\*\*@127\.0\.0\.1:\d+/x\.git is not a git repository that can be read; .*",
    ),
    "error": (
        lambda: status(500),
        r"http://\*\*\*@127\.0\.0\.1:\d+/x\.git answered git with 500; .*",
    ),
    "denied": (
        lambda: status(401),
        r"http://\*\*\*@127\.0\.0\.1:\d+/x\.git could not be cloned by git.*",
    ),
    "a page": (
        login,
        r"http://\*\*\*@127\.0\.0\.1:\d+/x\.git is not a git repository that can be read; .*",
    ),
}


@pytest.mark.parametrize(("fault", "sentence"), GIT.values(), ids=GIT)
def test_a_failing_git_host_is_recognised_and_named(  # noqa: PLR0913, PLR0917 - fixtures
    fault: Callable[[], Fault],
    sentence: str,
    matrix: Index,
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    broken = serve(matrix)
    broken.fault("/", fault())
    url = f"{broken.base}/x.git".replace("://", "://user:s3cret@")

    failure = met(lambda: Git.clone(url=url, source_root=tmp_path, branch="main"))

    assert re.fullmatch(sentence, str(failure))


def test_a_git_host_out_of_reach_is_recognised_and_named(refused: str, tmp_path: Path) -> None:
    failure = met(lambda: Git.clone(url=f"{refused}/x.git", source_root=tmp_path, branch="main"))

    assert re.fullmatch(r"127\.0\.0\.1:\d+ cannot be reached: connection refused; .*", str(failure))


def test_an_index_without_json_is_recognised(matrix: Index, serve: Serve) -> None:
    answer = requests.get(f"{serve(matrix).url}/matrix/", timeout=5)

    failure = met(answer.json)

    assert re.search("answered with other data instead of JSON", str(failure))


OTHERS = [ValueError("no version"), KeyError("name"), RuntimeError("no candidates")]


@pytest.mark.parametrize("error", OTHERS, ids=repr)
def test_what_no_host_did_is_not_recognised(error: Exception) -> None:
    assert recognised(error) is None


def test_a_text_that_cannot_be_read_is_no_failure_of_the_network() -> None:
    def refuse() -> None:
        raise requests.exceptions.ConnectionError("refused")

    def read() -> None:
        try:
            refuse()
        except requests.exceptions.ConnectionError:
            parse_constraint(">=1.*.x")

    with pytest.raises(ParseConstraintError) as caught:
        read()

    assert recognised(caught.value) is None


def test_a_request_after_a_text_that_cannot_be_read_fails_for_its_own_reason() -> None:
    def ask() -> None:
        try:
            parse_constraint(">=1.*.x")
        except ParseConstraintError:
            raise requests.exceptions.ConnectionError("refused") from None

    def ask_in_its_course() -> None:
        try:
            parse_constraint(">=1.*.x")
        except ParseConstraintError:
            raise requests.exceptions.ConnectionError("refused")  # noqa: B904 - as Poetry does

    for asking in (ask, ask_in_its_course):
        with pytest.raises(requests.exceptions.ConnectionError) as caught:
            asking()

        assert "cannot be reached: refused" in str(recognised(caught.value))
