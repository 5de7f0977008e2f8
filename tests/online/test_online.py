"""``check --online``: what indexes, repositories and archives say of every pin."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Result
from index import hang, login, reset, slow, status
from online_locks import held, legacy, pin, told, write

from poetry_lockguard import __main__ as script
from poetry_lockguard.index import transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from index import Index, Pypi, Serve

    Door = Callable[[str, Path], Result]

SECRET = "s3cr%3Aet"
MIRROR = '\n[tool.lockguard]\nmirrors = ["{}"]\n'
SOURCE = '\n[[tool.poetry.source]]\nname = "own"\nurl = "{}"\npriority = "explicit"\n'
SOON = "\n[tool.lockguard]\ntimeout = 1.5\n"


@pytest.fixture
def fast(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Door:
    """The console script."""

    def drive(command: str, folder: Path) -> Result:
        monkeypatch.chdir(folder)
        code = script.main(["--no-ansi", "--no-interaction", *shlex.split(command)])
        out, err = capfd.readouterr()
        return Result(code, out, err)

    return drive


@pytest.fixture
def check(run: Door) -> Callable[..., Result]:
    def drive(folder: Path, options: str = "") -> Result:
        return run(f"lockguard check --online {options}", folder)

    return drive


@pytest.fixture
def matrix(index: Index) -> Index:
    index.add("matrix", "1.0", tags=["py3-none-any", "cp313-cp313-win_amd64"])
    index.add("sound", "2.0")
    index.add("sound", "2.1")
    return index


def locked(index: Index, folder: Path, *more: str, **how: Any) -> Path:
    pins = [pin("matrix", "1.0", held(index, "matrix", "1.0"))]
    pins.append(pin("sound", "2.0", held(index, "sound", "2.0")))
    return write(folder, [*pins, *more], **how)


FACES = pytest.mark.parametrize("face", [True, False], ids=["json", "html"])


@pytest.mark.contract
@FACES
def test_a_sound_lock_is_two_lines(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], face: bool
) -> None:
    pypi(matrix, here=True, json=face)

    result = check(locked(matrix, tmp_path))

    assert result == Result(0, "poetry.lock: fresh\nonline: asked about 2 pins: no problems\n", "")


GONE = (
    "file-gone: sound: 2.0 is no longer offered by PyPI: none of its files exists;"
    " run `poetry update sound`"
)


@pytest.mark.contract
@FACES
def test_a_release_that_vanished_is_one_error(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], face: bool
) -> None:
    folder = locked(matrix, tmp_path)
    matrix.remove("sound", "2.0")
    pypi(matrix, here=True, json=face)

    result = check(folder)

    assert result.out == (f"poetry.lock: broken\n  {GONE}\nonline: asked about 2 pins: 1 error\n")
    assert result.code == 1


@FACES
def test_a_package_that_vanished_is_one_error(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], face: bool
) -> None:
    folder = locked(matrix, tmp_path)
    matrix.remove("sound")
    pypi(matrix, here=True, json=face)

    result = check(folder)

    assert told(result) == [
        (
            "file-gone: sound: locked at 2.0, but PyPI no longer has a package of that name;"
            " declare the source that has it, or remove the requirement"
        )
    ]
    assert result.code == 1


@FACES
def test_one_file_that_vanished_is_named(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], face: bool
) -> None:
    files = {**held(matrix, "matrix", "1.0"), "matrix-1.0-cp39-none-any.whl": "sha256:" + "a" * 64}
    pypi(matrix, here=True, json=face)

    result = check(write(tmp_path, [pin("matrix", "1.0", files)]))

    assert told(result) == [
        (
            "file-gone: matrix: locked at 1.0, but matrix-1.0-cp39-none-any.whl of its 4 files is"
            " no longer offered by PyPI; run `poetry update matrix`"
        )
    ]


@pytest.mark.contract
@FACES
def test_a_file_with_other_bytes_is_an_error(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], face: bool
) -> None:
    files = held(matrix, "sound", "2.0")
    name = "sound-2.0.tar.gz"
    now, files[name] = files[name], "sha256:" + "a" * 64
    pypi(matrix, here=True, json=face)

    result = check(write(tmp_path, [pin("sound", "2.0", files)]))

    assert result.code == 1
    assert result.out.startswith("poetry.lock: broken\n")
    assert told(result) == [
        (
            f"file-changed: sound: {name} of 2.0 is offered by PyPI with a different hash"
            f" ({now[:19]}…, locked sha256:aaaaaaaaaaaa…); find out why before you trust it,"
            " then run `poetry update sound`"
        )
    ]


@FACES
def test_the_same_bytes_under_another_name_are_no_problem(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], face: bool
) -> None:
    files = {name.replace("sound", "Sound"): hash_.upper().replace("SHA", "sha") for name, hash_ in
             held(matrix, "sound", "2.0").items()}  # fmt: skip
    pypi(matrix, here=True, json=face)

    result = check(write(tmp_path, [pin("sound", "2.0", files)]))

    assert (result.code, told(result)) == (0, [])


YANKED = {
    "with a reason": ("it <eats> data & more", ': "it <eats> data & more"'),
    "without a reason": (True, ", without a reason"),
}


@pytest.mark.contract
@FACES
@pytest.mark.parametrize(("yanked", "said"), YANKED.values(), ids=YANKED)
def test_a_yanked_release_is_a_warning_with_its_reason(  # noqa: PLR0913, PLR0917 - fixtures
    index: Index,
    pypi: Pypi,
    tmp_path: Path,
    check: Callable[..., Result],
    face: bool,
    yanked: str | bool,
    said: str,
) -> None:
    index.add("matrix", "1.0", yanked=yanked)
    pypi(index, here=True, json=face)

    result = check(write(tmp_path, [pin("matrix", "1.0", held(index, "matrix", "1.0"))]))

    assert result == Result(
        0,
        f"poetry.lock: fresh\n  yanked (warning): matrix: 1.0 was yanked from PyPI{said};"
        " run `poetry update matrix`\n"
        "online: asked about 1 pin: 1 warning\n",
        "",
    )


HOSTILE = (
    "\x1b[2J\x1b]0;title\x07 no\r\n::error file=x::injected\n::set-output name=a::b\n"
    "\u202egnp ##[error]also " + "long " * 5000
)


@FACES
@pytest.mark.parametrize("how", ["text", "github", "json"])
def test_a_hostile_reason_is_one_harmless_line(  # noqa: PLR0913, PLR0917 - fixtures
    index: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], face: bool, how: str
) -> None:
    index.add("matrix", "1.0", yanked=HOSTILE)
    pypi(index, here=True, json=face)
    folder = write(tmp_path, [pin("matrix", "1.0", held(index, "matrix", "1.0"))])

    result = check(folder, f"--format {how}")

    said = result.out
    if how == "json":
        (problem,) = json.loads(said)["projects"][0]["problems"]
        said = problem["message"]
    assert len(said) < 600
    assert all(character.isprintable() or character == "\n" for character in said)
    assert "##[" not in said
    commands = [line for line in said.splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == (how == "github")
    assert "]0;title no ::error file=x::injected" in said.replace("%3A", ":")


def test_annotations_point_at_the_pin(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    folder = locked(matrix, tmp_path)
    matrix.remove("sound", "2.0")
    pypi(matrix, here=True)

    result = check(folder, "--format github")

    line = (folder / "poetry.lock").read_text().splitlines().index('name = "sound"')
    assert (
        result.out == f"::error file=poetry.lock,line={line},title={GONE.replace(': ', '::', 1)}\n"
    )


def test_json_problems_have_the_keys_of_every_check(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    folder = locked(matrix, tmp_path)
    matrix.remove("sound", "2.0")
    pypi(matrix, here=True)

    result = check(folder, "--format json")

    (judged,) = json.loads(result.out)["projects"]
    assert judged["status"] == "broken"
    assert judged["problems"] == [
        {
            "code": "file-gone",
            "severity": "error",
            "message": GONE.removeprefix("file-gone: "),
            "package": "sound",
            "group": None,
            "requested": None,
            "locked": "2.0",
            "line": 16,
            "help": "lockguard explain file-gone",
        }
    ]
    assert result.err == ""


DOORS = ["--online", "--online --format json", "--deep --online", "--online -r .", "-q --online"]


@pytest.mark.parametrize("options", DOORS)
def test_both_doors_say_the_same(  # noqa: PLR0913, PLR0917 - fixtures
    matrix: Index, pypi: Pypi, tmp_path: Path, run: Door, fast: Door, options: str
) -> None:
    folder = locked(matrix, tmp_path)
    matrix.remove("sound", "2.0")
    pypi(matrix, here=True)

    results = fast(f"check {options}", folder), run(f"lockguard check {options}", folder)

    assert results[0] == results[1]
    assert results[0].code == 1


def test_a_stale_lock_is_asked_about_too(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    matrix.add("old", "1.0", yanked="tired")
    pypi(matrix, here=True)
    files = held(matrix, "old", "1.0")

    result = check(locked(matrix, tmp_path, pin("old", "1.0", files), stale=True))

    assert result.out.startswith("poetry.lock: stale\n  requirement-removed: matrix")
    assert 'yanked (warning): old: 1.0 was yanked from PyPI: "tired"' in result.out
    assert result.code == 1


UNREADABLE = {
    "missing": None,
    "broken": "<<<<<<< HEAD\n",
    "unsupported": '[metadata]\nlock-version = "9.0"\n',
}


@pytest.mark.parametrize(("state", "text"), UNREADABLE.items(), ids=UNREADABLE)
def test_what_cannot_be_read_is_not_asked_about(  # noqa: PLR0913, PLR0917 - fixtures
    matrix: Index,
    pypi: Pypi,
    tmp_path: Path,
    check: Callable[..., Result],
    state: str,
    text: str | None,
) -> None:
    folder = locked(matrix, tmp_path)
    (folder / "poetry.lock").unlink()
    if text is not None:
        (folder / "poetry.lock").write_text(text)
    server = pypi(matrix, here=True).server

    result = check(folder)

    assert result.out.startswith(f"poetry.lock: {state}\n")
    assert result.out.endswith("online: there is no pin to check\n")
    assert (result.code, server.asked) == (1, [])


def files_below(folder: Path) -> dict[Path, tuple[bytes, float]]:
    return {
        path: (path.read_bytes(), path.stat().st_mtime)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.contract
def test_nothing_is_written_anywhere(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], poetry_home: Path
) -> None:
    folder = locked(matrix, tmp_path / "story")
    before = files_below(tmp_path), files_below(poetry_home)
    pypi(matrix, here=True)

    check(folder)

    assert (files_below(tmp_path), files_below(poetry_home)) == before


def test_two_projects_ask_for_each_page_once(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    locked(matrix, tmp_path / "a")
    write(tmp_path / "b", [pin("sound", "2.1", held(matrix, "sound", "2.1"))])
    matrix.remove("sound", "2.0")
    server = pypi(matrix, here=True).server

    result = check(tmp_path, "-r")

    assert sorted(server.paths()) == ["/simple/matrix/", "/simple/sound/"]
    gone = GONE.replace("poetry update", "poetry -C a update")
    assert result.out.startswith(f"a/poetry.lock: broken\n  {gone}\nb/poetry.lock: fresh\n")
    assert result.out.endswith("online: asked about 3 pins: 1 error\n")


def test_projects_with_other_mirrors_ask_for_themselves(
    matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    pypi(matrix, here=True).server.fault("/", status(403))
    one, other = serve(matrix), serve(matrix)
    locked(matrix, tmp_path / "a", more=MIRROR.format(one.url))
    locked(matrix, tmp_path / "b", more=MIRROR.format(other.url))

    result = check(tmp_path, "-r")

    assert result.code == 0
    assert len(one.asked) == len(other.asked) == 2


@pytest.mark.contract
@FACES
def test_a_mirror_answers_for_pypi_and_is_named(  # noqa: PLR0913, PLR0917 - fixtures
    matrix: Index,
    serve: Serve,
    pypi: Pypi,
    tmp_path: Path,
    check: Callable[..., Result],
    face: bool,
) -> None:
    pypi(matrix, here=True).server.fault("/", status(403))
    folder = locked(matrix, tmp_path)
    matrix.remove("sound", "2.0")
    mirror = serve(matrix, json=face)
    manifest = folder / "pyproject.toml"
    manifest.write_text(manifest.read_text() + MIRROR.format(mirror.url))

    result = check(folder)

    host = mirror.base.removeprefix("http://")
    assert told(result) == [GONE.replace("PyPI", f"{host} (for PyPI)")]


def test_a_mirror_answers_for_the_page_that_pypi_cannot_give(
    matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    pypi(matrix, here=True).server.fault("/simple/sound/", status(403))
    mirror = serve(matrix)

    result = check(locked(matrix, tmp_path, more=MIRROR.format(mirror.url)))

    assert result.code == 0
    assert mirror.paths() == ["/simple/sound/"]


@pytest.mark.contract
@FACES
def test_a_pin_of_a_source_is_asked_for_there(  # noqa: PLR0913, PLR0917 - fixtures
    matrix: Index,
    serve: Serve,
    pypi: Pypi,
    tmp_path: Path,
    check: Callable[..., Result],
    face: bool,
) -> None:
    public = pypi(matrix, here=True).server
    own = serve(matrix, json=face, credentials=("user", "s3cr:et"))
    address = own.url.replace("://", f"://user:{SECRET}@")
    there = pin("sound", "2.0", held(matrix, "sound", "2.0"), legacy("own", own.url))
    folder = write(tmp_path, [there], more=SOURCE.format(address))
    matrix.remove("sound", "2.0")

    result = check(folder)

    assert told(result) == [GONE.replace("PyPI", "source own")]
    assert own.paths() == ["/simple/sound/"]
    assert public.asked == []


@pytest.mark.parametrize("how", ["text", "github", "json"])
def test_a_source_that_denies_is_told_without_its_password(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[..., Result], how: str
) -> None:
    own = serve(matrix, credentials=("user", "another"))
    address = own.url.replace("://", f"://user:{SECRET}@")
    there = pin("sound", "2.0", held(matrix, "sound", "2.0"), legacy("own", address))

    result = check(write(tmp_path, [there], more=SOURCE.format(address)), f"--format {how}")

    assert result.code == 2
    assert "answered 401 Unauthorized for /simple/sound/; set its credentials" in result.out
    assert "s3cr" not in result.out + result.err


def test_a_source_that_nobody_declared_is_not_asked(
    matrix: Index, serve: Serve, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    pypi(matrix, here=True)
    own = serve(matrix)
    there = pin("other", "2.0", {}, legacy("own", own.url))

    result = check(locked(matrix, tmp_path, there))

    undeclared, *others = told(result)
    assert undeclared.startswith("source-undeclared: other: locked at 2.0 from the source own")
    assert others == [
        (
            "unreachable: source own could not be asked about other: pyproject.toml does not"
            " declare it, or leaves it to a plugin; declare it"
        )
    ]
    assert (result.code, own.asked) == (2, [])
    assert result.out.endswith("online: 3 pins, not all of which could be checked: 1 error\n")


def test_a_source_that_has_none_of_its_packages_is_doubted(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[..., Result]
) -> None:
    own = serve(matrix)
    address = own.url.replace("/simple", "/simpel")
    pins = [pin(name, "2.0", {}, legacy("own", address)) for name in ("matrix", "sound")]

    result = check(write(tmp_path, pins, more=SOURCE.format(address)))

    assert told(result) == [
        (
            "unreachable: source own could not be asked about matrix, sound: it has none of the 2"
            " packages; check its URL"
        )
    ]
    assert result.code == 2


DOWN = {
    "401": (status(401), "answered 401 Unauthorized for /simple/"),
    "403": (status(403), "answered 403 Forbidden for /simple/"),
    "404": (status(404), "answered 404 Not Found for /simple/"),
    "500": (status(500), "answered 500, and no time is left (timeout)"),
    "an hour's wait": (
        status(503, headers={"Retry-After": "3600"}),
        "answered 503 and asks to wait 3600 s; try later",
    ),
    "a page to log in": (login(), "answered with a web page (a login?) instead of an index page"),
    "silence": (hang(), "did not answer in time; check the network"),
    "resets": (reset(), "failed, and no time is left (timeout)"),
}


@pytest.mark.parametrize(("fault", "reason"), DOWN.values(), ids=DOWN)
def test_an_index_that_is_down_is_one_line_and_exit_code_2(  # noqa: PLR0913, PLR0917 - fixtures
    matrix: Index,
    pypi: Pypi,
    tmp_path: Path,
    check: Callable[..., Result],
    fault: Any,
    reason: str,
) -> None:
    for number in range(30):
        matrix.add(f"package-{number}", "1.0", sdist=False)
    names = [name for name in matrix.projects if name.startswith("package")]
    pins = [pin(name, "1.0", held(matrix, name, "1.0")) for name in names]
    folder = locked(matrix, tmp_path, *pins, more=SOON)
    server = pypi(matrix, here=True).server
    server.fault("/", fault)
    began = time.monotonic()

    result = check(folder)

    assert result.code == 2
    assert result.out.startswith("poetry.lock: fresh\n  unreachable: PyPI could not be asked about")
    assert len(told(result)) == 1
    assert "matrix, package-0, package-1 and 29 more: " in result.out
    assert reason in result.out
    assert len(server.asked) < 25
    assert time.monotonic() - began < 8


def test_garbage_is_no_page_of_an_index(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    run = pypi(matrix, here=True, json=False)
    run.server.fault("/", status(200))

    result = check(locked(matrix, tmp_path))

    assert result.code == 2
    assert "answered with another page instead of an index page; check the address" in result.out


def test_nobody_listening_is_told(
    matrix: Index, refused: str, tmp_path: Path, check: Callable[..., Result]
) -> None:
    there = pin("sound", "2.0", held(matrix, "sound", "2.0"), legacy("own", refused))

    result = check(write(tmp_path, [there], more=SOURCE.format(refused) + SOON))

    assert result.code == 2
    assert "unreachable: source own could not be asked about sound: 127.0.0.1:" in result.out


def test_a_host_that_says_nothing_is_asked_once(
    matrix: Index,
    serve: Serve,
    tmp_path: Path,
    check: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "REQUESTS_TIMEOUT", 0.5)
    server = serve(matrix)
    server.fault("/", hang())
    pins = [
        pin(name, version, held(matrix, name, version), legacy("own", server.url))
        for name, version in (("matrix", "1.0"), ("sound", "2.0"))
    ]

    result = check(write(tmp_path, pins, more=SOURCE.format(server.url)))

    assert "source own could not be asked about matrix, sound: 127.0.0.1:" in result.out
    assert (result.code, len(server.asked)) == (2, 1)


def test_an_endless_page_is_given_up(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[..., Result]
) -> None:
    server = serve(matrix)
    blown = gzip.compress(bytes(transport.LARGEST + 1), compresslevel=1)
    server.fault("/", status(200, headers={"Content-Encoding": "gzip"}, body=blown))
    there = pin("sound", "2.0", held(matrix, "sound", "2.0"), legacy("own", server.url))

    result = check(write(tmp_path, [there], more=SOURCE.format(server.url)))

    assert "answered with more than 64 MB instead of a page; check the address" in result.out
    assert (result.code, len(server.asked)) == (2, 1)


def test_a_password_does_not_follow_to_another_host(
    matrix: Index, serve: Serve, tmp_path: Path, check: Callable[..., Result]
) -> None:
    server, other = serve(matrix), serve(matrix)
    elsewhere = f"{other.url}/sound/".replace("127.0.0.1", "localhost")
    server.fault("/", status(302, headers={"Location": elsewhere}))
    there = pin("sound", "2.0", held(matrix, "sound", "2.0"), legacy("own", server.url))
    known = server.url.replace("://", f"://user:{SECRET}@")

    result = check(write(tmp_path, [there], more=SOURCE.format(known)))

    assert result.code == 0, result.out
    assert "Authorization" in server.asked[0][2]
    assert [[*headers] for _, _, headers in other.asked if "Authorization" in headers] == []
    assert len(other.asked) == 1
    assert SECRET not in result.out + result.err


def test_one_page_that_fails_leaves_the_others_judged(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    folder = locked(matrix, tmp_path)
    matrix.remove("matrix")
    matrix.add("pip", "1.0")
    pypi(matrix, here=True).server.fault("/simple/sound/", status(403))

    result = check(folder)

    assert [line.partition(":")[0] for line in told(result)] == ["file-gone", "unreachable"]
    assert "PyPI could not be asked about sound: " in result.out
    assert result.code == 2


def test_an_index_that_was_busy_is_asked_again(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    server = pypi(matrix, here=True).server
    server.fault("/", status(503, times=1, headers={"Retry-After": "0"}))

    result = check(locked(matrix, tmp_path))

    assert result.code == 0


def test_a_certificate_file_that_is_not_there_is_told(
    matrix: Index, tmp_path: Path, check: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")

    result = check(locked(matrix, tmp_path))

    assert told(result) == [
        (
            "unreachable: no index could be asked about its pins: REQUESTS_CA_BUNDLE names"
            " /nowhere.pem, which does not exist; point REQUESTS_CA_BUNDLE at a certificate file or"
            " unset it"
        )
    ]
    assert result.code == 2


OLD = """\
[[package]]
name = "sound"
version = "2.0"
description = ""
category = "main"
optional = false
python-versions = "*"

[[package]]
name = "sound"
version = "2.1"
description = ""
category = "main"
optional = false
python-versions = "*"

[metadata]
lock-version = "1.1"
python-versions = ">=3.10"
content-hash = "0"

[metadata.files]
sound = [
"""


def test_a_format_that_keeps_files_of_all_versions_together_is_understood(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    files = held(matrix, "sound", "2.0") | held(matrix, "sound", "2.1")
    listed = "".join(
        f'    {{file = "{name}", hash = "{hash_}"}},\n' for name, hash_ in files.items()
    )
    folder = locked(matrix, tmp_path)
    (folder / "poetry.lock").write_text(f"{OLD}{listed}]\n")
    matrix.remove("sound", "2.0")
    pypi(matrix, here=True)

    result = check(folder)

    assert [line for line in told(result) if line.startswith("file-")] == [GONE]


def test_a_project_that_poetry_refuses_stops_no_other(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    pypi(matrix, here=True)
    locked(matrix, tmp_path / "a", more='\n[[tool.poetry.source]]\nname = "own"\nurl = 3\n')
    locked(matrix, tmp_path / "b")

    result = check(tmp_path, "-r")

    assert result.code == 2
    assert "a/pyproject.toml: Poetry refuses it" in result.err
    assert result.out == (
        "b/poetry.lock: fresh\n2 projects: 1 fresh, 1 could not be checked\n"
        "online: asked about 2 pins: no problems\n"
    )


def test_pages_are_asked_for_at_once(
    index: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    for number in range(20):
        index.add(f"package-{number}", "1.0", sdist=False)
    pins = [pin(name, "1.0", held(index, name, "1.0")) for name in index.projects]
    server = pypi(index, here=True).server
    server.fault("/simple/", slow(0.05))

    result = check(write(tmp_path, pins))

    assert result.code == 0
    assert server.most_at_once > 4


SNAPSHOT = {
    "lockguard_version": 1,
    "project": {"name": "story", "requires_python": None, "content_hash": None, "requirements": {}},
    "configurations": {},
}


def snapshot(folder: Path, packages: dict[str, list[dict[str, Any]]]) -> None:
    (folder / "lockguard.lock").write_text(json.dumps({**SNAPSHOT, "packages": packages}))


def entry(version: str, files: dict[str, str]) -> dict[str, Any]:
    return {
        "version": version, "source": {"type": "pypi"}, "requires_python": None,
        "dependencies": [], "files": files, "reproducible": True,
    }  # fmt: skip


def test_pins_that_only_the_snapshot_holds_are_asked_about_too(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result]
) -> None:
    folder = locked(matrix, tmp_path)
    both = [entry(version, held(matrix, "sound", version)) for version in ("2.1", "2.0")]
    snapshot(folder, {"sound": both})
    matrix.remove("sound")
    server = pypi(matrix, here=True).server

    result = check(folder)

    assert [line.partition(", but")[0] for line in told(result)] == [
        "file-gone: sound: locked at 2.0",
        "file-gone: sound: locked at 2.1",
    ]
    assert result.out.endswith("online: asked about 3 pins: 2 errors\n")
    assert server.paths("/simple/sound/") == ["/simple/sound/"]


@pytest.mark.parametrize("options", ["", "--deep"])
def test_a_snapshot_that_cannot_be_read_is_told_once(
    matrix: Index, pypi: Pypi, tmp_path: Path, check: Callable[..., Result], options: str
) -> None:
    folder = locked(matrix, tmp_path)
    (folder / "lockguard.lock").write_text("{")
    pypi(matrix, here=True)

    result = check(folder, options)

    assert [line for line in told(result) if line.startswith("snapshot-unreadable")] == [
        line for line in told(result) if "lockguard.lock" in line
    ]
    assert len([line for line in told(result) if "lockguard.lock" in line]) == 1
    assert result.code == 1


def test_without_online_nothing_of_poetry_is_loaded(matrix: Index, tmp_path: Path) -> None:
    folder = locked(matrix, tmp_path)
    program = (
        "import sys; from poetry_lockguard.__main__ import main; main(['check']);"
        "print([name for name in sys.modules if name.startswith('poetry.')"
        " or name.startswith(('poetry_lockguard.index', 'poetry_lockguard.poetry_api',"
        " 'poetry_lockguard.online', 'poetry_lockguard.freshness.releases'))])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    )

    assert ran.stdout == "poetry.lock: fresh\n[]\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_progress_is_for_terminals_and_leaves_no_trace(
    matrix: Index, pypi: Pypi, tmp_path: Path
) -> None:
    import pty

    folder = locked(matrix, tmp_path)
    environ = pypi(matrix).environ
    environ.pop("NO_COLOR", None)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "poetry_lockguard", "check", "--online"]

    ran = subprocess.run(command, cwd=folder, env=environ, stdout=-1, stderr=theirs, check=True)
    seen = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)

    assert ran.stdout.startswith(b"poetry.lock: fresh\n")
    assert seen.startswith("\rAsked about 1 of 2 …")
    assert seen.endswith(" \r")


@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt")
def test_an_interrupted_look_ends_at_once(matrix: Index, pypi: Pypi, tmp_path: Path) -> None:
    import signal

    folder = locked(matrix, tmp_path)
    silent = pypi(matrix)
    silent.server.fault("/", hang())
    command = [sys.executable, "-m", "poetry_lockguard", "check", "--online"]
    began = subprocess.Popen(command, cwd=folder, env=silent.environ, stderr=-1, text=True)
    while not silent.server.asked and began.poll() is None:
        time.sleep(0.02)
    began.send_signal(signal.SIGINT)
    _, said = began.communicate(timeout=5)

    assert began.returncode == 1
    assert said == "lockguard: interrupted\n"


@pytest.mark.live
def test_the_quickstart_can_be_had_from_this_machines_index(
    run: Door, story: Callable[[str], Path]
) -> None:
    result = run("lockguard check --online", story("quickstart"))

    assert result.out.startswith("poetry.lock: stale\n")
    assert "\nonline: asked about " in result.out
    assert "file-gone" not in result.out
    assert "file-changed" not in result.out
